"""Who may do what, for every route of the console, from the table of routes itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from scim_server.app import create_app
from scim_server.console import areas
from scim_server.console.routes import Pages, Permission, UndeclaredRoute
from scim_server.services.access import commands as access
from scim_server.services.billing import commands as billing
from scim_server.services.billing.purchases import Request
from scim_server.services.errors import NoConsoleAccess
from scim_server.store.tables import metadata
from seat_policy.bill import Order
from seat_policy.roles import Role
from tests.api.in_process import PUBLIC_URL
from tests.console.addresses import PERMISSIONS, ROUTES, endpoint_of, walked
from tests.console.conftest import Found
from tests.console.visiting import OWNER, Place, Visit

ADMIN = "admin@example.com"
RULES = sorted(
    (rule for rule in ROUTES.iter_rules() if PERMISSIONS[rule.endpoint] is not Permission.PUBLIC),
    key=lambda rule: (rule.rule, rule.endpoint),
)
OF_OWNERS = (Permission.BILLING, Permission.SPENDING)
OF_SIGN_IN = ("sign_in_links", "sessions")
"""Tables about the visit itself."""
OF_ALL = {"slug", "provider"}
"""Parts of addresses that are the same in every organization: a guide is for a kind of provider."""
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization with an Admin, and something in every list."""
    place = new_place({"standard": 3}, prices={"standard": "120", "premium": "240"})
    place.member(ADMIN, Role.ADMIN)
    place.member("ada@example.com")
    assert place.create("grace@example.com") == [403]
    billing.buy(place.context, Request(Order({"premium": 1})))
    access.create_token(place.context, "second")
    with place.provider() as provider:
        provider.post("/Groups", json={"displayName": "Engineering"}).raise_for_status()
    return place


def method_of(rule: Rule) -> str:
    return "POST" if "POST" in (rule.methods or ()) else "GET"


def path_of(rule: Rule, slug: str, values: Mapping[str, object] | None = None) -> str:
    """The address of a route. For an id that is not given, an id that nobody has is used."""
    others = {name: _nowhere(rule._converters[name]) for name in rule.arguments - {"slug"}}
    built: str = ROUTES.bind("localhost").build(
        rule.endpoint, {"slug": slug} | others | dict(values or {}), method_of(rule)
    )
    return built


def _nowhere(converter: BaseConverter) -> object:
    match converter:
        case AnyConverter():
            return min(converter.items)
        case IntegerConverter():
            return 999_999
        case _:
            return UNKNOWN


def send(visit: Visit, rule: Rule, path: str, *, token: str | None = None) -> httpx.Response:
    """Send a request; forms carry the token of the visit."""
    if method_of(rule) == "GET":
        return visit.client.get(f"{PUBLIC_URL}{path}")
    given = visit.hidden("csrf_token") if token is None else token
    return visit.client.post(f"{PUBLIC_URL}{path}", data={"csrf_token": given})


def stored(place: Place) -> dict[str, Any]:
    """Every row of the organization, but those of its visits."""
    rows = {}
    with place.context.database.reader.connect() as connection:
        for table in metadata.sorted_tables:
            owner = table.c.get("organization", table.c.id if table.name == "organizations" else None)
            if owner is None or table.name in OF_SIGN_IN:
                continue
            found = connection.execute(select(table).where(owner == place.context.organization)).all()
            rows[table.name] = sorted(map(repr, found))
    return rows


def test_without_a_session_every_route_leads_to_the_sign_in_and_changes_nothing(place: Place) -> None:
    before = stored(place)
    answers = {rule.rule: send(place.stranger(), rule, path_of(rule, place.slug), token="") for rule in RULES}

    wrong = {
        path: answer.status_code
        for path, answer in answers.items()
        if answer.status_code != 303
        or not answer.headers["Location"].startswith(f"/console/{place.slug}/sign-in")
    }
    assert wrong == {}
    assert stored(place) == before


def test_a_user_has_no_session(place: Place) -> None:
    with pytest.raises(NoConsoleAccess, match="has the role user"):
        place.link("ada@example.com")


def test_an_admin_is_refused_every_route_of_owners_and_no_other(place: Place) -> None:
    admin, before = place.enter(ADMIN), stored(place)
    admin.get("/sessions")

    refused = {}
    for rule in RULES:
        if PERMISSIONS[rule.endpoint] in OF_OWNERS or method_of(rule) == "GET":
            answer = send(admin, rule, path_of(rule, place.slug))
            refused[rule.endpoint] = (
                answer.status_code == 403 and "Your role does not allow this" in answer.text
            )

    assert refused == {name: PERMISSIONS[name] in OF_OWNERS for name in refused}
    assert any(refused.values())
    assert stored(place) == before


def test_an_owner_opens_every_page_and_this_changes_nothing(place: Place) -> None:
    owner, before = place.enter(), stored(place)

    found = walked(lambda path: owner.client.get(f"{PUBLIC_URL}{path}", follow_redirects=True), place.slug)
    others = [rule for rule in RULES if method_of(rule) == "GET" and rule.endpoint not in found.pages]
    statuses = {rule.rule: send(owner, rule, path_of(rule, place.slug)).status_code for rule in others}

    assert found.pages
    assert {
        rule: status for rule, status in statuses.items() if status not in (200, 303, 400, 404, 409)
    } == {}
    assert stored(place) == before


@pytest.mark.parametrize("name", [OWNER, ADMIN])
def test_a_form_without_the_token_of_the_session_changes_nothing(place: Place, name: str) -> None:
    visit, before = place.enter(name), stored(place)
    visit.get("/sessions")
    posts = [rule for rule in RULES if method_of(rule) == "POST"]

    statuses = {
        (rule.rule, token): send(visit, rule, path_of(rule, place.slug), token=token).status_code
        for rule in posts
        for token in ("", "a.b.c")
    }

    assert posts
    assert {what: status for what, status in statuses.items() if status != 403} == {}
    assert stored(place) == before
    assert visit.get("").path == ""


def test_an_old_sign_in_spends_nothing(place: Place, clock: Callable[[str], None]) -> None:
    owner = place.enter()
    owner.get("/sessions")
    clock("2026-03-15T09:30:01Z")
    before = stored(place)
    spending = [rule for rule in RULES if PERMISSIONS[rule.endpoint] is Permission.SPENDING]

    answers = {rule.rule: send(owner, rule, path_of(rule, place.slug)) for rule in spending}

    assert answers
    assert {path for path, answer in answers.items() if "Sign in again" not in answer.text} == set()
    assert {answer.status_code for answer in answers.values()} == {403}
    assert stored(place) == before


def test_ids_of_another_organization_do_not_exist_here(place: Place, new_place: Found) -> None:
    here, there = new_place({"standard": 2}), place.enter()
    addresses = walked(
        lambda path: there.client.get(f"{PUBLIC_URL}{path}", follow_redirects=True), place.slug
    )
    owner, before = here.enter().get("/sessions"), stored(place)
    values = dict(found_ids(addresses.pages.values()))

    statuses = {}
    for rule in RULES:
        wanted = rule.arguments - {"slug"}
        if wanted <= OF_ALL:
            continue
        known = {name: values[name] for name in wanted if name in values}
        statuses[rule.rule] = send(owner, rule, path_of(rule, here.slug, known)).status_code

    # An action may also answer that the thing does not exist, and change nothing.
    assert {rule: status for rule, status in statuses.items() if status not in (404, 409)} == {}
    assert stored(place) == before


def found_ids(pages: Iterable[list[str]]) -> Iterator[tuple[str, object]]:
    """Each id in the addresses of the pages, with the name of its argument in the route."""
    for address in (one for addresses in pages for one in addresses):
        assert endpoint_of(address)
        _, arguments = ROUTES.bind("localhost").match(address.partition("?")[0], method="GET")
        yield from ((name, value) for name, value in arguments.items() if name != "slug")


def test_a_route_that_does_not_say_who_may_use_it_does_not_start(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    undeclared = Pages("undeclared")
    undeclared.add_url_rule("/everything", "everything", lambda: "", methods=["GET"])
    monkeypatch.setattr(areas, "PARTS", (*areas.PARTS, undeclared))

    with pytest.raises(UndeclaredRoute, match="/everything"):
        create_app(place.app.extensions["config"], place.context.database)
