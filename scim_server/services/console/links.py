"""Sign-in links of the console, in an open transaction.

An address that a provider writes proves nothing, because a provider can write any address. A link by mail is
for the person who proved the address: by accepting an invitation sent to it, or by a userName in a domain
that the organization has verified. The operator vouches for a userName, and for the address of an invitation.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from scim_server.history import SignInLinkCreated
from scim_server.protocol.normalise import user_name_key
from scim_server.services.access.secrets import digest, new_secret
from scim_server.services.addresses import key_of
from scim_server.services.errors import NoConsoleAccess
from scim_server.services.invitations import accept
from scim_server.store.database.session import Read, Write, timestamp
from scim_server.store.rows import domains, events, invitations, mails, organizations, people, sessions
from scim_server.store.rows.invitations import Invitation
from scim_server.store.rows.mails import SECRET, Mail
from scim_server.store.rows.people import Person
from scim_server.store.rows.sessions import Link
from seat_policy.invitations import State
from seat_policy.roles import Role

LIFETIME: Final = timedelta(minutes=10)
PAUSE: Final = timedelta(minutes=1)
"""How long a person who asks for a link by mail again gets no other one."""
PREFIX: Final = "scl_"
KIND: Final = "sign_in"
"""The kind of the mail with a link."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """The person for whom a link is.

    Attributes:
        name: the userName, or the address of the invitation.
        person: the person's id; None if the person is only invited.
        invitation: the id of the pending invitation that the sign-in accepts.
    """

    name: str
    role: str
    person: str | None = None
    invitation: str | None = None

    @classmethod
    def of(cls, person: Person) -> Self:
        """A member."""
        return cls(person.user_name, person.role, person=person.id)

    @classmethod
    def invited(cls, invitation: Invitation) -> Self:
        """A person who becomes a member by the sign-in."""
        return cls(invitation.email, invitation.role, invitation=invitation.id)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A new link with its secret, which is shown only once.

    Attributes:
        number: the number of its event.
    """

    number: int
    entrant: Entrant
    secret: str
    expires: str


def add(write: Write, entrant: Entrant, target: str = "") -> NewLink:
    """Create a link, which works once within ten minutes."""
    secret, expires = new_secret(PREFIX), timestamp(write.moment + LIFETIME)
    link = Link(entrant.person, entrant.invitation, target, write.at, expires, None)
    sessions.add_link(write.connection, write.organization, link, digest(secret))
    created = SignInLinkCreated(person=entrant.person, personal={"userName": entrant.name})
    return NewLink(events.append(write, created), entrant, secret, expires)


def mail(write: Write, link: NewLink, address: str, language: str) -> None:
    """Queue the mail with a link, to an address that the person has proved."""
    slug = organizations.get(write).slug
    facts = {"organization": slug, "expires": link.expires, SECRET: link.secret}
    letter = Mail(write.organization, link.number, address, KIND, language, facts, 0, write.at, link.expires)
    mails.add(write, [letter])


def vouched(read: Read, name: str) -> Entrant:
    """The person with this id, userName or proved address, or the invited person with this address.

    Raises:
        NoConsoleAccess: nobody has this name, or the person has no role, or no seat.
    """
    person = people.get(read, name) or people.by_key(read, user_name_key(name)) or proved(read, name)
    if person is not None and may_enter(person):
        return Entrant.of(person)
    waiting = _invited(read, name)
    if waiting is not None:
        return Entrant.invited(waiting)
    if person is None:
        raise NoConsoleAccess(f"nobody in this organization is called '{name}', or has proved this address")
    if person.role == Role.USER:
        raise NoConsoleAccess(f"{person.user_name} has the role user. The console is for Admins and Owners")
    raise NoConsoleAccess(f"{person.user_name} is {person.status}. The console needs a person with a seat")


def _invited(read: Read, address: str) -> Invitation | None:
    """The pending invitation of an address, if it gives a role for the console."""
    found = invitations.pending(read, [key_of(address)])
    return next((one for one in found if Role(one.role) is not Role.USER), None)


def proved(read: Read, address: str) -> Person | None:
    """The only person with access who has proved this address; None if there is none, or more than one."""
    key = key_of(address)
    found: dict[str, Person] = {}
    named = people.by_key(read, key)
    if named is not None and (named.role == Role.PRIMARY_OWNER or _in_verified_domain(read, key)):
        found[named.id] = named
    invited = invitations.newest(read, key)
    if invited is not None and invited.state is State.ACCEPTED and invited.person is not None:
        invitee = people.get(read, invited.person)
        if invitee is not None:
            found[invitee.id] = invitee
    entering = [one for one in found.values() if may_enter(one)]
    return entering[0] if len(entering) == 1 else None


def spend(write: Write, secret: str) -> Link | None:
    """Use up an open link; None if it is unknown, used or expired."""
    found = sessions.link(write, digest(secret))
    used = found is not None and sessions.use_link(
        write.connection, write.organization, digest(secret), write.at
    )
    return found if used else None


def entering(write: Write, link: Link) -> Person | None:
    """The person of a link who enters now; None if the person's access has ended.

    Raises:
        CannotAcceptNow: the person is invited, and the invitation cannot be accepted now.
    """
    if write.clock.suspended is not None:
        return None
    id_ = link.person if link.invitation is None else accept.of_vouched(write, link.invitation)
    person = None if id_ is None else people.get(write, id_)
    return person if person is not None and may_enter(person) else None


def may_enter(person: Person) -> bool:
    """Whether a person may use the console: a role above User, active, and with a seat."""
    return person.active and person.tier is not None and person.role is not Role.USER


def _in_verified_domain(read: Read, key: str) -> bool:
    domain = domains.get(read, key.rpartition("@")[2])
    return domain is not None and domain.verified is not None
