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


class UnknownPerson(NotFound):
    """Nobody in this organization is called so."""

    code = "unknown_person"


class AmbiguousPerson(Conflict):
    """Several people's names contain the text."""

    code = "ambiguous_person"


class PersonInactive(Conflict):
    """An inactive person gets no seat: they have to be activated first."""

    code = "person_inactive"


class AlreadyActive(Conflict):
    """The person is active already."""

    code = "already_active"


class AlreadyInactive(Conflict):
    """The person is inactive already."""

    code = "already_inactive"


class AlreadySeated(Conflict):
    """The person has a seat already."""

    code = "already_seated"


class WithoutSeat(Conflict):
    """The person has no seat that could be taken, passed on or swapped."""

    code = "without_seat"


class SameTier(Conflict):
    """Both people have a seat of the same tier: there is nothing to swap."""

    code = "same_tier"


class PrimaryOwnerProtected(Denied):
    """The Primary Owner keeps role and access until the role is transferred."""

    code = "primary_owner"


class AlreadyPrimaryOwner(Conflict):
    """The person is the Primary Owner already."""

    code = "already_primary_owner"


class LastOwner(Denied):
    """The organization would have nobody that owns it and has access."""

    code = "last_owner"


class GivenByGroup(Denied):
    """A group gives the person's role or tier: the mapping or the group decides."""

    code = "given_by_group"


# Seats, contracts and invoices


class UnknownTier(NotFound):
    """The organization has no tier of this name."""

    code = "unknown_tier"


class InvalidOrder(Invalid):
    """What is ordered is not seats that can be added or upgraded."""

    code = "invalid_order"


class InvalidDay(Invalid):
    """A change cannot take effect on this day."""

    code = "invalid_day"


class InvalidKey(Invalid):
    """The text cannot be an idempotency key."""

    code = "invalid_key"


class KeyReused(Conflict):
    """The idempotency key has bought something else."""

    code = "key_reused"


class InvalidSeats(Invalid):
    """A tier cannot have this number of seats."""

    code = "invalid_seats"


class SeatsInUse(Conflict):
    """The seats are in use, so that there cannot be fewer."""

    code = "seats_in_use"


class OccupantsNotNamed(Conflict):
    """More seats are in use than people are named who move with them."""

    code = "occupants_not_named"


class NotEligible(Conflict):
    """The person cannot be given this seat."""

    code = "not_eligible"


class NoSeatGiven(Conflict):
    """No seat is given now: the organization is suspended, or no term of its contract runs."""

    code = "no_seat_given"


class NoContract(Conflict):
    """The organization has no contract that runs: its seats are granted, or the contract has ended."""

    code = "no_contract"


class ContractRuns(Conflict):
    """The contract that runs does not allow it."""

    code = "contract_runs"


class InvalidTerms(Invalid):
    """A contract cannot have these terms."""

    code = "invalid_terms"


class TaxMissing(InvalidTerms):
    """Prices contain a tax, whose percentage is not known."""

    code = "tax_missing"


class PriceMissing(InvalidTerms):
    """A tier with seats has no price."""

    code = "price_missing"


class TermsFixed(Conflict):
    """The term stays as it is, because invoices were computed with it."""

    code = "terms_fixed"


class UnknownInvoice(NotFound):
    """No invoice has this number."""

    code = "unknown_invoice"


class UnknownLine(NotFound):
    """The invoice has no line of this number."""

    code = "unknown_line"


class CreditedBefore(Conflict):
    """A credit note has taken back the line before."""

    code = "credited_before"


class NothingToCredit(Conflict):
    """A credit note, and what cost nothing, cannot be credited."""

    code = "nothing_to_credit"


class ReasonMissing(Invalid):
    """A change that is explained in the records has no reason."""

    code = "reason_missing"


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


class UnknownRefusal(NotFound):
    """No open refusal has this reference."""

    code = "unknown_refusal"


class NobodyLeftOut(Conflict):
    """Nobody waits, and nobody was refused lately."""

    code = "nobody_left_out"


class UnknownRemoval(NotFound):
    """No mass removal has this reference."""

    code = "unknown_removal"


class RemovalClosed(Conflict):
    """The mass removal was confirmed or restored before."""

    code = "removal_closed"


class UnreadableFile(Invalid):
    """The file of people cannot be read as a whole."""

    code = "unreadable_file"


class WrongLines(Invalid):
    """Some lines of the file are wrong, and the caller did not choose to leave them out."""

    code = "wrong_lines"


class NoSuchGroup(NotFound):
    """No group of this organization has this name."""

    code = "unknown_group"


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
