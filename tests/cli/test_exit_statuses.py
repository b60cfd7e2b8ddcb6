"""Exit statuses, and the one clear line of a failure."""

import json
import re
from typing import Any

import pytest

from tests.api.wire import founded
from tests.campaigns import books
from tests.cli.test_commands import run
from tests.support.servers.running import Organization, Server

BAD_USAGE: dict[str, tuple[str, ...]] = {
    "an unknown command": ("frobnicate",),
    "an unknown option": ("org", "list", "--frobnicate"),
    "no slug": ("seats", "show"),
    "no seats": ("org", "create", "acme"),
    "seats without a number": ("org", "create", "acme", "--seats", "standard"),
    "seats without a tier": ("org", "create", "acme", "--seats", "=5"),
    "seats that are no number": ("org", "create", "acme", "--seats", "standard=many"),
    "seats with a fraction": ("org", "create", "acme", "--seats", "standard=1.5"),
    "negative seats": ("org", "create", "acme", "--seats", "standard=-1"),
    "more seats than there can be": ("org", "create", "acme", "--seats", "standard=99999999999"),
    "a tier twice": ("org", "create", "acme", "--seats", "standard=1", "--seats", "standard=2"),
    "an unknown overflow": ("org", "create", "acme", "--seats", "standard=1", "--overflow", "explode"),
    "nothing to set": ("org", "set", "SLUG"),
    "nothing to add": ("seats", "add", "SLUG"),
    "negative seats to add": ("seats", "add", "SLUG", "standard=-5"),
    "an unknown mode": ("org", "set", "SLUG", "--mode", "magic"),
    "an unknown outcome": ("log", "list", "SLUG", "--outcome", "happy"),
    "a time that is none": ("log", "list", "SLUG", "--since", "yesterday"),
    "a limit of 0": ("log", "list", "SLUG", "--limit", "0"),
    "a retry of nobody": ("log", "retry", "SLUG"),
    "a retry of one and all": ("log", "retry", "SLUG", "SLUG-1", "--all"),
    "a token for no days": ("token", "create", "SLUG", "--days", "0"),
    "a port that is none": ("serve", "--port", "70000"),
    "no workers": ("serve", "--workers", "0"),
}


FAILURES: dict[str, tuple[tuple[str, ...], str]] = {
    "an unknown organization": (("seats", "show", "nobody"), "'nobody'"),
    "an unknown organization to set": (("org", "set", "nobody", "--overflow", "queue"), "'nobody'"),
    "an unknown organization's log": (("log", "list", "nobody"), "'nobody'"),
    "an unknown organization's tokens": (("token", "list", "nobody"), "'nobody'"),
    "an organization that is there": (
        ("org", "create", "SLUG", "--seats", "standard=1"),
        "already exists",
    ),
    "an unknown tier": (("org", "create", "acme", "--seats", "gold=1"), "standard, premium"),
    "an unknown tier to add": (("seats", "add", "SLUG", "gold=1"), "gold"),
    "an unknown tier to set": (("org", "set", "SLUG", "--seats", "gold=1"), "gold"),
    "0 seats to add": (("seats", "add", "SLUG", "standard=0", "--yes"), "above 0"),
    "an unknown person": (("seats", "add", "SLUG", "standard=1", "--for", "eve@x"), "'eve@x'"),
    "a capital in a slug": (("org", "create", "Acme", "--seats", "standard=1"), "'Acme'"),
    "an underscore in a slug": (("org", "create", "a_b", "--seats", "standard=1"), "'a_b'"),
    "a hyphen at an end of a slug": (("org", "create", "a-", "--seats", "standard=1"), "'a-'"),
    "an empty slug": (("org", "create", "", "--seats", "standard=1"), "''"),
    "a long slug": (("org", "create", "a" * 64, "--seats", "standard=1"), "63"),
    "a slug of two lines": (("org", "create", "a\nb", "--seats", "standard=1"), "lower-case"),
    "an owner without a seat": (
        ("org", "create", "acme", "--seats", "standard=0", "--owner", "o@x", "--active"),
        "seat",
    ),
    "an invited owner without a seat": (
        ("org", "create", "acme", "--seats", "standard=0", "--owner", "o@x.example"),
        "needs a seat",
    ),
    "an invited owner without an address": (
        ("org", "create", "acme", "--seats", "standard=1", "--owner", "boss"),
        "not an e-mail address",
    ),
    "an unknown token": (("token", "revoke", "SLUG", "nothing"), "'nothing'"),
    "an unknown refusal": (("log", "retry", "SLUG", "SLUG-999"), "no open refusal"),
    "a refusal that is none": (("log", "retry", "SLUG", "twelve"), "'twelve'"),
    "a page that is none": (("log", "list", "SLUG", "--before", "x"), "'x'"),
}

CHANGEABLE = ("organization_clock", "seat_pool", "tokens", "events")


def everything(server: Server, organization: Organization) -> dict[str, list[Any]]:
    """The rows that a failed command must not change; commands that show them take ten times as long."""
    return books.rows(server.environment["SCIM_SEATS_DATABASE_URL"], organization.slug, CHANGEABLE)


@pytest.fixture(scope="module")
def acme(server: Server) -> Organization:
    """An organization that nothing here changes."""
    return founded(server, standard=2)


@pytest.mark.parametrize("arguments", BAD_USAGE.values(), ids=BAD_USAGE.keys())
def test_wrong_usage_exits_with_2_and_a_hint(
    server: Server, acme: Organization, arguments: tuple[str, ...]
) -> None:
    before = everything(server, acme)

    done = run(server, *(argument.replace("SLUG", acme.slug) for argument in arguments))

    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage: " in done.stderr
    assert "Error: " in done.stderr
    assert everything(server, acme) == before


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize(("arguments", "named"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_exits_with_1_and_one_line(
    server: Server, acme: Organization, arguments: tuple[str, ...], named: str, *, as_json: bool
) -> None:
    before = everything(server, acme)
    given = [argument.replace("SLUG", acme.slug) for argument in arguments]

    done = run(server, *given, *(["--json"] if as_json else []))

    assert (done.exit_code, done.stdout) == (1, "")
    if as_json:
        assert set(json.loads(done.stderr)["error"]) == {"code", "detail"}
    else:
        assert re.fullmatch(r"scim-seats: [^\n]+\n", done.stderr), done.stderr
    assert named in done.stderr
    assert everything(server, acme) == before


def test_a_separate_process_gives_the_same_exit_statuses_and_streams(
    server: Server, acme: Organization
) -> None:
    good = server.separately("seats", "show", acme.slug, "--json")
    failed = server.separately("seats", "show", "nobody", "--json", check=False)
    misused = server.separately("seats", "--nothing", check=False)

    assert (good.returncode, json.loads(good.stdout)["waiting_any"], good.stderr) == (0, 0, "")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (1, "", 1)
    assert (misused.returncode, misused.stdout) == (2, "")
