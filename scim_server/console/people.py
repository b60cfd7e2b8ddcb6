"""People: the list of members, as pages and as a file, and the page of one member with their story."""

from collections.abc import Iterator
from typing import Final

from flask import Response, abort

from scim_server.console import downloads, filters, listing, pages
from scim_server.console.listing import Listing
from scim_server.console.people_words import flat, given, happened, lock_of_role, lock_of_tier, seat
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, visit
from scim_server.protocol.seat_status import SeatStatus
from scim_server.services.errors import UnknownPerson
from scim_server.services.people import queries
from scim_server.services.people.queries import IDLE_DAYS, Chosen, Profile
from scim_server.services.seat_requests import queries as seat_requests
from scim_server.services.seats import queries as seats
from scim_server.store.rows.roster import Listed, Order
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn

people = Pages("people")

_FILTERS: Final = ("q", "state", "tier", "role", "way", "only", "sort")
_WAYS: Final = (WayIn.SCIM, WayIn.JIT, WayIn.INVITATION, WayIn.CLI, WayIn.IMPORT)
_COLUMNS: Final = (
    "id",
    "userName",
    "name",
    "state",
    "tier",
    "waits_for",
    "waiting_since",
    "role",
    "groups",
    "way_in",
    "last_sign_in",
    "created",
)


@people.show("/people", Permission.MEMBERS)
def show() -> Response:
    """A page of the members who match the filters."""
    chosen = listing.of_request(*_FILTERS)
    order = Order.NAME if chosen.get("sort") == Order.NAME else Order.NEWEST
    return pages.page(
        "people.html",
        chosen=chosen,
        sheet=queries.sheet(context(), _chosen(chosen), order=order, number=chosen.number),
        order=order,
        tiers=tier_names(),
        states=list(SeatStatus),
        roles=list(Role),
        ways=_WAYS,
        days=IDLE_DAYS,
    )


@people.show("/people.csv", Permission.MEMBERS)
def as_csv() -> Response:
    """All members who match the filters, as a table."""
    found = queries.everyone(context(), _chosen(listing.of_request(*_FILTERS)))
    return downloads.csv_file(f"{visit().slug}-people", _COLUMNS, _rows(found))


def _rows(found: Iterator[Listed]) -> Iterator[tuple[object, ...]]:
    for one in found:
        person = one.person
        yield (
            person.id,
            person.user_name,
            filters.person_name(person),
            person.status.value,
            person.tier,
            person.wants,
            person.waiting_since,
            person.role,
            one.groups,
            person.way_in,
            one.signed_in,
            person.created,
        )


def _chosen(chosen: Listing) -> Chosen:
    """The filters of the address. Values that do not exist are ignored."""
    state, role, way = chosen.get("state"), chosen.get("role"), chosen.get("way")
    only = chosen.get("only")
    return Chosen(
        search=chosen.get("q"),
        status=SeatStatus(state) if state in list(SeatStatus) else None,
        tier=chosen.get("tier") or None,
        role=Role(role) if role in list(Role) else None,
        way_in=WayIn(way) if way in _WAYS else None,
        unconfirmed=only == "unconfirmed",
        idle_days=IDLE_DAYS if only == "idle" else None,
        untouched_days=IDLE_DAYS if only == "drift" else None,
        access_open=only == "open",
    )


@people.show("/people/<id_>", Permission.MEMBERS)
def person(id_: str) -> Response:
    """One member: seat, role, groups, values, and every event."""
    found = member(id_)
    chosen = listing.of_request()
    return pages.page(
        "person.html",
        profile=found,
        person=found.person,
        own=own(found),
        offers=queries.offers(found, tier_names(), visit().role),
        seat=seat(found.person),
        tier_lock=lock_of_tier(found),
        role_lock=lock_of_role(found),
        request=seat_requests.beside(context(), [found.person.id]).people.get(found.person.id),
        story=queries.story(context(), id_, number=chosen.number),
        chosen=chosen,
        happened=happened,
        given=given,
        flat=flat,
    )


def member(id_: str) -> Profile:
    """The member with an id of the address; the page 404 if the organization has none."""
    try:
        return queries.profile(context(), id_)
    except UnknownPerson:
        abort(404)


def own(found: Profile) -> bool:
    """Whether the member is the reader."""
    return found.person.id == visit().visitor.session.person


def tier_names() -> list[str]:
    """The tiers of the organization, highest first."""
    return [one.tier.name for one in seats.show(context()).tiers]
