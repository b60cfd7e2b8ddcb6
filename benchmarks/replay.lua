-- Sends prepared requests, one connection for each thread, and judges each answer. The run ends when
-- the time of a thread is over, or when a thread has sent all its requests.
--   wrk -s replay.lua -t N -c N URL -- FOLDER again|once SECONDS
-- For each request, FOLDER/THREAD.requests has a line "BYTES KIND CHECK STATUS,STATUS" and the request itself.
-- CHECK is what the body must contain: total=N, resources=N or created=N, or "-" for no check. After "--samples--" a line of JSON is printed for
-- each thread: when it began and ended, how long each answer took, and the first answers that were wrong.

local ffi = require("ffi")
ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } moment;
int clock_gettime(int clock, moment *now);
int getpid(void);
int kill(int pid, int signal);
]]
local MONOTONIC, INTERRUPT, SHOWN = 1, 2, 5
local now = ffi.new("moment")

local function micros()
    ffi.C.clock_gettime(MONOTONIC, now)
    return tonumber(now.seconds) * 1e6 + tonumber(now.nanoseconds) / 1e3
end

local threads = {}

function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
end

function init(args)
    folder, again, patience = args[1], args[2] == "again", tonumber(args[3]) * 1e6
    local file = assert(io.open(folder .. "/" .. number .. ".requests", "rb"))
    local text = file:read("*a")
    file:close()
    requests, kinds, checks, statuses = {}, {}, {}, {}
    local at = 1
    while at <= #text do
        local from, to, bytes, kind, check, allowed = text:find("^(%d+) (%S+) (%S+) (%S+)\n", at)
        local n = #requests + 1
        requests[n] = text:sub(to + 1, to + tonumber(bytes))
        kinds[n], checks[n] = kind, check
        statuses[n] = "," .. allowed .. ","
        at = to + 1 + tonumber(bytes)
    end
    -- wrk takes one request from the first thread and does not send it.
    tried = number ~= 1
    sent, began, ended, wrong, finished = 0, 0, 0, 0, false
    seen_kinds, seen_micros, examples = {}, {}, {}
end

function request()
    if not tried then
        tried = true
        return requests[1]
    end
    sent = sent + 1
    current = (sent - 1) % #requests + 1
    started = micros()
    if began == 0 then began = started end
    return requests[current]
end

local function occurrences(pattern)
    return function(body)
        local _, count = body:gsub(pattern, "")
        return count
    end
end

counted = {
    total = function(body) return tonumber(body:match('"totalResults"%s*:%s*(%d+)')) end,
    resources = occurrences('"userName"%s*:'),
    created = occurrences('"status"%s*:%s*"?201"?'),
}

local function is_right(status, body)
    if not statuses[current]:find("," .. status .. ",", 1, true) then return false end
    local what, wanted = checks[current]:match("^(%a+)=(%d+)$")
    return what == nil or counted[what](body) == tonumber(wanted)
end

function response(status, headers, body)
    ended = micros()
    seen_kinds[#seen_kinds + 1] = kinds[current]
    seen_micros[#seen_micros + 1] = math.floor(ended - started)
    if not is_right(status, body) then
        wrong = wrong + 1
        if #examples < SHOWN then
            examples[#examples + 1] = kinds[current] .. ": " .. status .. " " .. body:sub(1, 300)
        end
    end
    -- The time is checked after an answer, so every slow request is measured at least once.
    local over = ended - began > patience or (sent == #requests and not again)
    if over and not finished then
        finished = true
        ffi.C.kill(ffi.C.getpid(), INTERRUPT)
        wrk.thread:stop()
    end
end

local function quoted(text)
    return '"' .. text:gsub('[%c"\\\128-\255]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

local function listed(values, form)
    local parts = {}
    for i, value in ipairs(values) do parts[i] = form(value) end
    return "[" .. table.concat(parts, ",") .. "]"
end

local function integer(value) return string.format("%d", value) end

function done(summary, latency, _)
    local errors = summary.errors
    print("--samples--")
    for _, thread in ipairs(threads) do
        print(string.format(
            '{"began":%d,"ended":%d,"wrong":%d,"finished":%s,"lost":%d,"kinds":%s,"micros":%s,"examples":%s}',
            thread:get("began"), thread:get("ended"), thread:get("wrong"), tostring(thread:get("finished")),
            errors.connect + errors.read + errors.write + errors.timeout,
            listed(thread:get("seen_kinds"), quoted), listed(thread:get("seen_micros"), integer),
            listed(thread:get("examples"), quoted)))
    end
end
