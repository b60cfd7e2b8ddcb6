"""The terms of a contract, as contracts and invoices show them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from scim_server.representations.base import Money, Representation, dump
from seat_policy.money import Money as Amount


class SeatPrice(Representation):
    """The price of a seat, as agreed and for a whole term."""

    amount = Money()
    per = fields.String()
    term = Money()


class _Prices(fields.Dict):
    """The prices by the name of the tier. Stored terms have amounts as text, without their currency."""

    def __init__(self) -> None:
        super().__init__(keys=fields.String(), values=fields.Nested(SeatPrice))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> dict[str, object]:  # noqa: ANN401, ARG002 - the library's own signature
        return _prices(obj)


def _prices(terms: Mapping[str, Any]) -> dict[str, object]:
    currency = terms["currency"]
    return {
        tier: dump(SeatPrice(), {
            "amount": Amount.parse(price["amount"], currency),
            "per": price["per"],
            "term": Amount.parse(price["term"], currency),
        })
        for tier, price in terms["prices"].items()
    }  # fmt: skip


class Term(Representation):
    """One term; `end` is the day after its last day."""

    number = fields.Integer()
    start = fields.String()
    end = fields.String()


class Tax(Representation):
    """A percentage, and whether prices include it."""

    percent = fields.String()
    inclusive = fields.Boolean()


class Terms(Representation):
    """The agreed terms, as contracts and invoices show them."""

    start = fields.String()
    months = fields.Integer()
    term = fields.Nested(Term)
    currency = fields.String()
    prices = _Prices()
    time_zone = fields.String()
    method = fields.String()
    minimum = fields.Integer()
    auto_renew = fields.Boolean()
    renewal = fields.String()
    tax = fields.Nested(Tax, allow_none=True)
