"""Failures about seats, contracts and invoices."""

from scim_server.services.errors.base import Conflict, Invalid, NotFound


class UnknownTier(NotFound):
    """The organization has no tier of this name."""

    code = "unknown_tier"


class InvalidOrder(Invalid):
    """The ordered seats cannot be added or upgraded."""

    code = "invalid_order"


class InvalidDay(Invalid):
    """A change cannot take effect on this day."""

    code = "invalid_day"


class InvalidKey(Invalid):
    """The text is not a valid idempotency key."""

    code = "invalid_key"


class KeyReused(Conflict):
    """The idempotency key was used for another order."""

    code = "key_reused"


class InvalidSeats(Invalid):
    """A tier cannot have this number of seats."""

    code = "invalid_seats"


class SeatsInUse(Conflict):
    """The seats are in use, so their number cannot be reduced."""

    code = "seats_in_use"


class OccupantsNotNamed(Conflict):
    """An upgrade includes seats in use, and not all people in these seats are given."""

    code = "occupants_not_named"


class NotEligible(Conflict):
    """This seat cannot be assigned to the person."""

    code = "not_eligible"


class NoSeatGiven(Conflict):
    """No seats are assigned now: the organization is suspended, or its contract has no current term."""

    code = "no_seat_given"


class NoContract(Conflict):
    """The organization has no current contract. Either its seats are granted, or the contract has ended."""

    code = "no_contract"


class ContractRuns(Conflict):
    """The current contract does not allow the request."""

    code = "contract_runs"


class InvalidTerms(Invalid):
    """A contract cannot have these terms."""

    code = "invalid_terms"


class TaxMissing(InvalidTerms):
    """Prices include tax, but the percentage is missing."""

    code = "tax_missing"


class PriceMissing(InvalidTerms):
    """A tier with seats has no price."""

    code = "price_missing"


class TermsFixed(Conflict):
    """The value is fixed, because invoices were computed with it."""

    code = "terms_fixed"


class UnknownInvoice(NotFound):
    """No invoice has this number."""

    code = "unknown_invoice"


class UnknownLine(NotFound):
    """The invoice has no line with this number."""

    code = "unknown_line"


class CreditedBefore(Conflict):
    """An earlier credit note already credited the line."""

    code = "credited_before"


class NothingToCredit(Conflict):
    """A credit note cannot be credited, and a line that costs nothing cannot be credited."""

    code = "nothing_to_credit"


class ReasonMissing(Invalid):
    """The reason of the change is missing."""

    code = "reason_missing"
