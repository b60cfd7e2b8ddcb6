"""Reads bodies and queries of /v1 by marshmallow schemas. Every wrong field is named in one answer."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NoReturn

from flask import Request, g
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs.flaskparser import FlaskParser

from scim_server import bodies
from scim_server.admin.problems import Problem
from scim_server.protocol.messages import parse_object

LONGEST: Final = 255
_MOST_NAMES: Final = 50
_CODES: Final = {"json": "invalid_body", "query": "invalid_query"}


class Input(Schema):
    """The schema of a body or of a query. Unknown fields are refused, because they may be mistyped."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE


class Nothing(Input):
    """The body of an action that needs no values: empty, or an empty object."""


class Flag(fields.Boolean):
    """A JSON boolean; texts and numbers are refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ANN401 - the library's own signature
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return bool(super()._deserialize(value, attr, data, **kwargs))


class Named(fields.Dict):
    """Values by name. The messages about a value are below its name."""

    def __init__(self, values: fields.Field[Any], **kwargs: Any) -> None:  # noqa: ANN401 - as above
        name = fields.String(validate=validate.Length(1, 32))
        super().__init__(keys=name, values=values, validate=validate.Length(max=_MOST_NAMES), **kwargs)

    def deserialize(
        self,
        value: Any,  # noqa: ANN401 - as above
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        """The values by name.

        Raises:
            ValidationError: with the messages by name.
        """
        try:
            return super().deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            raise ValidationError(_plain(error.messages)) from None


def _plain(messages: Any) -> Any:  # noqa: ANN401 - marshmallow nests them as it likes
    """Messages about the names and values of a dictionary, by name."""
    if not isinstance(messages, dict):
        return messages
    return {name: one.get("key") or one["value"] for name, one in messages.items()}


class Quantities(Named):
    """Whole numbers by the name of the tier."""

    def __init__(self, *, least: int = 0, most: int = 10_000_000, **kwargs: Any) -> None:  # noqa: ANN401 - as above
        super().__init__(fields.Integer(strict=True, validate=validate.Range(least, most)), **kwargs)


def text(*, longest: int = LONGEST, about: str = "", **kwargs: Any) -> fields.String:  # noqa: ANN401 - as above
    """A text that is not empty.

    Args:
        about: the description for the documentation.
    """
    metadata = {"description": about} if about else {}
    return fields.String(validate=validate.Length(1, longest), metadata=metadata, **kwargs)


def choice(values: Sequence[str], *, about: str = "", **kwargs: Any) -> fields.String:  # noqa: ANN401 - as above
    """One of some words."""
    metadata = {"description": about} if about else {}
    return fields.String(validate=validate.OneOf(list(values)), metadata=metadata, **kwargs)


def flag(*, about: str = "", **kwargs: Any) -> Flag:  # noqa: ANN401 - as above
    """A JSON boolean."""
    return Flag(metadata={"description": about} if about else {}, **kwargs)


def body_bytes() -> bytes:
    """The body of the request, which is read once."""
    if "body" not in g:
        g.body = bodies.body()
    found: bytes = g.body
    return found


class Parser(FlaskParser):
    """Reads the body with the checks that all interfaces share, and refuses what it does not know."""

    DEFAULT_VALIDATION_STATUS = HTTPStatus.BAD_REQUEST

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401, ARG002 - the library's own signature
        """The body, which may be empty if every field may be left out."""
        content = body_bytes()
        return {} if not content else parse_object(content)

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401 - as above
        """The parameters of the query. Each may be given once."""
        unknown = {name: [_unknown(schema)] for name in req.args if name not in schema.fields}
        twice = {name: ["Given more than once."] for name, all_ in req.args.lists() if len(all_) > 1}
        strange = {name: ["Not text."] for name, value in req.args.items() if "\0" in f"{name}{value}"}
        if unknown or twice or strange:
            raise _wrong("query", {**twice, **unknown, **strange})
        return req.args.to_dict()

    def handle_error(
        self,
        error: ValidationError,
        req: Request,  # noqa: ARG002 - the library's own signature
        schema: Schema,  # noqa: ARG002 - as above
        *,
        error_status_code: int | None,  # noqa: ARG002 - as above
        error_headers: Mapping[str, str] | None,  # noqa: ARG002 - as above
    ) -> NoReturn:
        """Refuse the request, with all messages by field."""
        ((location, messages),) = error.messages_dict.items()
        raise _wrong(location, dict(_flat(messages))) from None


def _wrong(location: str, errors: dict[str, list[str]]) -> Problem:
    """The refusal of a body or query. The detail has the first message, because logs show only the detail."""
    name, (first, *_) = next(iter(errors.items()))
    more = f" {len(errors) - 1} more in `errors`." if len(errors) > 1 else ""
    return Problem(_CODES[location], f"{name}: {first}{more}", errors=errors)


def _unknown(schema: Schema) -> str:
    known = ", ".join(schema.fields) or "none"
    return f"Unknown parameter. Known parameters: {known}."


def _flat(messages: Any, at: str = "") -> Iterator[tuple[str, list[str]]]:  # noqa: ANN401 - marshmallow nests them as it likes
    """The messages of marshmallow by the path of the field, such as `emails.0.value`."""
    if isinstance(messages, dict):
        for name, found in messages.items():
            yield from _flat(found, _join(at, name))
    else:
        yield at or "body", [str(one) for one in messages]


def _join(at: str, name: object) -> str:
    shown = "body" if name == "_schema" and not at else str(name)
    if name == "_schema" and at:
        return at
    return f"{at}.{shown}" if at else shown
