"""Invite people, take invitations back, accept them, and prove the domains of invited addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scim_server.services.addresses import domain_of
from scim_server.services.context import Context
from scim_server.services.errors import DomainTaken
from scim_server.services.invitations import accept as acceptance
from scim_server.services.invitations import domains, send
from scim_server.services.invitations import eligibility as inviting
from scim_server.services.invitations.accept import Shown
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.send import Invitees
from scim_server.services.seats import gate
from scim_server.store.database.session import Database, Write
from scim_server.store.rows import domains as domain_rows
from scim_server.store.rows import members, organizations
from scim_server.store.rows.domains import Domain
from scim_server.store.rows.invitations import Invitation


def invite(context: Context, invitees: Invitees) -> list[Invitation] | Shortfall:
    """Invite addresses, all of them or none; each gets a mail and holds a seat.

    Raises:
        ServiceError: one of them cannot be invited, or nobody can be now.
        PolicyError: there is no such tier.
    """
    addresses = invitees.addresses()
    return context.write(lambda write: send.invite(write, addresses, invitees))


def invite_primary_owner(context: Context, text: str, *, language: str = "en") -> Invitation | Shortfall:
    """Invite the Primary Owner of an organization that has none; the operator vouches for the address.

    Raises:
        ServiceError: there is one, or one is invited; they are a member; it is not an address.
    """

    def work(write: Write) -> Invitation | Shortfall:
        return send.invite_owner(write, inviting.allowed_owner(write), text, language)

    return context.write(work)


def resend(context: Context, name: str) -> Invitation | Shortfall:
    """Send an invitation again, with a new link and a new 21 days.

    Args:
        name: its id, or the address.

    Raises:
        ServiceError: there is none, it is over, or nobody can be invited now.
    """
    return context.write(lambda write: send.resend(write, name))


@dataclass(frozen=True, slots=True)
class Revoked:
    """An invitation taken back, or what taking it back would do.

    Attributes:
        organization: its slug.
        released: the tier of the seat that was held; None where it held none.
        let_in: the tiers that waiting people get by it, by their userNames.
    """

    organization: str
    invitation: Invitation
    released: str | None
    let_in: Mapping[str, str]


def revoke(context: Context, name: str, *, preview: bool = False) -> Revoked:
    """Take an invitation back; its seat goes to the first person in the queue.

    Raises:
        UnknownInvitation, InvitationClosed: there is none, or it is not pending.
    """

    def work(write: Write) -> Revoked:
        waiting = [person.id for person in members.queue(write)]
        before, after = send.revoke(write, name)
        gate.move_queue(write)
        seated = {
            person.user_name: person.tier
            for person in members.of_ids(write, waiting)
            if person.tier is not None and person.wants is None
        }
        return Revoked(organizations.get(write).slug, after, before.held, seated)

    return (context.preview if preview else context.write)(work)


def accept(database: Database, token: str, *, request_id: str | None = None) -> Shown | None:
    """Accept the invitation of a link: the invitee becomes a member on the seat that it held.

    Returns:
        The invitation as it is now: accepted, or why not; None where there is none.

    Raises:
        CannotAcceptNow: no seats are given now, or the person that it became is not the invitee any more.
    """
    return acceptance.accept(database, token, request_id=request_id)


def add_domain(context: Context, name: str, *, verified: bool = False) -> Domain:
    """Name a domain; named again, it keeps its proof.

    Args:
        verified: take it as proved, on the operator's word.

    Raises:
        InvalidDomain, DomainTaken: it is not a domain, or it is another organization's.
    """
    domain = domain_of(name)
    return _unless_taken(lambda: context.write(lambda write: domains.name(write, domain, verified=verified)))


def verify_domain(context: Context, name: str, txt_records: Callable[[str], list[str]]) -> Domain:
    """Look for the proof of a domain in the DNS.

    Args:
        txt_records: the texts that stand at a name of the DNS.

    Raises:
        ServiceError: the proof is not there, the DNS does not answer, or another organization has it.
    """
    with context.read() as read:
        named = domains.existing(read, domain_of(name))
    # Outside of every transaction: a resolver may take seconds.
    domains.check_proof(named, txt_records)
    return _unless_taken(lambda: context.write(lambda write: domains.note_proof(write, named)))


def _unless_taken(work: Callable[[], Domain]) -> Domain:
    try:
        return work()
    except domain_rows.DomainTaken as error:
        raise DomainTaken(f"{error} is verified by another organization") from error


def remove_domain(context: Context, name: str) -> Domain:
    """Forget a domain: nobody is invited there any more; invitations that were sent stay.

    Raises:
        InvalidDomain, UnknownDomain: the organization has no such domain.
    """
    domain = domain_of(name)
    return context.write(lambda write: domains.remove(write, domain))
