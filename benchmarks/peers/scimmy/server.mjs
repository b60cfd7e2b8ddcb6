// scimmy-routers as in its README, with the resources in memory, filled before the first request.
// SEED is the path of the file of people and groups. PORT and TOKEN are the server's port and token.
import {createRequire} from "node:module";
import {randomUUID} from "node:crypto";
import {createInterface} from "node:readline";
import {createReadStream} from "node:fs";

// The packages are not in a folder above, and NODE_PATH does not work for modules.
const require = createRequire(process.env.INSTALLED + "/");
const express = require("express");
const SCIMMY = require("scimmy");
const routers = require("scimmy-routers");
const SCIMMYRouters = routers.default ?? routers;

const people = new Map();
const groups = new Map();
const byUserName = new Map();

function keep(store, id, data) {
    const now = new Date().toISOString();
    const created = store.get(id)?.meta?.created ?? now;
    const kept = {...data, id, meta: {resourceType: store === people ? "User" : "Group", created, lastModified: now}};
    store.set(id, kept);
    return kept;
}

function find(store, resource) {
    if (!resource.id) return resource.filter ? resource.filter.match([...store.values()]) : [...store.values()];
    const found = store.get(resource.id);
    if (!found) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
    return found;
}

function keepPerson(id, data) {
    const name = data.userName.toLowerCase();
    const taken = byUserName.get(name);
    if (taken && taken !== id) throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
    byUserName.set(name, id);
    return keep(people, id, data);
}

SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .extend(SCIMMY.Schemas.EnterpriseUser)
    .ingress((resource, data) => keepPerson(resource.id ?? randomUUID(), data))
    .egress((resource) => find(people, resource))
    .degress((resource) => {
        byUserName.delete(find(people, resource).userName.toLowerCase());
        people.delete(resource.id);
    });
SCIMMY.Resources.declare(SCIMMY.Resources.Group)
    .ingress((resource, data) => keep(groups, resource.id ?? randomUUID(), data))
    .egress((resource) => find(groups, resource))
    .degress((resource) => groups.delete(resource.id));

for await (const line of createInterface({input: createReadStream(process.env.SEED)})) {
    const [kind, id, body] = JSON.parse(line);
    if (kind === "User") keepPerson(id, body);
    else keep(groups, id, body);
}

const app = express();
app.use("/scim", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${process.env.TOKEN}`) throw new Error("wrong token");
        return "provider";
    },
}));
app.listen(Number(process.env.PORT), "127.0.0.1");
