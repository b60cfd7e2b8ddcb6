"""Queries of invitations and domains, for operators and invitees."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from scim_server.protocol.normalise import fold
from scim_server.services.context import Context
from scim_server.services.invitations import accept as acceptance
from scim_server.services.invitations.accept import Shown
from scim_server.services.invitations.domains import record_name, record_text
from scim_server.services.invitations.send import KIND, named, state_now
from scim_server.services.lists import SHEET, Page, Reference, Sheet, page_of
from scim_server.store.database.session import Database, timestamp
from scim_server.store.rows import domains as domain_rows
from scim_server.store.rows import invitations, mails, organizations
from scim_server.store.rows.domains import Domain
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.mails import Delivery
from seat_policy.invitations import State

__all__ = [
    "Listed",
    "domains",
    "every",
    "found",
    "overview",
    "page",
    "record_name",
    "record_text",
    "show",
    "show_by_token",
]

_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An invitation in a list.

    Attributes:
        state: the state at the time of reading, even if an expiry was not recorded yet.
        delivery: the delivery of the last mail; None if the mail was withdrawn.
    """

    invitation: Invitation
    state: State
    delivery: Delivery | None

    @property
    def mail(self) -> str:
        """The state of the mail as text."""
        delivery = self.delivery
        if delivery is None:
            return "withdrawn"
        if delivery.sent is not None:
            return "sent"
        if delivery.given_up:
            return f"failed: {delivery.last_error}"
        return (
            "to be sent"
            if delivery.last_error is None
            else f"failed, will be tried again: {delivery.last_error}"
        )


def every(context: Context, state: State | None = None) -> list[Listed]:
    """List invitations, newest first; if a state is given, only invitations in this state."""
    with context.read() as read:
        found, deliveries = invitations.every(read), mails.deliveries(read, KIND)
    listed = [_listed(one, state_now(context.database, one), deliveries.get(one.mail)) for one in found]
    return [one for one in listed if state in (None, one.state)]


def page(
    context: Context, state: State | None = None, *, after: str | None = None, limit: int = 100
) -> Page[Listed]:
    """A page of the invitations, newest first.

    Args:
        state: only invitations in this state.
        after: the key at which the previous page ended.

    Raises:
        InvalidCursor: `after` is not such a key.
    """
    at = timestamp(context.database.now())
    with context.read() as read:
        slug = organizations.get(read).slug
        before = Reference.number_after(slug, after)
        found = invitations.before(read, state, at, before, limit + 1)
        deliveries = mails.deliveries(read, KIND, [one.mail for one in found])
    listed = [_listed(one, state_now(context.database, one), deliveries.get(one.mail)) for one in found]
    return page_of(listed, limit, lambda one: str(Reference(slug, one.invitation.sequence)))


def show(context: Context, name: str) -> Listed:
    """One invitation by its id, or the newest invitation of an address.

    Raises:
        UnknownInvitation: the invitation does not exist.
    """
    with context.read() as read:
        one = named(read, name)
        deliveries = mails.deliveries(read, KIND, [one.mail])
    return _listed(one, state_now(context.database, one), deliveries.get(one.mail))


@dataclass(frozen=True, slots=True)
class Overview:
    """Invitations in a numbered page, and what the organization allows.

    Attributes:
        counts: how many invitations have each state, without regard to the search.
        allowed: whether people can be invited with the present settings.
        domains: the verified domains, whose addresses can be invited.
    """

    sheet: Sheet[Listed]
    counts: Mapping[State, int]
    allowed: bool
    domains: tuple[str, ...]


def overview(
    context: Context, *, search: str = "", state: State | None = None, number: int = 1, most: int = SHEET
) -> Overview:
    """A numbered page of the invitations, newest first.

    Args:
        search: a part of the address.
        state: only invitations in this state.
        most: how many invitations a page has at most.
    """
    at = timestamp(context.database.now())
    with context.read() as read:
        part = fold(search.strip())
        found, total = invitations.searched(read, part, state, at, (number - 1) * most, most)
        deliveries = mails.deliveries(read, KIND, [one.mail for one in found])
        counts = invitations.counted(read, at)
        allowed = organizations.get(read).invites
        verified = tuple(one.domain for one in domain_rows.every(read) if one.verified is not None)
    listed = tuple(_listed(one, state_now(context.database, one), deliveries.get(one.mail)) for one in found)
    return Overview(Sheet(listed, total, number, most), counts, allowed, verified)


def found(context: Context, *, search: str = "", state: State | None = None) -> Iterator[Listed]:
    """All invitations that match, newest first, read part by part; the arguments are those of `overview`."""
    for number in count(1):
        sheet = overview(context, search=search, state=state, number=number, most=_AT_ONCE).sheet
        yield from sheet.data
        if sheet.last >= sheet.total or not sheet.data:
            return


def _listed(one: Invitation, state: State, delivery: Delivery | None) -> Listed:
    """The invitation as a list shows it.

    An expired invitation holds no seat, even before a write records this.
    """
    if one.state is State.PENDING and state is State.EXPIRED:
        one = replace(one, held=None)
        delivery = None if delivery is None or delivery.sent is None else delivery
    return Listed(one, state, delivery)


def show_by_token(database: Database, token: str) -> Shown | None:
    """The invitation of a link; None if there is no such invitation."""
    return acceptance.show_by_token(database, token)


def domains(context: Context) -> list[Domain]:
    """The domains of an organization, ordered by name."""
    with context.read() as read:
        return domain_rows.every(read)
