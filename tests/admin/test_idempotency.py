"""Requests with an Idempotency-Key have one effect, and one answer."""

import subprocess
import sys
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from scim_server.services.access import commands as access
from scim_server.store.database.session import Database, Write
from scim_server.store.tables import idempotency_keys
from tests.admin.calling import Place, Vendor, problem
from tests.api.wire import command, founded
from tests.support.servers.running import Server

PROCESSES = 16
SENDER = """
import http.client, sys
host, path, key, secret, body = sys.argv[1:]
connection = http.client.HTTPConnection(host, timeout=60)
headers = {"Authorization": "Bearer " + secret, "Idempotency-Key": key, "Content-Type": "application/json"}
sys.stdin.readline()
connection.request("POST", path, body, headers)
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"""


def names(acme: Place) -> list[str]:
    return sorted(one["name"] for one in acme.get("/scim-tokens")["data"])


def key() -> str:
    return uuid4().hex


def test_a_repeated_request_has_no_second_effect_and_gets_the_same_answer(acme: Place) -> None:
    once = key()

    first = acme.call("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)
    again = acme.call("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (201, False)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.content == first.content
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert names(acme) == ["first", "okta"]


def test_a_key_that_was_used_for_another_request_is_refused(vendor: Vendor, acme: Place) -> None:
    once, other = key(), vendor.organization()
    acme.post("/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    answers = [
        acme.refused("POST", "/scim-tokens", {"name": "entra"}, Idempotency_Key=once),
        acme.refused("POST", "/scim-tokens/first/rotation", None, Idempotency_Key=once),
        other.refused("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once),
    ]

    assert answers == [(409, "idempotency_key_reused")] * 3
    assert (names(acme), names(other)) == (["first", "okta"], ["first"])


def test_another_api_key_may_use_the_same_idempotency_key(vendor: Vendor, acme: Place) -> None:
    once = key()
    acme.post("/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    with vendor.with_key() as other:
        answer = other.post(
            f"/organizations/{acme.slug}/scim-tokens",
            json={"name": "entra"},
            headers={"Idempotency-Key": once},
        )

    assert answer.status_code == 201
    assert names(acme) == ["entra", "first", "okta"]


def test_a_refused_request_may_be_repeated_after_its_reason_is_gone(acme: Place) -> None:
    once = key()
    acme.post("/scim-tokens", {"name": "okta"})

    refused = acme.refused("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)
    acme.call("DELETE", "/scim-tokens/okta")
    repeated = acme.call("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    assert refused == (409, "token_name_taken")
    assert (repeated.status_code, "Idempotency-Replayed" in repeated.headers) == (201, False)


def test_a_preview_does_not_use_up_the_key(acme: Place) -> None:
    once = key()
    previewed = acme.post("/suspend?preview=true", Idempotency_Key=once)

    done = acme.post("/suspend", Idempotency_Key=once)

    assert (previewed["preview"], done["preview"], done["changed"]) == (True, False, True)


def test_an_organization_is_created_once(vendor: Vendor) -> None:
    slug, once = f"o{uuid4().hex}", key()
    body = {"slug": slug, "seats": {"standard": 1}, "owner": {"email": "boss@example.com", "active": True}}

    first, again = (
        vendor.client.post("/organizations", json=body, headers={"Idempotency-Key": once}) for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"


def test_an_effect_whose_answer_was_not_stored_is_not_repeated(
    acme: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the commit and the answer."""

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    once = key()
    with monkeypatch.context() as patched, pytest.raises(Killed):  # noqa: PT012 - patched for the call alone
        patched.setattr(access.Once, "remember", killed)
        acme.call("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    soon = acme.call("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)
    database = acme.vendor.database
    after = database.now() + timedelta(minutes=2)
    monkeypatch.setattr(database, "now", lambda: after)
    later = acme.refused("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    assert problem(soon) == (409, "idempotency_in_progress")
    assert soon.headers["Retry-After"] == "1"
    assert later == (409, "idempotency_answer_lost")
    assert names(acme) == ["first", "okta"]


def test_a_request_that_fails_stores_neither_its_effect_nor_its_key(
    acme: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = key()
    with monkeypatch.context() as patched:
        patched.setattr(Write, "require_all_appended", lambda _: 1 / 0)
        failed = acme.call("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    repeated = acme.call("POST", "/scim-tokens", {"name": "okta"}, Idempotency_Key=once)

    assert problem(failed) == (500, "internal_error")
    assert (repeated.status_code, "Idempotency-Replayed" in repeated.headers) == (201, False)


def test_after_a_day_the_key_can_be_used_again_and_old_keys_are_deleted(
    acme: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    once, database = key(), acme.vendor.database
    acme.post("/scim-tokens", {"name": "okta"}, Idempotency_Key=once)
    acme.post("/scim-tokens", {"name": "jumpcloud"}, Idempotency_Key=key())
    tomorrow = database.now() + timedelta(hours=25)
    monkeypatch.setattr(database, "now", lambda: tomorrow)

    answer = acme.call("POST", "/scim-tokens", {"name": "entra"}, Idempotency_Key=once)
    forgotten = access.forget_idempotency_keys(database)

    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (201, False)
    assert forgotten >= 1
    assert len(stored(database)) == 1


def test_stored_answers_cannot_be_read_without_the_secret_of_the_caller(acme: Place) -> None:
    secret = acme.post("/scim-tokens", {"name": "okta"}, Idempotency_Key=key())["token"]

    rows = [str(row) for row in stored(acme.vendor.database)]

    assert rows
    assert [row for row in rows if secret in row or "okta" in row] == []


def stored(database: Database) -> list[object]:
    with database.snapshot() as connection:
        return list(connection.execute(select(idempotency_keys)))


@pytest.mark.parametrize("wrong", ["", " ", "a b", "x" * 256])
def test_a_malformed_key_is_refused(acme: Place, wrong: str) -> None:
    answer = acme.vendor.client.post(
        f"/organizations/{acme.slug}/scim-tokens", json={}, headers={"Idempotency-Key": wrong}
    )

    assert problem(answer) == (400, "invalid_header")
    assert names(acme) == ["first"]


def test_of_sixteen_processes_with_one_key_one_has_the_effect(server: Server) -> None:
    organization = founded(server, standard=1)
    secret = command(server, "api-key", "create", "--name", key(), "--scope=tokens:write")["key"]
    path, once = f"/v1/organizations/{organization.slug}/scim-tokens", key()
    host = httpx.URL(server.url).netloc.decode()
    arguments = [sys.executable, "-S", "-E", "-c", SENDER, host, path, once, secret, '{"name": "okta"}']
    senders = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]

    for sender in senders:
        assert sender.stdin is not None
        sender.stdin.write("\n")
        sender.stdin.flush()
    answers = [sender.communicate(timeout=60)[0].strip() for sender in senders]

    made = {answer for answer in answers if answer.startswith("201 ")}
    others = {answer.split('"code":"')[1].split('"')[0] for answer in answers if answer not in made}
    assert len(made) == 1
    assert others <= {"idempotency_in_progress"}
    listed = command(server, "token", "list", organization.slug)["data"]
    assert sorted(one["name"] for one in listed) == ["first", "okta"]
