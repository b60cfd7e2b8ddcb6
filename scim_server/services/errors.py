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


# Invitations and domains


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
