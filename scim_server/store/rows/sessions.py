"""Sign-in links and sessions of the console. They do not belong to an organization's history."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from scim_server.store.database.compiled import Compiled
from scim_server.store.database.session import Database, Read
from scim_server.store.tables import (
    organization_clock,
    organizations,
    people,
    refusals,
    seat_pool,
    sessions,
    sign_in_links,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A sign-in link without its secret.

    Attributes:
        person: the member who signs in; None for an invited person.
        invitation: the invitation that the sign-in accepts.
        target: the page that opens after the sign-in, as a path inside the console of the organization.
        used: when the link was used; None before that.
    """

    person: str | None
    invitation: str | None
    target: str
    created: str
    expires: str
    used: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A session without its secret.

    Attributes:
        id: the name of the session in lists; it is not a credential.
        way: how the person signed in, `link` or `oidc`.
        created: when the session began.
        authenticated: when the person last proved to be this person; None if that is not known.
        last_used: when a request last used the session, to within a minute.
    """

    id: str
    person: str
    way: str
    browser: str
    language: str
    created: str
    authenticated: str | None
    expires: str
    last_used: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """A session with the present state of its person and organization.

    Attributes:
        organization: the organization's id.
        notice: what the next page says about the last change.
        seated: whether the person is active and has a seat.
        suspended: whether the operator suspended the organization.
        left_out: how many people wait or are refused, as `services.left_out.summary` counts them.
        asking: how many requests for seats are open.
    """

    session: Session
    notice: Any
    organization: str
    user_name: str
    role: str
    seated: bool
    suspended: bool
    left_out: int
    asking: int


_LINK: Final = tuple(sign_in_links.c[name] for name in Link.__dataclass_fields__)
_SESSION: Final = tuple(sessions.c[name] for name in Session.__dataclass_fields__)
_REFUSED: Final = (
    select(func.count())
    .where(refusals.c.organization == organizations.c.id, refusals.c.closed.is_(None))
    .correlate(organizations)
    .scalar_subquery()
)
_WAITING: Final = (
    select(func.coalesce(func.sum(seat_pool.c.waiting), 0))
    .where(seat_pool.c.organization == organizations.c.id)
    .correlate(organizations)
    .scalar_subquery()
)
_VISITOR: Final = Compiled(
    select(
        *_SESSION,
        sessions.c.notice,
        sessions.c.organization,
        people.c.user_name,
        people.c.role,
        people.c.active,
        people.c.tier,
        organization_clock.c.suspended,
        organization_clock.c.asking,
        organization_clock.c.waiting_any,
        _WAITING,
        _REFUSED,
    )
    .select_from(organizations)
    .join(sessions, sessions.c.organization == organizations.c.id)
    .join(people, (people.c.organization == sessions.c.organization) & (people.c.id == sessions.c.person))
    .join(organization_clock, organization_clock.c.organization == sessions.c.organization)
    .where(organizations.c.slug == bindparam("org"), sessions.c.digest == bindparam("digest"))
)


def visitor(database: Database, slug: str, digest: str) -> Visitor | None:
    """The session with this digest in the organization with this slug, with its person, by one statement."""
    rows = database.ask(slug, _VISITOR, {"digest": digest})
    if not rows:
        return None
    count = len(_SESSION)
    notice, found, user_name, role, active, tier, suspended, asking, *left_out = rows[0][count:]
    return Visitor(
        Session(*rows[0][:count]),
        notice,
        found,
        user_name,
        role,
        seated=bool(active) and tier is not None,
        suspended=suspended is not None,
        left_out=int(sum(left_out)),
        asking=asking,
    )


def link(read: Read, digest: str) -> Link | None:
    """The link with this digest."""
    query = select(*_LINK).where(
        sign_in_links.c.organization == read.organization, sign_in_links.c.digest == digest
    )
    row = read.connection.execute(query).first()
    return Link(*row) if row else None


def add_link(connection: Connection, organization: str, link: Link, digest: str) -> None:
    """Insert a link; delete links of the organization that expired before it was created."""
    here = sign_in_links.c.organization == organization
    connection.execute(delete(sign_in_links).where(here, sign_in_links.c.expires < link.created))
    values = {name: getattr(link, name) for name in Link.__dataclass_fields__}
    connection.execute(
        insert(sign_in_links).values(values | {"organization": organization, "digest": digest})
    )


def use_link(connection: Connection, organization: str, digest: str, at: str) -> bool:
    """Mark a link as used; return whether it was open. Of several requests, exactly one gets True."""
    open_ = sign_in_links.c.used.is_(None) & (sign_in_links.c.expires > at)
    done = connection.execute(
        update(sign_in_links)
        .where(sign_in_links.c.organization == organization, sign_in_links.c.digest == digest, open_)
        .values(used=at)
    )
    return done.rowcount == 1


def add(connection: Connection, organization: str, session: Session, digest: str) -> None:
    """Insert a session; delete sessions of the organization that have expired."""
    here = sessions.c.organization == organization
    connection.execute(delete(sessions).where(here, sessions.c.expires <= session.created))
    values = {name: getattr(session, name) for name in Session.__dataclass_fields__}
    connection.execute(insert(sessions).values(values | {"organization": organization, "digest": digest}))


def last_link(read: Read, person: str) -> str | None:
    """When the newest link of a person was created."""
    here = (sign_in_links.c.organization == read.organization) & (sign_in_links.c.person == person)
    found: str | None = read.connection.execute(
        select(func.max(sign_in_links.c.created)).where(here)
    ).scalar_one()
    return found


def of_person(read: Read, person: str, at: str) -> list[Session]:
    """The open sessions of a person, newest first."""
    query = select(*_SESSION).where(
        sessions.c.organization == read.organization, sessions.c.person == person, sessions.c.expires > at
    )
    return [Session(*row) for row in read.connection.execute(query.order_by(sessions.c.created.desc()))]


def change(connection: Connection, organization: str, id_: str, **values: object) -> None:
    """Change columns of a session."""
    here = (sessions.c.organization == organization) & (sessions.c.id == id_)
    connection.execute(update(sessions).where(here).values(values))


def end(connection: Connection, organization: str, person: str, id_: str | None = None) -> int:
    """Delete one session of a person, or all; return how many there were."""
    here = (sessions.c.organization == organization) & (sessions.c.person == person)
    if id_ is not None:
        here &= sessions.c.id == id_
    return connection.execute(delete(sessions).where(here)).rowcount


def end_by_way(connection: Connection, organization: str, way: str) -> int:
    """Delete the sessions of everybody who signed in by one way; return how many there were."""
    here = (sessions.c.organization == organization) & (sessions.c.way == way)
    return connection.execute(delete(sessions).where(here)).rowcount


def count_by_way(read: Read, way: str, at: str) -> int:
    """How many open sessions began by one way."""
    here = (sessions.c.organization == read.organization) & (sessions.c.way == way)
    query = select(func.count()).select_from(sessions).where(here, sessions.c.expires > at)
    found: int = read.connection.execute(query).scalar_one()
    return found
