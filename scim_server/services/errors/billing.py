"""Failures about seats, contracts and invoices."""

from scim_server.services.errors.base import Conflict, Invalid, NotFound


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
