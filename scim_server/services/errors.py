"""Why a command or query could not be carried out. Nothing was changed; the message names the fix.

ServiceError
├── NotFound   what was named does not exist in this organization
├── Invalid    what was asked for is malformed or cannot mean anything
├── Conflict   what was asked for does not fit the present state
└── Denied     a rule or the actor's role forbids it

Each class has a stable `code` that programs compare. Messages name no command, option or page: each edge adds
its own hint by the code. What a SCIM client is answered stands in protocol/errors.
"""

from typing import ClassVar


class ServiceError(Exception):
    """A command or query that could not be carried out."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The sentence for people."""
        return str(self)


class NotFound(ServiceError):
    """What was named does not exist in this organization."""

    code = "not_found"


class Invalid(ServiceError):
    """What was asked for is malformed or cannot mean anything."""

    code = "invalid"


class Conflict(ServiceError):
    """What was asked for does not fit the present state."""

    code = "conflict"


class Denied(ServiceError):
    """A rule or the actor's role forbids it."""

    code = "denied"


class OperatorError(Conflict):
    """What was asked for cannot be; the message says why and what would do."""

    code = "refused"


# Lists and references


class InvalidReference(Invalid):
    """The text is not a reference such as acme-12."""

    code = "invalid_reference"


# People


# Seats, contracts and invoices


# Groups, mappings and schemas


class InvalidMapping(Invalid):
    """A mapping names no group, gives nothing, or gives a role that is not mapped."""

    code = "invalid_mapping"


class UnknownMapping(NotFound):
    """No mapping names this group."""

    code = "unknown_mapping"


class OwnRoleLost(Denied):
    """The mapping would take the role of the person who saves it."""

    code = "own_role_lost"


class InvalidSchema(Invalid):
    """The file holds no schema or resource type, or one of them is malformed."""

    code = "invalid_schema"


class SchemaExists(Conflict):
    """The organization has a schema or resource type of this name or address."""

    code = "schema_exists"


class UnknownSchema(NotFound):
    """The organization has no such schema or resource type."""

    code = "unknown_schema"


class SchemaInUse(Conflict):
    """Resources, people or resource types use it."""

    code = "schema_in_use"


# Invitations and domains


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
    """Too few seats are free; nothing was done."""

    code = "no_free_seat"


class InvitationsOff(Denied):
    """The organization does not invite people in its provisioning mode."""

    code = "invitations_off"


class PrimaryOwnerExists(Conflict):
    """The organization has a Primary Owner, or one is invited."""

    code = "primary_owner_exists"


class NotInvitable(Conflict):
    """Some of the addresses cannot be invited; nothing was sent."""

    code = "not_invitable"


class UnknownInvitation(NotFound):
    """There is no invitation with this id or address."""

    code = "unknown_invitation"


class InvitationClosed(Conflict):
    """The invitation is over: it was accepted, revoked, has expired, or a newer one replaced it."""

    code = "invitation_closed"


class InviteeRenamed(Conflict):
    """The person that the invitation became has another address, so nobody can accept it."""

    code = "invitee_renamed"


class CannotAccept(Conflict):
    """The invitation stands, and cannot be accepted at present."""

    code = "cannot_accept_now"


class UnknownDomain(NotFound):
    """The organization has no such domain."""

    code = "unknown_domain"


class DomainTaken(Conflict):
    """Another organization has verified the domain."""

    code = "domain_taken"


class DomainNotProved(Conflict):
    """The DNS does not hold the record that proves the domain."""

    code = "domain_not_proved"


class DomainChanged(Conflict):
    """The domain was removed and added again meanwhile."""

    code = "domain_changed"


class DnsUnanswered(Conflict):
    """The DNS did not answer."""

    code = "dns_unanswered"


# Left out, removals and simulations


# Organizations, tokens and keys


class UnknownOrganization(NotFound):
    """No organization has this slug."""

    code = "unknown_organization"


class InvalidSlug(Invalid):
    """The slug cannot stand in an address."""

    code = "invalid_slug"


class SlugTaken(Conflict):
    """Another organization has the slug."""

    code = "slug_taken"


class InvalidTier(Invalid):
    """The name of a tier is malformed, or there is no such tier."""

    code = "invalid_tier"


class InvalidQuantity(Invalid):
    """A number of seats is out of range."""

    code = "invalid_quantity"


class OwnerWithoutSeat(Conflict):
    """The owner of a new organization finds no seat in it."""

    code = "owner_without_seat"


class BuyNeedsContract(Conflict):
    """The policy `buy` needs a contract with a price: without one it never buys a seat."""

    code = "buy_needs_contract"


class BuyNeedsCeiling(Conflict):
    """The policy `buy` needs a ceiling: without one it never buys a seat."""

    code = "buy_needs_ceiling"


class StaleConfirmation(Conflict):
    """The confirmation belongs to another preview: what it showed has changed."""

    code = "stale_confirmation"


class UnknownToken(NotFound):
    """The organization has no such token that could be revoked."""

    code = "unknown_token"


class TokenNameTaken(Conflict):
    """A live token of the organization has the name."""

    code = "token_name_taken"


class AmbiguousToken(Conflict):
    """Several tokens have the name."""

    code = "ambiguous_token"


class UnknownApiKey(NotFound):
    """There is no such live key."""

    code = "unknown_api_key"


class AmbiguousApiKey(Conflict):
    """Several live keys have the name."""

    code = "ambiguous_api_key"


class UnknownScope(Invalid):
    """There is no such scope."""

    code = "unknown_scope"
