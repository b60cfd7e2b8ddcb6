"""Directories of other servers, whatever their lists look like and whatever happens while they are read."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from scim_server.remote import client as remote
from scim_server.remote.errors import RemoteError
from scim_server.remote.reader import Reader
from scim_server.services.context import Context
from scim_server.services.errors import UnreadableSource
from scim_server.services.imports import commands
from scim_server.services.imports.commands import Import, Options
from scim_server.store.database.session import Database
from tests.support.builders.importing import answers, finished, group, person
from tests.support.builders.organization import Organization
from tests.support.servers.other_server import TOKEN, OtherServer, serving

Serve = Callable[[OtherServer], OtherServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda other: stack.enter_context(serving(other))


@pytest.fixture
def acme(database: Database) -> Organization:
    return Organization(database, {"standard": 50}, "reject")


WAITED: list[float] = []


def reader(other: OtherServer, token: str = TOKEN) -> Reader:
    WAITED.clear()
    return Reader(remote.Client(other.url, token, wait=WAITED.append, seconds=5))


def read(context: Context, other: OtherServer, token: str = TOKEN, *, update: bool = False) -> Import:
    opened = reader(other, token)
    try:
        options = Options(keep_ids=True, update=update)
        return commands.read_server(context, other.url, opened, options, lambda *_: None)
    finally:
        opened.client.close()


def people(first: int = 1, last: int = 7) -> list[dict[str, Any]]:
    return [
        person(str(n), f"p{n}", meta={"location": f"https://old.example.com/Users/{n}"})
        for n in range(first, last + 1)
    ]


PECULIAR: dict[str, dict[str, Any]] = {
    "pages by startIndex": {},
    "pages by cursor": {"cursors": True},
    "no counts in lists": {"counts": False},
    "totals of one page": {"counts_page": True},
    "an error after the last page": {"refuses_end": True},
    "everything on each page": {"page": 1000},
    "everything on each page without counts": {"page": 1000, "counts": False, "ignores_start": True},
    "groups without members in lists": {"lists_members": False},
}


@pytest.mark.parametrize("peculiar", PECULIAR)
def test_everybody_moves_in_once_from_any_kind_of_list(
    acme: Organization, serve: Serve, peculiar: str
) -> None:
    groups = [group("g", "Engineers", *map(str, range(1, 6))), group("h", "Empty")]
    other = serve(OtherServer(people(), groups, **PECULIAR[peculiar]))

    report = finished(acme.context(), read(acme.context(), other).id)

    found = answers(acme.context())
    assert set(found) == {*map(str, range(1, 8)), "g", "h"}
    assert [one["value"] for one in found["g"]["members"]] == ["1", "2", "3", "4", "5"]
    assert (report.job.counts["people.created"], report.problems) == (7, ())


def test_the_groups_that_people_name_are_created_if_the_server_lists_none(
    acme: Organization, serve: Serve
) -> None:
    named = [{"value": "g", "display": "Engineers"}, {"display": "Sales"}]
    nested = {"value": "x", "display": "Everybody", "type": "indirect"}
    other = serve(OtherServer([person("1", "ann", groups=[*named, nested]), person("2", "bob")], None))

    finished(acme.context(), read(acme.context(), other).id)

    found = answers(acme.context())
    assert found["g"]["displayName"] == "Engineers"
    assert [one["display"] for one in found["1"]["groups"]] == ["Engineers", "Sales"]
    assert len(found) == 4


def test_nobody_is_missed_or_left_over_if_people_come_and_go_while_the_server_is_read(
    acme: Organization, serve: Serve
) -> None:
    other = serve(OtherServer(people(), page=2))

    def happens() -> None:
        # Person 5 moves to a page that was read, while the total stays the same.
        other.users.pop(0)
        other.users.append(person("8", "p8"))

    other.after[4] = happens

    finished(acme.context(), read(acme.context(), other).id)

    assert set(answers(acme.context())) == set("2345678")


def test_a_slow_or_limiting_server_is_asked_again_after_the_time_that_it_says(
    acme: Organization, serve: Serve
) -> None:
    other = serve(OtherServer(people(1, 1)))
    other.answers = [(429, {"Retry-After": "7"}), (503, {}), (429, {"Retry-After": "never"})]

    read(acme.context(), other)

    assert WAITED == [7.0, 2.0, 4.0]


def test_reading_goes_on_where_it_failed(acme: Organization, serve: Serve) -> None:
    other = serve(OtherServer(people(1, 9), [group("g", "G", "9")], page=3))
    other.after[3] = lambda: other.answers.extend([(500, {})] * 6)
    with pytest.raises(UnreadableSource, match="answers /Users with 500: not now"):
        read(acme.context(), other)
    other.requests.clear()

    job = read(acme.context(), other)

    assert "startIndex=4" in other.requests[0]
    finished(acme.context(), job.id)
    assert set(answers(acme.context())) == {*map(str, range(1, 10)), "g"}


def test_what_was_read_an_hour_ago_is_read_again_unless_the_import_has_begun(
    acme: Organization, serve: Serve
) -> None:
    other = serve(OtherServer(people(1, 1)))
    job = read(acme.context(), other)
    later = acme.database.now() + timedelta(hours=2)

    assert read(acme.context(), other).id == job.id
    acme.database.now = lambda: later
    new = read(acme.context(), other)

    assert new.id != job.id
    next(commands.run(acme.context(), new.id))
    acme.database.now = lambda: later + timedelta(hours=2)
    assert read(acme.context(), other).id == new.id


def test_a_wrong_token_is_named_and_not_shown(acme: Organization, serve: Serve) -> None:
    other = serve(OtherServer(people(1, 1)))

    with pytest.raises(UnreadableSource, match="does not accept the token") as refused:
        read(acme.context(), other, "wrong-token")

    assert "wrong-token" not in str(refused.value)
    assert "wrong-token" not in repr(reader(other, "wrong-token"))


def test_the_token_is_not_sent_to_another_server(acme: Organization, serve: Serve) -> None:
    elsewhere = serve(OtherServer(people()))
    other = serve(OtherServer(people()))
    other.answers = [(302, {"Location": f"{elsewhere.url}/Users"})]

    with pytest.raises(UnreadableSource, match="redirects to"):
        read(acme.context(), other)

    assert elsewhere.requests == []


def test_a_redirect_on_the_same_server_is_followed(acme: Organization, serve: Serve) -> None:
    other = serve(OtherServer(people(1, 1)))
    other.answers = [(308, {"Location": "/scim/v2/ServiceProviderConfig"})]

    assert read(acme.context(), other).state == "ready"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://scim.example.com",
        "scim.example.com/v2",
        "http://scim.example.com/v2",
        "http://10.0.0.1/v2",
        "https://user:secret@scim.example.com/v2",
        "https://scim.example.com/v2?token=secret",
        "https://scim.example.com:port",
        "https://",
    ],
)
def test_a_url_that_would_show_the_token_or_is_none_is_refused(url: str) -> None:
    with pytest.raises(RemoteError) as refused:
        remote.checked_url(url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/v2/", "http://localhost:8080/v2", "http://[::1]:1/v2", "https://x.example.com"]
)
def test_private_addresses_and_this_machine_are_allowed(url: str) -> None:
    assert remote.checked_url(url) == url.rstrip("/")
