"""Quotes: the price of seats, without a purchase."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from scim_server.admin import auth
from scim_server.admin.parsing import Input, Quantities
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.admin.seats import UpgradeInput, upgrades_of
from scim_server.admin.terms import TermsInput, terms_of
from scim_server.representations.bills import QuotedPrice, quoted
from scim_server.services.access.commands import Scope
from scim_server.services.billing import queries
from scim_server.services.errors import InvalidOrder, InvalidTerms, NoContract, TaxMissing
from seat_policy.bill import Order

quotes = Noun("quotes", "The price of seats, computed without a purchase.")

_MOST_UPGRADES: Final = 50
_NO_DAY: Final = "Must be a day such as 2026-03-01, or a time such as 2026-03-01T07:30Z."


class DayOrTime(fields.Field[Any]):
    """A day, or a time; a time without a zone is in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date | datetime:  # noqa: ANN401, ARG002 - the library's own signature
        for read in (date.fromisoformat, datetime.fromisoformat):
            with suppress(ValueError, TypeError):
                found = read(value)
                if not isinstance(found, datetime) or found.tzinfo:
                    return found
                return found.replace(tzinfo=UTC)
        raise ValidationError(_NO_DAY)


class QuoteInput(Input):
    """An order whose price is computed."""

    seats = Quantities(load_default=dict, least=1, metadata={"description": "Seats to add, by tier."})
    upgrades = fields.List(
        fields.Nested(UpgradeInput), load_default=list, validate=validate.Length(max=_MOST_UPGRADES)
    )
    on = DayOrTime(
        load_default=None,
        metadata={
            "type": "string",
            "description": "The day on which the order takes effect; usually today. The day of a time "
            "depends on the time zone of the contract.",
        },
    )
    terms = fields.Nested(
        TermsInput,
        load_default=None,
        metadata={"description": "Compute the price by these terms alone, not by the contract."},
    )


@quotes.do(
    f"{OF_ORGANIZATION}/quotes",
    Scope.BILLING_READ,
    QuotedPrice,
    QuoteInput,
    raises=(InvalidOrder, InvalidTerms, TaxMissing, NoContract),
    example={
        "seats": {"standard": 5},
        "on": "2026-03-01",
        "terms": {"start": "2026-01-01", "prices": {"standard": {"amount": "20.00"}}},
    },
)
def quote(body: dict[str, Any]) -> dict[str, object]:
    """Compute the price of adding or upgrading seats for the rest of the term. Nothing is stored.

    The price follows from the contract of the organization, or from the given terms alone. Whether enough
    seats are free is not checked: the preview of a purchase shows that.
    """
    terms = None if body["terms"] is None else terms_of(body["terms"])
    order = Order(body["seats"], upgrades_of(body))
    bill = queries.quote_for(auth.context(), order, body["on"], terms)
    return quoted(auth.organization().slug, bill)
