"""Queries of people who are left out, the queue, and the provisioning log."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scim_server.history import (
    PersonActivated,
    PersonCreated,
    PersonDeleted,
    PersonDeprovisioned,
    PersonDismissed,
    PersonMoved,
    PersonPrioritised,
    PersonPromoted,
    PersonProvisioned,
    PersonQueued,
    PersonRejected,
    PersonRequeued,
    PersonRestored,
    PersonRoleChanged,
    PersonRoleKept,
    PersonTierRefused,
    PersonUnassigned,
    PersonUpdated,
    PersonWaitEnded,
)
from scim_server.protocol.normalise import fold
from scim_server.services.context import Context
from scim_server.services.entitlements import better_tier
from scim_server.services.entitlements.better_tier import WantsBetter
from scim_server.services.errors import InvalidCursor, UnknownRefusal
from scim_server.services.left_out.open_refusals import LONGEST_AGE, recent
from scim_server.services.left_out.summary import Summary, summarise
from scim_server.services.lists import SHEET, Page, Reference, Sheet, page_of
from scim_server.services.people.logged import Logged, without_secrets
from scim_server.store.database.session import timestamp
from scim_server.store.rows import events, members, organizations, people, refusals
from scim_server.store.rows.people import Person
from scim_server.store.rows.refusals import Refusal

__all__ = [
    "OUTCOMES",
    "LeftOut",
    "Logged",
    "Page",
    "RefusalStory",
    "Rejected",
    "Summary",
    "Waiting",
    "WantsBetter",
    "every_wanting_better",
    "left_out",
    "log",
    "queue",
    "refused",
    "refused_page",
    "story",
    "summary",
    "waiting",
    "waiting_page",
    "wanting_better",
]

_EVENTS: Final = {
    event.outcome(): event
    for event in (
        PersonProvisioned,
        PersonQueued,
        PersonRejected,
        PersonPromoted,
        PersonMoved,
        PersonUnassigned,
        PersonTierRefused,
        PersonRequeued,
        PersonPrioritised,
        PersonWaitEnded,
        PersonRoleChanged,
        PersonRoleKept,
        PersonDismissed,
        PersonActivated,
        PersonDeprovisioned,
        PersonRestored,
        PersonDeleted,
        PersonUpdated,
        PersonCreated,
    )
}
OUTCOMES: Final = tuple(_EVENTS)
"""The outcomes by which the log can be filtered."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person in the queue.

    Attributes:
        place: the position in the queue; the person with 1 is served first.
    """

    place: int
    person: Person


@dataclass(frozen=True, slots=True)
class Rejected:
    """An open refusal.

    Attributes:
        recent: whether the provider tried in the last seven days; an older refusal is retried only if its id
            is given.
    """

    reference: Reference
    refusal: Refusal
    recent: bool

    @property
    def provider_answer(self) -> str:
        """The last answer to the provider, or to the vendor's app."""
        return self.refusal.detail


@dataclass(frozen=True, slots=True)
class LeftOut:
    """All people without the seat they want.

    Attributes:
        waiting: people who wait, in the order in which they get seats.
        rejected: open refusals, oldest first.
        wants_better_tier: people with a seat who were refused a better tier, or who ask for one.
    """

    waiting: tuple[Waiting, ...]
    rejected: tuple[Rejected, ...]
    wants_better_tier: tuple[WantsBetter, ...]


def summary(context: Context) -> Summary:
    """How many people are left out, and what letting everyone in costs now."""
    with context.read() as read:
        return summarise(read, context.database.now())


def waiting(
    context: Context, *, search: str = "", wants: str | None = None, number: int = 1
) -> Sheet[Person]:
    """A numbered page of the people who wait, in the order in which they get seats.

    Args:
        search: a part of the userName or displayName.
        wants: the tier that the people want, or `any`; None for every tier.
    """
    with context.read() as read:
        found, total = members.queued(read, fold(search.strip()), wants, (number - 1) * SHEET, SHEET)
    return Sheet(tuple(found), total, number, SHEET)


def refused(
    context: Context, *, search: str = "", wants: str | None = None, number: int = 1
) -> Sheet[Rejected]:
    """A numbered page of the open refusals, newest attempt first; the arguments are those of `waiting`."""
    since = timestamp(context.database.now() - LONGEST_AGE)
    with context.read() as read:
        slug = organizations.get(read).slug
        found, total = refusals.opened(read, fold(search.strip()), wants, (number - 1) * SHEET, SHEET)
    lately = recent(found, since)
    rejected = [Rejected(Reference(slug, one.sequence), one, one.sequence in lately) for one in found]
    return Sheet(tuple(rejected), total, number, SHEET)


@dataclass(frozen=True, slots=True)
class RefusalStory:
    """A refusal, open or closed, with what happened before and after it.

    Attributes:
        entries: the events of this refusal and of other refusals of the same userName, newest first.
        values: the values that the provider sent last, without secrets; empty if the person was a member.
        member: the person who has this userName now; None if no member has it.
    """

    rejected: Rejected
    entries: tuple[Logged, ...]
    values: Mapping[str, Any]
    member: Person | None

    @property
    def is_open(self) -> bool:
        """Whether the person is still left out by this refusal."""
        return self.rejected.refusal.closed is None


def story(context: Context, reference: str) -> RefusalStory:
    """A refusal with its story.

    Raises:
        InvalidReference, UnknownRefusal: no refusal has this reference.
    """
    since = timestamp(context.database.now() - LONGEST_AGE)
    with context.read() as read:
        slug = organizations.get(read).slug
        named = Reference.parse(slug, reference)
        found = refusals.get(read, named.number)
        if found is None:
            raise UnknownRefusal(f"no refusal has the id {named}")
        same = refusals.of_name(read, found.user_name_key, SHEET)
        entries = events.of_refusals(read, [one.sequence for one in same] or [found.sequence])
        member = people.by_key(read, found.user_name_key)
    lately = found.sequence in recent([found], since)
    return RefusalStory(
        Rejected(named, found, lately),
        tuple(Logged.of(slug, one) for one in entries),
        without_secrets(found.document),
        member,
    )


def wanting_better(
    context: Context, *, search: str = "", wants: str | None = None, number: int = 1
) -> Sheet[WantsBetter]:
    """A numbered page of the people who keep a seat and were refused a better tier, or ask for one."""
    part = fold(search.strip())
    with context.read() as read:
        refused = better_tier.every(read, context.database.now())
        found = [
            one
            for one in [*refused, *better_tier.asking(read, refused)]
            if wants in (None, one.wants) and part in one.person.user_name_key
        ]
    start = (number - 1) * SHEET
    return Sheet(tuple(found[start : start + SHEET]), len(found), number, SHEET)


def left_out(context: Context, *, limit: int = 1000) -> LeftOut:
    """List all people without the seat they want; `limit` applies to each kind."""
    since = timestamp(context.database.now() - LONGEST_AGE)
    with context.read() as read:
        slug = organizations.get(read).slug
        rejected = refusals.to_retry(read, None)[:limit]
        better = better_tier.every(read, context.database.now())
        lately = recent(rejected, since)
        return LeftOut(
            tuple(_numbered(members.queue(read, limit))),
            tuple(Rejected(Reference(slug, one.sequence), one, one.sequence in lately) for one in rejected),
            tuple([*better, *better_tier.asking(read, better)][:limit]),
        )


def queue(context: Context, *, limit: int = 1000) -> Page[Waiting]:
    """List the people who wait, in the order in which they get seats."""
    with context.read() as read:
        return Page(tuple(_numbered(members.queue(read, limit))))


def _numbered(waiting: list[Person], before: int = 0) -> list[Waiting]:
    return [Waiting(place, person) for place, person in enumerate(waiting, start=before + 1)]


def waiting_page(context: Context, *, after: str | None = None, limit: int = 100) -> Page[Waiting]:
    """A page of the people who wait, in the order in which they get seats.

    Args:
        after: the key at which the previous page ended.

    Raises:
        InvalidCursor: `after` is not such a key.
    """
    with context.read() as read:
        found, before = members.queue_after(read, None if after is None else _turn(after), limit + 1)
    return page_of(_numbered(found, before), limit, lambda one: f"{one.person.priority}.{one.person.arrival}")


_TURN: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})", re.ASCII)


def _turn(key: str) -> tuple[int, int]:
    """The priority and arrival of a person in the queue."""
    found = _TURN.fullmatch(key)
    if found is None:
        raise InvalidCursor("this cursor is not from this list")
    return int(found[1]), int(found[2])


def refused_page(context: Context, *, after: str | None = None, limit: int = 100) -> Page[Rejected]:
    """A page of the open refusals, oldest first.

    Args:
        after: the reference at which the previous page ended.

    Raises:
        InvalidCursor: `after` is not a reference.
    """
    since = timestamp(context.database.now() - LONGEST_AGE)
    with context.read() as read:
        slug = organizations.get(read).slug
        last = Reference.number_after(slug, after) or 0
        found = refusals.opened_after(read, last, limit + 1)
    lately = recent(found, since)
    rejected = [Rejected(Reference(slug, one.sequence), one, one.sequence in lately) for one in found]
    return page_of(rejected, limit, lambda one: str(one.reference))


def every_wanting_better(context: Context) -> tuple[WantsBetter, ...]:
    """All people who keep a seat and were refused a better tier, and then all who ask for one."""
    with context.read() as read:
        refused = better_tier.every(read, context.database.now())
        return (*refused, *better_tier.asking(read, refused))


def log(
    context: Context,
    *,
    outcome: str | None = None,
    since: datetime | None = None,
    before: str | None = None,
    only_open: bool = False,
    limit: int = 100,
) -> Page[Logged]:
    """List entries of the provisioning log, newest first.

    Args:
        before: the reference at which the previous page ended.

    Raises:
        InvalidReference: `before` is not a reference.
    """
    with context.read() as read:
        slug = organizations.get(read).slug
        found = events.log(
            read,
            type_=None if outcome is None else _EVENTS[outcome].type,
            since=None if since is None else timestamp(since),
            before=None if before is None else Reference.parse(slug, before).number,
            only_open=only_open,
            limit=limit + 1,
        )
    return page_of([Logged.of(slug, one) for one in found], limit, lambda one: str(one.reference))
