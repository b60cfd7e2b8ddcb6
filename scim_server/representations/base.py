"""The rules of all representations.

Names are snake_case, ids are text, and times are RFC 3339 in UTC. Money is `{"amount": "1000.00", "currency":
"USD"}`. The key `organization` contains the slug. A list is `{"data": [...], "next_cursor": ...}`.
"""

from functools import cache
from typing import Any, ClassVar, TypeVar

from marshmallow import Schema, fields

from scim_server.services.lists import Page
from seat_policy.money import Money as Amount

T = TypeVar("T")


class Representation(Schema):
    """The schema of a value that a service returns. It is used only for output."""

    class Meta:
        """Fields keep the order in which they are written."""

        ordered: ClassVar[bool] = True


class Money(fields.Field[Amount]):
    """An amount with its currency. The amount is decimal text with the number of decimals of the currency."""

    def _serialize(
        self,
        value: Amount | None,
        attr: str | None,  # noqa: ARG002 - the library's own signature
        obj: Any,  # noqa: ANN401, ARG002 - as above
        **kwargs: Any,  # noqa: ANN401, ARG002 - as above
    ) -> object:
        return None if value is None else {"amount": str(value), "currency": value.currency}


class Quantities(fields.Dict):
    """Numbers of seats, by the name of the tier."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as the library's own signature
        super().__init__(keys=fields.String(), values=fields.Integer(), **kwargs)


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of a list."""
    members = {
        "data": fields.List(fields.Nested(item)),
        "next_cursor": fields.String(
            allow_none=True,
            metadata={"description": "Continues the list in the parameter `cursor`; null at its end."},
        ),
    }
    name = item.__name__.removesuffix("Representation")
    return type(f"{name}List", (Representation,), members)


def dump(schema: Representation, value: object) -> dict[str, object]:
    """The representation of one value."""
    dumped: dict[str, object] = schema.dump(value)
    return dumped


def listing(schema: Representation, page: Page[T]) -> dict[str, object]:
    """The representation of a page of a list."""
    return {"data": [dump(schema, one) for one in page.data], "next_cursor": page.next_cursor}
