"""API keys: for one organization, with an expiry, rotated in two steps, and revoked at once."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from scim_server import bearer
from scim_server.services.access import commands as access
from scim_server.services.access.queries import digest
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import api_keys
from scim_server.store.rows.api_keys import ApiKey
from tests.api.wire import command, founded
from tests.support.servers.running import Organization, Server

TOKENS = ("--scope", "tokens:read")


@pytest.fixture
def acme(server: Server) -> Organization:
    return founded(server, standard=1)


@contextmanager
def client(server: Server, secret: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.Client(
        base_url=f"{server.url}/v1", headers=headers, timeout=60, trust_env=False, verify=False
    ) as opened:
        yield opened


def statuses(server: Server, acme: Organization, *secrets: str) -> list[int]:
    """The status of a call with each secret, after every process has forgotten what it knew before."""
    time.sleep(bearer.CACHE_SECONDS)
    return [status(server, acme, secret) for secret in secrets]


def status(server: Server, acme: Organization, secret: str) -> int:
    """The status of a call with a secret, the same in every process."""
    with client(server, secret) as app:
        answers = {app.get(f"/organizations/{acme.slug}/scim-tokens").status_code for _ in range(8)}
    (found,) = answers
    return found


def test_a_new_key_says_what_it_is_and_when_it_was_used(server: Server, acme: Organization) -> None:
    name = uuid4().hex
    made = command(server, "api-key", "create", "--name", name, *TOKENS, "--days", "30")

    with client(server, made["key"]) as app:
        app.get(f"/organizations/{acme.slug}/scim-tokens").raise_for_status()

    (listed,) = [one for one in command(server, "api-key", "list")["data"] if one["name"] == name]
    assert made["key"].startswith("scs_live_")
    assert (listed["organization"], listed["revoked"], listed["rotating"]) == (None, None, None)
    assert listed["expires"] == made["expires"] > listed["last_used"] > listed["created"]


def test_a_key_with_the_prefix_of_earlier_versions_works(
    server: Server, database: Database, acme: Organization
) -> None:
    old = f"ssk_{uuid4().hex}"
    key = ApiKey(str(uuid4()), "old", frozenset({"tokens:read"}), timestamp(database.now()), None)
    database.write_unnumbered(lambda connection: api_keys.add(connection, key, digest(old)))

    assert status(server, acme, old) == 200


def test_both_secrets_work_during_a_rotation_and_one_after_it(server: Server, acme: Organization) -> None:
    names = completed, cancelled = uuid4().hex, uuid4().hex
    first = {name: command(server, "api-key", "create", "--name", name, *TOKENS)["key"] for name in names}

    second = {name: command(server, "api-key", "rotate", "start", name)["key"] for name in names}
    during = [status(server, acme, secret) for secret in (*first.values(), *second.values())]
    command(server, "api-key", "rotate", "complete", completed)
    command(server, "api-key", "rotate", "cancel", cancelled)

    assert during == [200] * 4
    after = statuses(server, acme, first[completed], second[completed], first[cancelled], second[cancelled])
    assert after == [401, 200, 200, 401]


def test_a_rotation_begins_once_and_ends_once(server: Server) -> None:
    name = uuid4().hex
    command(server, "api-key", "create", "--name", name)

    ended_before = server.command("api-key", "rotate", "complete", name, "--json", check=False)
    command(server, "api-key", "rotate", "start", name)
    begun_twice = server.command("api-key", "rotate", "start", name, "--json", check=False)
    command(server, "api-key", "rotate", "cancel", name)
    ended_twice = server.command("api-key", "rotate", "cancel", name, "--json", check=False)

    failures = [one.stderr for one in (ended_before, begun_twice, ended_twice)]
    assert [json.loads(one)["error"]["code"] for one in failures] == [
        "no_rotation",
        "rotation_runs",
        "no_rotation",
    ]


def test_a_revoked_key_is_refused_by_every_process_within_a_second_with_both_secrets(
    server: Server, acme: Organization
) -> None:
    name = uuid4().hex
    first = command(server, "api-key", "create", "--name", name, *TOKENS)["key"]
    second = command(server, "api-key", "rotate", "start", name)["key"]
    with client(server, first) as app:
        [app.get(f"/organizations/{acme.slug}/scim-tokens").raise_for_status() for _ in range(8)]

    command(server, "api-key", "revoke", name, "--yes")

    assert statuses(server, acme, first, second) == [401, 401]


def test_an_expired_key_is_refused(
    server: Server, database: Database, acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = database.now() - timedelta(days=1)
    with monkeypatch.context() as patched:
        patched.setattr(database, "now", lambda: yesterday)
        ended, live = (
            access.create_api_key(
                database, uuid4().hex, ["tokens:read"], lifetime=timedelta(hours=hours)
            ).secret
            for hours in (23, 25)
        )

    assert [status(server, acme, ended), status(server, acme, live)] == [401, 200]


def test_a_key_for_an_unknown_organization_is_not_created(server: Server) -> None:
    done = server.command("api-key", "create", "--organization", "nobody", "--json", check=False)

    assert json.loads(done.stderr)["error"]["code"] == "unknown_organization"
