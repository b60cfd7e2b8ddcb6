"""Sessions of the console, and the visitor of a request."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from scim_server.history import ConsoleSignedIn
from scim_server.services.access.secrets import digest, new_secret
from scim_server.store.database.session import Write, timestamp
from scim_server.store.rows import events, sessions
from scim_server.store.rows.people import Person
from scim_server.store.rows.sessions import Session
from seat_policy.roles import Role

LIFETIME: Final = timedelta(hours=12)
FRESH_FOR: Final = timedelta(minutes=30)
"""How long after the proof of who the person is, the person may spend money."""
USED_EVERY: Final = timedelta(minutes=1)
PREFIX: Final = "scc_"
BY_LINK: Final = "link"
BY_PROVIDER: Final = "oidc"
_LONGEST_BROWSER: Final = 200


@dataclass(frozen=True, slots=True)
class NewSession:
    """A new session with its secret, which only the cookie contains."""

    session: Session
    secret: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person of a request to the console.

    Attributes:
        organization: the organization's id.
        notice: what the page says about the last change.
        left_out: how many people wait or are refused.
        asking: how many requests for seats are open.
        fresh: whether the sign-in is recent enough to spend money.
    """

    organization: str
    session: Session
    user_name: str
    role: Role
    notice: Any
    left_out: int
    asking: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Entering:
    """A person whose session begins.

    Attributes:
        way: how the person signed in.
        authenticated: when the person last proved to be this person; None if that is not known.
        browser: the browser, as it names itself.
    """

    person: Person
    way: str
    authenticated: str | None
    browser: str
    language: str


def open_session(write: Write, entering: Entering, target: str = "") -> NewSession:
    """Begin a session.

    Args:
        target: the page that opens first, as a path inside the console of the organization.
    """
    secret, expires = new_secret(PREFIX), timestamp(write.moment + LIFETIME)
    person, browser = entering.person, entering.browser[:_LONGEST_BROWSER]
    session = Session(
        str(uuid4()),
        person.id,
        entering.way,
        browser,
        entering.language,
        write.at,
        entering.authenticated,
        expires,
        write.at,
    )
    sessions.add(write.connection, write.organization, session, digest(secret))
    signed_in = ConsoleSignedIn(
        person=person.id, way=entering.way, browser=browser, personal={"userName": person.user_name}
    )
    events.append(write, signed_in)
    return NewSession(session, secret, target)


def of(found: sessions.Visitor, now: datetime) -> Visitor | None:
    """The visitor of a stored session; None if the session or the person's access has ended."""
    at = timestamp(now)
    role = Role(found.role)
    if found.session.expires <= at or found.suspended or not found.seated or role is Role.USER:
        return None
    proved = found.session.authenticated
    fresh = proved is not None and proved > timestamp(now - FRESH_FOR)
    return Visitor(
        found.organization,
        found.session,
        found.user_name,
        role,
        found.notice,
        found.left_out,
        found.asking,
        fresh,
    )
