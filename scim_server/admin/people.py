"""Sign-ins and entitlements of people."""

from http import HTTPStatus
from typing import Any, cast

from flask import Blueprint, Response
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from scim_server import bodies
from scim_server.admin import auth
from scim_server.admin.problems import Problem, answer
from scim_server.protocol.attributes import JSON
from scim_server.protocol.normalise import user_name_key
from scim_server.representations.base import dump
from scim_server.representations.people import ANSWER, ENTITLEMENT
from scim_server.services.access.queries import PEOPLE_READ, SIGN_INS
from scim_server.services.people import commands, queries
from scim_server.services.people.commands import SignIn

admin = Blueprint("admin", __name__)

_MOST = 255
_MOST_GROUPS = 1_000


def _text(*, required: bool = False) -> fields.String:
    return fields.String(required=required, validate=validate.Length(1, _MOST))


class EmailSchema(Schema):
    """An e-mail address, in SCIM's form."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE

    value = _text(required=True)
    type = _text()
    primary = fields.Boolean()
    display = _text()


class NameSchema(Schema):
    """A name, in SCIM's form."""

    class Meta:
        """Unknown fields are refused."""

        unknown = RAISE

    formatted = _text()
    familyName = _text()  # noqa: N815 - RFC 7643's name
    givenName = _text()  # noqa: N815
    middleName = _text()  # noqa: N815
    honorificPrefix = _text()  # noqa: N815
    honorificSuffix = _text()  # noqa: N815


class SignInSchema(Schema):
    """The person who signs in, with the values of the app's identity provider."""

    class Meta:
        """Unknown fields are refused, because a mistyped `groups` would remove people's tiers."""

        unknown = RAISE

    userName = _text(required=True)  # noqa: N815
    emails = fields.List(fields.Nested(EmailSchema), validate=validate.Length(max=20))
    name = fields.Nested(NameSchema)
    displayName = _text()  # noqa: N815
    externalId = _text()  # noqa: N815
    groups = fields.List(_text(), validate=validate.Length(max=_MOST_GROUPS))


_SIGN_IN = SignInSchema()


@admin.post("/organizations/<slug>/sign-ins")
def sign_in(slug: str) -> Response:
    """Answer a sign-in: admitted, waiting or refused."""
    auth.require(SIGN_INS)
    context = auth.context(slug)
    signing = _read(bodies.json_body())
    return answer(dump(ANSWER, commands.answer_sign_in(context, signing)))


@admin.get("/organizations/<slug>/people/<person>/entitlement")
def entitlement(slug: str, person: str) -> Response:
    """The present entitlement of a person."""
    auth.require(PEOPLE_READ)
    found = queries.entitlement(auth.context(slug), person)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "person_unknown", f"No person has the id '{person[:100]}'.")
    return answer(dump(ENTITLEMENT, found))


def _read(body: dict[str, JSON]) -> SignIn:
    try:
        loaded = cast("dict[str, Any]", _SIGN_IN.load(body))
    except ValidationError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_body", _in_words(error.messages)) from None
    groups = loaded.pop("groups", None)
    return SignIn(user_name_key(loaded["userName"]), loaded, groups)


def _in_words(messages: Any, at: str = "") -> str:  # noqa: ANN401 - marshmallow nests them as it likes
    """The first message of marshmallow, with the field that it is about."""
    name, found = next(iter(messages.items()))
    place = f"{at}.{name}" if at else str(name)
    return _in_words(found, place) if isinstance(found, dict) else f"{place}: {found[0]}"
