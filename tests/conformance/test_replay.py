from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from conformance import replay
from conformance.client import Answer
from conformance.step import read_step
from conformance.target import Target, TargetError
from conformance.transcript import Conversation

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.client import Request
    from conformance.jsonpath import Json

    Serve = Callable[[Callable[[Request], Answer]], Target]


def answer(status: int, document: Json = None, **headers: str) -> Answer:
    content = b"" if document is None else json.dumps(document).encode()
    return Answer(status, headers, content)


def talk(*steps: dict[str, Json]) -> Conversation:
    read = [
        read_step({"method": "GET", "path": "/Users", **step}, line)
        for line, step in enumerate(steps, start=1)
    ]
    return Conversation("talk", "", tuple(read))


def asking(serve: Serve, *answers: Answer) -> tuple[Target, list[Request]]:
    """A server that gives these answers in order, and the requests that it saw."""
    seen: list[Request] = []
    left = iter(answers)

    def answering(request: Request) -> Answer:
        seen.append(request)
        return next(left, answer(200, {}))

    return serve(answering), seen


def test_requests_arrive_as_recorded(serve: Serve) -> None:
    target, seen = asking(serve)
    path = '/Users/?filter=DisplayName+eq+"A b"&x=%2f'
    headers: Json = {"Authorization": "Bearer ${token}", "X-Run": "${RUN}"}

    outcome = replay.run(
        talk(
            {"method": "POST", "path": path, "headers": headers, "body": {"userName": "u-${run}", "n": "é"}}
        ),
        target,
        run_id="r1",
    )

    assert outcome.passed
    (request,) = seen
    assert (request.method, request.path) == ("POST", "/Users/?filter=DisplayName+eq+%22A%20b%22&x=%2f")
    assert request.headers["Authorization"] == f"Bearer {target.token}"
    assert request.headers["X-Run"] == "R1"
    assert "Content-Type" not in request.headers
    assert request.content == '{"userName": "u-r1", "n": "é"}'.encode()


def test_a_saved_value_is_used_by_later_steps(serve: Serve) -> None:
    target, seen = asking(
        serve, answer(201, {"id": "7", "emails": [{"value": "a@b"}]}), answer(200, {"id": "7"})
    )

    outcome = replay.run(
        talk(
            {"save": {"user_id": "$.id", "mail": "$.emails[0].value"}},
            {"path": "/Users/${user_id}?m=${mail}", "expect": {"json": {"id": "${user_id}"}}},
        ),
        target,
    )

    assert outcome.passed
    assert seen[1].path == "/Users/7?m=a@b"


def test_a_missing_value_fails_the_step_that_saves_it_and_the_steps_that_use_it(serve: Serve) -> None:
    target, seen = asking(serve, answer(200, {}))

    outcome = replay.run(talk({"save": {"user_id": "$.id"}}, {"path": "/Users/${user_id}"}), target)

    assert [step.failures for step in outcome.steps] == [
        ("save user_id: $.id is not in the answer",),
        ("not sent: ${user_id} has no value: no earlier answer left one",),
    ]
    assert len(seen) == 1


def test_a_missing_variable_does_not_hide_other_failures(serve: Serve) -> None:
    target, _ = asking(serve, answer(200, {}), answer(500, {}))

    outcome = replay.run(
        talk({"save": {"id": "$.id"}}, {"expect": {"status": [200], "json": {"id": "${id}"}}}), target
    )

    assert outcome.steps[1].failures == (
        "status: expected 200, found 500",
        "${id} has no value: no earlier answer left one",
    )


def test_a_saved_address_is_requested_only_below_the_base_url(serve: Serve) -> None:
    target, seen = asking(serve)

    outcome = replay.run(
        talk({"path": "${base}/Users/7"}, {"path": "/x", "save": {"away": "$"}}, {"path": "${token}"}), target
    )

    assert [request.path for request in seen] == ["/Users/7", "/x"]
    assert outcome.steps[2].failures == ("not sent: '***' is not below the base URL",)


@pytest.mark.parametrize(
    ("expectation", "failure"),
    [
        ({"expect": {"status": [200, 201]}}, "status: expected 200 or 201, found 202"),
        ({"expect": {"json": {"id": "8"}}}, '$.id: expected "8", found "7"'),
        ({"expect": {"json": {"more": [1]}}}, "$.more: expected [1], found nothing"),
        (
            {"expect_headers": {"ETag": {"$regex": "^W/"}}},
            'header ETag: expected {"$regex": "^W/"}, found nothing',
        ),
        ({"expect_headers": {"x-page": "2"}}, 'header x-page: expected "2", found "1"'),
        ({"expect_counts": {"200": 1}}, "answers with status 200: expected 1, found 0"),
        ({"save": {"a[]": "$.none"}}, "save a[]: $.none is not in the answer"),
        (
            {"save": {"a": "$.id", "b[]": "$.id"}, "expect_disjoint": ["a", "b"]},
            "expect_disjoint: a and b share 1",
        ),
    ],
)
def test_a_failed_expectation_is_reported(serve: Serve, expectation: dict[str, Json], failure: str) -> None:
    target, _ = asking(serve, answer(202, {"id": "7"}, **{"X-Page": "1"}))

    outcome = replay.run(talk(expectation), target)

    assert not outcome.passed
    (shown,) = outcome.steps[0].failures
    assert shown.startswith(failure)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[" * 100_000, b"\xff"])
def test_an_answer_without_json_fails_its_expectations(serve: Serve, content: bytes) -> None:
    target, _ = asking(serve, Answer(200, {}, content))

    outcome = replay.run(talk({"expect": {"status": [200], "json": {"id": "7"}}}), target)

    assert outcome.steps[0].failures == ('$: expected {"id": "7"}, found no JSON',)


def test_a_204_needs_no_json(serve: Serve) -> None:
    target, _ = asking(serve, answer(204))

    assert replay.run(talk({"expect": {"status": [200, 204], "json": {"id": "7"}}}), target).passed


def test_a_slow_answer_fails_max_ms(serve: Serve) -> None:
    def slow(_: Request) -> Answer:
        time.sleep(0.03)
        return answer(200, {})

    outcome = replay.run(talk({"max_ms": 10}, {"max_ms": 5000}), serve(slow))

    assert outcome.steps[0].failures[0].startswith("max_ms: expected at most 10 ms, took ")
    assert outcome.steps[1].passed


def test_a_missing_answer_is_a_failure_after_a_timeout_that_max_ms_extends(serve: Serve) -> None:
    def slow(_: Request) -> Answer:
        time.sleep(0.2)
        return answer(200, {})

    outcome = replay.run(talk({}, {"max_ms": 5000}), serve(slow), timeout=0.05)

    assert outcome.steps[0].failures == ("no answer within 0.05 s",)
    assert outcome.steps[0].status is None
    assert outcome.steps[1].passed


def test_an_unreachable_server_is_a_failure() -> None:
    outcome = replay.run(talk({"save": {"id": "$.id"}}), Target("http://127.0.0.1:9/scim", "secret"))

    assert outcome.steps[0].failures[0].startswith("no answer: ")


def test_a_redirect_is_an_answer_like_any_other(serve: Serve) -> None:
    target, seen = asking(serve, answer(307, None, Location="/elsewhere"))

    outcome = replay.run(talk({"expect": {"status": [307]}}), target)

    assert outcome.passed
    assert len(seen) == 1


def test_proxies_from_the_environment_are_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    target, _ = asking(serve)

    assert replay.run(talk({}), target).passed


def test_a_repeat_runs_once_per_value_and_its_lists_serve_later_steps(serve: Serve) -> None:
    target, seen = asking(serve, *(answer(201, {"id": f"u{number}"}) for number in range(3)))

    outcome = replay.run(
        talk(
            {
                "method": "POST",
                "body": {"userName": "${i}"},
                "repeat": {"var": "i", "from": 1, "to": 3},
                "save": {"ids[]": "$.id"},
            },
            {"method": "PATCH", "body": {"$each": "ids", "as": {"value": "${item}"}}},
        ),
        target,
    )

    assert outcome.passed
    assert outcome.steps[0].requests == 3
    assert [json.loads(request.content or b"") for request in seen] == [
        {"userName": "1"},
        {"userName": "2"},
        {"userName": "3"},
        [{"value": "u0"}, {"value": "u1"}, {"value": "u2"}],
    ]


def test_a_parallel_repeat_sends_its_requests_concurrently(serve: Serve) -> None:
    meeting = threading.Barrier(4, timeout=5)

    def together(request: Request) -> Answer:
        meeting.wait()
        number = request.path.rpartition("/")[2]
        return answer(201 if number == "3" else 403, {"id": number})

    step: dict[str, Json] = {
        "path": "/Users/${i}",
        "repeat": {"var": "i", "from": 1, "to": 4, "parallel": True},
        "expect": {"status": [201, 403]},
        "expect_counts": {"201": 1, "403": {"$gte": 3}, "500": 0},
        "save": {"ids[]": "$.id"},
    }
    outcome = replay.run(talk(step), serve(together))

    assert outcome.passed, outcome


def test_a_saved_list_omits_refused_rounds(serve: Serve) -> None:
    target, seen = asking(serve, answer(201, {"id": "1"}), answer(403, {"id": "2"}), answer(201, {"id": "3"}))

    replay.run(
        talk(
            {"repeat": {"var": "i", "from": 1, "to": 3}, "save": {"ids[]": "$.id"}},
            {"method": "PUT", "body": "${ids}"},
        ),
        target,
    )

    assert seen[3].content == b'["1", "3"]'


def test_only_the_first_failed_rounds_are_reported_in_detail(serve: Serve) -> None:
    target, _ = asking(serve, *(answer(500) for _ in range(9)))

    outcome = replay.run(
        talk({"repeat": {"var": "i", "from": 1, "to": 10}, "expect": {"status": [200]}}), target
    )

    assert outcome.steps[0].failures == (
        "i=1: status: expected 200, found 500",
        "i=2: status: expected 200, found 500",
        "i=3: status: expected 200, found 500",
        "and 6 more of 10 requests failed",
    )


def test_overlapping_pages_are_reported(serve: Serve) -> None:
    target, _ = asking(
        serve,
        answer(200, {"Resources": [{"id": "1"}, {"id": "2"}]}),
        answer(200, {"Resources": [{"id": "2"}, {"id": "3"}]}),
    )

    outcome = replay.run(
        talk(
            {"save": {"first": "$.Resources[*].id"}},
            {"save": {"second": "$.Resources[*].id"}, "expect_disjoint": ["first", "second"]},
        ),
        target,
    )

    assert outcome.steps[1].failures == ('expect_disjoint: first and second both have 1 values, such as "2"',)


def test_an_optional_step_may_fail(serve: Serve) -> None:
    target, _ = asking(serve, answer(401))

    outcome = replay.run(talk({"expect": {"status": [200]}, "optional": True}), target)

    assert outcome.passed
    assert not outcome.steps[0].passed


def test_later_steps_run_after_a_failure(serve: Serve) -> None:
    target, seen = asking(serve, answer(500), answer(200))

    outcome = replay.run(talk({"expect": {"status": [200]}}, {"expect": {"status": [200]}}), target)

    assert [step.passed for step in outcome.steps] == [False, True]
    assert not outcome.passed
    assert len(seen) == 2


def test_a_control_step_calls_the_control_and_reports_its_failure(serve: Serve) -> None:
    target, seen = asking(serve)
    asked: list[tuple[Json, Target, str]] = []

    def control(body: Json, target: Target, run_id: str) -> str | None:
        asked.append((body, target, run_id))
        return None if len(asked) == 1 else "no such switch"

    hook: dict[str, Json] = {"method": "CONTROL", "path": "/", "body": {"seats_free": 0}}
    outcome = replay.run(talk(hook, {}, hook), target, control, run_id="r1")

    assert asked == [({"seats_free": 0}, target, "r1")] * 2
    assert [step.failures for step in outcome.steps] == [(), (), ("no such switch",)]
    assert len(seen) == 1


def test_a_conversation_that_needs_a_control_is_not_started_without_one(serve: Serve) -> None:
    target, seen = asking(serve)

    outcome = replay.run(talk({}, {"method": "CONTROL", "path": "/"}), target)

    assert (outcome.passed, outcome.reason, outcome.steps) == (False, "needs --control-command", ())
    assert not seen


def test_an_outcome_contains_no_token(serve: Serve) -> None:
    def echo(request: Request) -> Answer:
        credentials = request.headers["Authorization"]
        return answer(500, {"detail": credentials}, **{"X-Echo": credentials, "Set-Cookie": "session=1"})

    headers: Json = {"Authorization": "Bearer ${token}"}
    target = serve(echo)

    outcome = replay.run(
        talk(
            {
                "path": "/${token}",
                "headers": headers,
                "body": "${token}",
                "expect": {"status": [200], "json": {"detail": ""}},
                "expect_headers": {"X-Echo": "${token}"},
            },
            {"headers": {"Authorization": "${bad_token}"}, "expect": {"status": [200]}},
        ),
        target,
    )

    assert target.token not in repr(outcome)
    exchange = outcome.steps[0].exchange
    assert exchange is not None
    assert exchange.headers == {"Authorization": "Bearer ***"}
    assert exchange.answer_headers is not None
    assert (exchange.answer_headers["x-echo"], exchange.answer_headers["set-cookie"]) == ("Bearer ***", "***")
    other = outcome.steps[1].exchange
    assert other is not None
    assert other.headers == {"Authorization": "***"}


@pytest.mark.parametrize(
    "url", ["", "example.com/v2", "ftp://a/b", "http://", "http://a:x/", "http://a/?q=1", "http://a b/"]
)
def test_an_invalid_base_url_is_refused(url: str) -> None:
    with pytest.raises(TargetError):
        Target(url, "secret")


@pytest.mark.parametrize("token", ["", "a\nb"])
def test_an_invalid_token_is_refused(token: str) -> None:
    with pytest.raises(TargetError):
        Target("http://a", token)
