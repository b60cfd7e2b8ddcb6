"""Queries of requests for seats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scim_server.protocol.normalise import fold
from scim_server.services.context import Context
from scim_server.services.invitations import accept as acceptance
from scim_server.services.lists import SHEET, Page, Reference, Sheet, page_of
from scim_server.services.seat_requests import listed
from scim_server.services.seat_requests.listed import Listed
from scim_server.store.database.session import Database, clock_in
from scim_server.store.rows import organizations, seat_requests
from scim_server.store.rows.seat_requests import SeatRequest
from seat_policy.requests import RequestState

__all__ = [
    "Beside",
    "Listed",
    "Page",
    "RequestState",
    "SeatRequest",
    "Sheet",
    "beside",
    "of_invitation",
    "page",
    "sheet",
    "show",
]


def show(context: Context, reference: str) -> Listed:
    """A request, open or not.

    Raises:
        UnknownSeatRequest: no request of the organization has this reference.
    """
    with context.read() as read:
        return listed.named(read, reference)


def page(
    context: Context,
    *,
    state: RequestState | None = None,
    person: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[Listed]:
    """List requests, newest first.

    Args:
        state: only requests in this state; None for every state.
        person: only requests of the member with this id.
        after: the reference at which the previous page ended.

    Raises:
        InvalidReference: `after` is not a reference.
    """
    with context.read() as read:
        slug = organizations.get(read).slug
        before = None if after is None else Reference.parse(slug, after).number
        found = seat_requests.listed(read, state, person, before, limit + 1)
    return page_of([Listed.of(slug, one) for one in found], limit, lambda one: str(one.reference))


def sheet(context: Context, *, search: str = "", wants: str | None = None, number: int = 1) -> Sheet[Listed]:
    """A numbered page of the open requests, oldest first.

    Args:
        search: a part of the userName.
        wants: the requested tier, or `any`; None for every tier.
    """
    with context.read() as read:
        slug = organizations.get(read).slug
        found, total = seat_requests.sheet(
            read, RequestState.OPEN, fold(search.strip()), wants, (number - 1) * SHEET, SHEET
        )
    return Sheet(tuple(Listed.of(slug, one) for one in found), total, number, SHEET)


@dataclass(frozen=True, slots=True)
class Beside:
    """The open requests of the people of a list.

    Attributes:
        count: how many requests the organization has.
        people: the requests of members, by their ids.
        refused: the requests of refused people who are no members, by their userName keys.
    """

    count: int
    people: Mapping[str, Listed]
    refused: Mapping[str, Listed]


def beside(context: Context, ids: Iterable[str] = (), keys: Iterable[str] = ()) -> Beside:
    """The open requests of members with some ids, and of refused people with some userName keys."""
    with context.read() as read:
        count = clock_in(read).asking
        found = seat_requests.open_of(read, list(ids), list(keys)) if count else []
        slug = organizations.get(read).slug if found else ""
    requests = [Listed.of(slug, one) for one in found]
    return Beside(
        count,
        {one.request.person: one for one in requests if one.request.person is not None},
        {one.request.user_name_key: one for one in requests if one.request.person is None},
    )


def of_invitation(database: Database, token: str) -> SeatRequest | None:
    """The last request of the member who accepted the invitation of a link; None if there is none."""
    member = acceptance.member_of(database, token)
    if member is None:
        return None
    with database.read(member.organization) as read:
        return seat_requests.newest(read, member.person)
