"""Invite people, revoke and accept invitations, and verify domains of invited addresses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scim_server.services.addresses import domain_of
from scim_server.services.context import Context
from scim_server.services.errors import DomainTaken
from scim_server.services.invitations import accept as acceptance
from scim_server.services.invitations import domains, send
from scim_server.services.invitations import eligibility as inviting
from scim_server.services.invitations.accept import CannotAcceptNow, Obstacle, Shown
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.send import LANGUAGES, MOST_AT_ONCE, Invitees
from scim_server.services.seats import queue
from scim_server.store.database.session import Database, Write
from scim_server.store.rows import domains as domain_rows
from scim_server.store.rows import members, organizations
from scim_server.store.rows.domains import Domain
from scim_server.store.rows.invitations import Invitation

__all__ = [
    "LANGUAGES",
    "MOST_AT_ONCE",
    "CannotAcceptNow",
    "Invitees",
    "Obstacle",
    "Revoked",
    "Shortfall",
    "Shown",
    "accept",
    "add_domain",
    "invite",
    "invite_primary_owner",
    "remove_domain",
    "resend",
    "revoke",
    "verify_domain",
]


def invite(context: Context, invitees: Invitees, *, preview: bool = False) -> list[Invitation] | Shortfall:
    """Invite addresses, either all of them or none. Each invitation holds a seat and sends a mail.

    Args:
        preview: only compute the result. The ids of its invitations are not used again.

    Raises:
        ServiceError: one address cannot be invited, or invitations are not possible now.
        PolicyError: the tier does not exist.
    """
    addresses = invitees.addresses()
    run = context.preview if preview else context.write
    return run(lambda write: send.invite(write, addresses, invitees))


def invite_primary_owner(context: Context, text: str, *, language: str = "en") -> Invitation | Shortfall:
    """Invite the Primary Owner of an organization without one. The operator confirms the address.

    Raises:
        ServiceError: a Primary Owner exists or is invited, the person is a member, or the text is not an
            address.
    """

    def work(write: Write) -> Invitation | Shortfall:
        return send.invite_owner(write, inviting.allowed_owner(write), text, language)

    return context.write(work)


def resend(context: Context, name: str) -> Invitation | Shortfall:
    """Send an invitation again, with a new link for another 21 days.

    Args:
        name: the id of the invitation, or the address.

    Raises:
        ServiceError: the invitation does not exist or has ended, or invitations are not possible now.
    """
    return context.write(lambda write: send.resend(write, name))


@dataclass(frozen=True, slots=True)
class Revoked:
    """A revoked invitation, or the preview of revoking it.

    Attributes:
        organization: its slug.
        released: the tier of the held seat; None if no seat was held.
        let_in: the tiers that waiting people get, by userName.
    """

    organization: str
    invitation: Invitation
    released: str | None
    let_in: Mapping[str, str]


def revoke(context: Context, name: str, *, preview: bool = False) -> Revoked:
    """Revoke an invitation. The first person in the queue gets its seat.

    Raises:
        UnknownInvitation, InvitationClosed: the invitation does not exist, or is not pending.
    """

    def work(write: Write) -> Revoked:
        waiting = [person.id for person in members.queue(write)]
        before, after = send.revoke(write, name)
        queue.move(write)
        seated = {
            person.user_name: person.tier
            for person in members.of_ids(write, waiting)
            if person.tier is not None and person.wants is None
        }
        return Revoked(organizations.get(write).slug, after, before.held, seated)

    return (context.preview if preview else context.write)(work)


def accept(database: Database, token: str, *, request_id: str | None = None) -> Shown | None:
    """Accept the invitation of a link. The invitee becomes a member with the held seat.

    Returns:
        The invitation, either accepted or in the state that prevents acceptance; None if it does not exist.

    Raises:
        CannotAcceptNow: no seats are assigned now, or the person now has another address than the invited
            one.
    """
    return acceptance.accept(database, token, request_id=request_id)


def add_domain(context: Context, name: str, *, verified: bool = False) -> Domain:
    """Add a domain. If the domain was added before, it stays verified.

    Args:
        verified: whether the operator confirms the domain.

    Raises:
        InvalidDomain, DomainTaken: the text is not a domain, or another organization has verified the domain.
    """
    domain = domain_of(name)
    return _unless_taken(lambda: context.write(lambda write: domains.name(write, domain, verified=verified)))


def verify_domain(context: Context, name: str, txt_records: Callable[[str], list[str]]) -> Domain:
    """Verify a domain by its DNS record.

    Args:
        txt_records: returns the TXT records of a name.

    Raises:
        ServiceError: the record is missing, the DNS does not answer, or another organization has the domain.
    """
    with context.read() as read:
        named = domains.existing(read, domain_of(name))
    # The DNS is read outside a transaction, because a resolver may take seconds.
    domains.check_proof(named, txt_records)
    return _unless_taken(lambda: context.write(lambda write: domains.note_proof(write, named)))


def _unless_taken(work: Callable[[], Domain]) -> Domain:
    try:
        return work()
    except domain_rows.DomainTaken as error:
        raise DomainTaken(f"another organization has already verified {error}") from error


def remove_domain(context: Context, name: str) -> Domain:
    """Remove a domain. Its addresses can no longer be invited; existing invitations stay.

    Raises:
        InvalidDomain, UnknownDomain: the organization has no such domain.
    """
    domain = domain_of(name)
    return context.write(lambda write: domains.remove(write, domain))
