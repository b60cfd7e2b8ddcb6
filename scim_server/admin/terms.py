"""The terms of a contract as bodies give them."""

from decimal import Decimal
from typing import Any

from marshmallow import fields, validate

from scim_server.admin.parsing import Input, Named, choice, flag, text
from scim_server.services.billing.commands import Terms
from seat_policy.contract import Per, Renewal
from seat_policy.proration import Proration

_AMOUNT = validate.Regexp(r"\A[0-9]{1,12}(\.[0-9]{1,6})?\Z", error="Must be an amount such as 20.00.")
_PERCENT = validate.Regexp(r"\A[0-9]{1,9}(\.[0-9]{1,9})?\Z", error="Must be a percentage such as 19.")


class Price(Input):
    """The price of one seat of a tier."""

    amount = fields.String(required=True, validate=_AMOUNT, metadata={"description": "Such as 20.00."})
    per = choice([one.value for one in Per], load_default=Per.MONTH.value, about="The period of the price.")


class TermsInput(Input):
    """The terms of a contract. Terms that are left out keep their value, or get the usual one."""

    start = fields.Date(metadata={"description": "The first day of the first term; usually today."})
    months = fields.Integer(
        strict=True,
        validate=validate.Range(1, 120),
        metadata={"description": "Months in a term; usually 12."},
    )
    currency = fields.String(
        validate=validate.Regexp(r"\A[A-Z]{3}\Z", error="Must be an ISO 4217 code such as USD."),
        metadata={"description": "The ISO 4217 code; usually USD."},
    )
    prices = Named(fields.Nested(Price), metadata={"description": "The price of one seat, by tier."})
    time_zone = text(longest=64, about="The time zone of the calendar days, such as Europe/Berlin.")
    method = choice([one.value for one in Proration], about="How a part of a month is billed.")
    minimum = fields.Integer(
        strict=True,
        validate=validate.Range(0, 10_000_000),
        metadata={"description": "The least number of seats after a renewal."},
    )
    auto_renew = flag(about="Whether another term follows automatically.")
    renewal = choice([one.value for one in Renewal], about="Seats of the next term: in use, or purchased.")
    tax = fields.String(validate=_PERCENT, metadata={"description": "Tax in percent; 0 means none."})
    tax_inclusive = flag(about="Whether the prices include the tax.")
    term = fields.Integer(
        strict=True,
        validate=validate.Range(1, 1_000),
        metadata={"description": "The number of the current term, if another system invoiced earlier ones."},
    )
    seller = text(longest=2_000, about="Name and address of the seller on invoices.")
    bill_to = text(longest=2_000, about="The customer on invoices.")


def terms_of(given: dict[str, Any]) -> Terms:
    """The terms that a loaded body gives."""
    said = dict(given)
    prices = said.pop("prices", {})
    method, renewal, tax = said.pop("method", None), said.pop("renewal", None), said.pop("tax", None)
    return Terms(
        prices={tier: (one["amount"], Per(one["per"])) for tier, one in prices.items()},
        proration=None if method is None else Proration(method),
        renewal=None if renewal is None else Renewal(renewal),
        tax=None if tax is None else Decimal(tax),
        **said,
    )
