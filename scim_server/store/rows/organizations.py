"""Organizations and their settings."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sqlalchemy import Connection, bindparam, exists, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from scim_server.store.database import clock, pool
from scim_server.store.database.compiled import Compiled, Row
from scim_server.store.database.pool import Pool
from scim_server.store.database.session import Read, Write
from scim_server.store.tables import (
    PENDING,
    departures,
    group_mappings,
    invitations,
    organizations,
    refusals,
    seat_pool,
)
from seat_policy.modes import Mode
from seat_policy.overflow import Overflow
from seat_policy.requests import RequestPolicy


@dataclass(frozen=True, slots=True)
class Organization:
    """One customer of the vendor.

    Attributes:
        id: the internal id, which is never shown and never reused.
        slug: the name in URLs.
        mode: the provisioning mode (SEATS 11).
        overflow: the overflow policy (SEATS 24).
        seat_requests: what is done with a person's request for a seat.
        strict: whether requests that break an RFC are refused instead of tolerated.
        seat_extension: whether SCIM shows the seat extension; if None, the overflow policy decides.
        require_if_match: whether a change without If-Match is refused (428).
        schemas_version: a counter of the changes of custom schemas.
        cursor_key: the key that signs the cursors of paged lists.
        created: when the organization was created.
        unmapped: what people get if their groups give no tier; None means `highest` (SEATS 20).
        maps_groups: whether a mapping exists.
        maps_tiers: whether a mapping gives a tier.
        allow_invitations: whether people can be invited in modes other than `manual`.
        awaits_invited: whether an invitation is pending.
        hold_removals: whether the seats of a mass removal are held until an Owner confirms it (SEATS 34).
        holds_seats: whether such seats are held.
        left_out: whether a refusal is open.
        deletes: when all data of the organization is deleted; None if no deletion is scheduled.
    """

    id: str
    slug: str
    mode: Mode
    overflow: Overflow
    seat_requests: RequestPolicy
    strict: bool
    seat_extension: bool | None
    require_if_match: bool
    schemas_version: int
    cursor_key: str = field(repr=False)
    created: str
    unmapped: str | None
    maps_groups: bool
    maps_tiers: bool
    allow_invitations: bool
    awaits_invited: bool
    hold_removals: bool
    holds_seats: bool
    left_out: bool
    deletes: str | None

    @property
    def invites(self) -> bool:
        """Whether people can be invited (SEATS 12)."""
        return self.mode is Mode.MANUAL or self.allow_invitations

    @property
    def shows_seats(self) -> bool:
        """Whether SCIM answers contain the seat extension (DESIGN, wire 4)."""
        return self.overflow is not Overflow.REJECT if self.seat_extension is None else self.seat_extension


class SlugTaken(ValueError):
    """Another organization has this slug."""


_MAPS: Final = select(literal(1)).where(group_mappings.c.organization == organizations.c.id)
_COMPUTED: Final = {
    "maps_groups": exists(_MAPS),
    "maps_tiers": exists(_MAPS.where(group_mappings.c.tier.is_not(None))),
    "awaits_invited": exists(
        select(literal(1)).where(invitations.c.organization == organizations.c.id, PENDING)
    ),
    "holds_seats": exists(
        select(literal(1)).where(
            departures.c.organization == organizations.c.id, departures.c.held.is_not(None)
        )
    ),
    "left_out": exists(
        select(literal(1)).where(refusals.c.organization == organizations.c.id, refusals.c.closed.is_(None))
    ),
}
_COLUMNS: Final = tuple(
    _COMPUTED[name].label(name) if name in _COMPUTED else organizations.c[name]
    for name in Organization.__dataclass_fields__
)
_BY_SLUG: Final = Compiled(select(*_COLUMNS).where(organizations.c.slug == bindparam("slug")))
_BY_ID: Final = Compiled(select(*_COLUMNS).where(organizations.c.id == bindparam("org")))
_WITH_POOL: Final = Compiled(
    select(*_COLUMNS, *pool.COLUMNS)
    .outerjoin(seat_pool, seat_pool.c.organization == organizations.c.id)
    .where(organizations.c.id == bindparam("org"))
    .order_by(seat_pool.c.rank)
)


def by_slug(connection: Connection, slug: str) -> Organization | None:
    """The organization with this slug."""
    row = _BY_SLUG.first(connection, {"slug": slug})
    return _organization(row) if row else None


def get(read: Read) -> Organization:
    """The organization of a transaction, as the transaction sees it.

    A write also reads the seats with the same statement and stores them, because most writes need both.
    """
    if not isinstance(read, Write):
        return _of(read.rows(_BY_ID))
    books = read.books
    if books.settings is None:
        if books.pool is None:
            rows = read.rows(_WITH_POOL)
            tiers = (row[len(_COLUMNS) :] for row in rows)
            books.pool = Pool.of([tier for tier in tiers if tier[0] is not None])
        else:
            rows = read.rows(_BY_ID)
        books.settings = _of(rows)
    return cast(Organization, books.settings)


def forget(write: Write) -> None:
    """Read the organization again at the next request, because something was written that it counts."""
    write.books.settings = None


def _of(rows: list[Row]) -> Organization:
    if not rows:
        raise LookupError("the organization of an open transaction is there")
    return _organization(rows[0])


def _organization(row: Sequence[Any]) -> Organization:
    """An organization from a row that begins with _COLUMNS."""
    id_, slug, mode, overflow, requests, *others = row[: len(_COLUMNS)]
    return Organization(id_, slug, Mode(mode), Overflow(overflow), RequestPolicy(requests), *others)


def every(connection: Connection) -> list[Organization]:
    """All organizations, ordered by slug."""
    return [
        _organization(row) for row in connection.execute(select(*_COLUMNS).order_by(organizations.c.slug))
    ]


def slugs(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The slugs of organizations, by their ids."""
    query = select(organizations.c.id, organizations.c.slug).where(organizations.c.id.in_(ids))
    return {row.id: row.slug for row in connection.execute(query)}


def page(connection: Connection, after: str, limit: int, only: str | None = None) -> list[Organization]:
    """Some organizations, ordered by slug.

    Args:
        after: the slug after which the page begins.
        only: the slug of the only organization that may be listed.
    """
    query = select(*_COLUMNS).where(organizations.c.slug > after)
    if only is not None:
        query = query.where(organizations.c.slug == only)
    return [
        _organization(row) for row in connection.execute(query.order_by(organizations.c.slug).limit(limit))
    ]


def add(write: Write, slug: str, overflow: Overflow, mode: Mode = Mode.SCIM) -> Organization:
    """Insert the organization of this transaction and its clock row.

    Raises:
        SlugTaken: another organization has the slug; the transaction must be rolled back.
    """
    organization = Organization(
        id=write.organization,
        slug=slug,
        mode=mode,
        overflow=overflow,
        seat_requests=RequestPolicy.ASK,
        strict=False,
        seat_extension=None,
        require_if_match=False,
        schemas_version=0,
        cursor_key=secrets.token_urlsafe(32),
        created=write.at,
        unmapped=None,
        maps_groups=False,
        maps_tiers=False,
        allow_invitations=False,
        awaits_invited=False,
        hold_removals=False,
        holds_seats=False,
        left_out=False,
        deletes=None,
    )
    stored = (name for name in Organization.__dataclass_fields__ if name not in _COMPUTED)
    values = {name: getattr(organization, name) for name in stored}
    try:
        write.connection.execute(insert(organizations).values(values))
    except IntegrityError as error:
        raise SlugTaken(slug) from error
    clock.found(write.connection, write.organization)
    return organization


def change(write: Write, settings: Mapping[str, object]) -> None:
    """Set some settings."""
    write.connection.execute(
        update(organizations).where(organizations.c.id == write.organization).values(dict(settings))
    )
