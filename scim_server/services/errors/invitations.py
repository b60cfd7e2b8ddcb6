"""Failures about invitations and domains."""

from scim_server.services.errors.base import Conflict, Denied, Invalid, NotFound


class InvalidAddress(Invalid):
    """The text is not an e-mail address."""

    code = "invalid_address"


class InvalidDomain(Invalid):
    """The text is not a domain."""

    code = "invalid_domain"


class InvalidInvitation(Invalid):
    """The number of addresses, the role or the language of an invitation is wrong."""

    code = "invalid_invitation"


class NoFreeSeat(Conflict):
    """Too few seats are free; nothing was changed."""

    code = "no_free_seat"


class InvitationsOff(Denied):
    """The organization cannot invite people in its provisioning mode."""

    code = "invitations_off"


class PrimaryOwnerExists(Conflict):
    """The organization already has a Primary Owner, or has already invited one."""

    code = "primary_owner_exists"


class NotInvitable(Conflict):
    """Some of the addresses cannot be invited; nothing was sent."""

    code = "not_invitable"


class UnknownInvitation(NotFound):
    """An invitation with this id or address does not exist."""

    code = "unknown_invitation"


class InvitationClosed(Conflict):
    """The invitation was accepted or revoked, has expired, or was replaced by a newer one."""

    code = "invitation_closed"


class InviteeRenamed(Conflict):
    """The invitee now has another address, so the invitation cannot be accepted."""

    code = "invitee_renamed"


class CannotAccept(Conflict):
    """The invitation is valid, but cannot be accepted at present."""

    code = "cannot_accept_now"


class UnknownDomain(NotFound):
    """The organization does not have this domain."""

    code = "unknown_domain"


class DomainTaken(Conflict):
    """Another organization has verified the domain."""

    code = "domain_taken"


class DomainNotProved(Conflict):
    """The DNS does not contain the record that verifies the domain."""

    code = "domain_not_proved"


class DomainChanged(Conflict):
    """The domain was removed and added again during the request."""

    code = "domain_changed"


class DnsUnanswered(Conflict):
    """The DNS did not answer."""

    code = "dns_unanswered"
