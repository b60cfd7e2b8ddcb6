"""Sign-ins and entitlements of people."""

from typing import Any

from marshmallow import fields, validate

from scim_server.admin import auth
from scim_server.admin.parsing import Flag, Input, text
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.protocol.normalise import user_name_key
from scim_server.representations.base import dump
from scim_server.representations.people import (
    ANSWER,
    ENTITLEMENT,
    AnswerRepresentation,
    EntitlementRepresentation,
)
from scim_server.services.access.commands import Scope
from scim_server.services.errors import UnknownPerson
from scim_server.services.people import commands, queries
from scim_server.services.people.commands import SignIn
from seat_policy.ways_in import WayIn

sign_ins = Noun("sign-ins", "Whether a person may use the app, and with which tier and role.")

_MOST_GROUPS = 1_000


class EmailInput(Input):
    """An e-mail address, in SCIM's form."""

    value = text(required=True)
    type = text()
    primary = Flag()
    display = text()


class NameInput(Input):
    """A name, in SCIM's form."""

    formatted = text()
    familyName = text()  # noqa: N815 - RFC 7643's name
    givenName = text()  # noqa: N815
    middleName = text()  # noqa: N815
    honorificPrefix = text()  # noqa: N815
    honorificSuffix = text()  # noqa: N815


class SignInInput(Input):
    """The person who signs in, with the values of the app's identity provider."""

    userName = text(required=True)  # noqa: N815
    emails = fields.List(fields.Nested(EmailInput), validate=validate.Length(max=20))
    name = fields.Nested(NameInput)
    displayName = text()  # noqa: N815
    externalId = text()  # noqa: N815
    groups = fields.List(
        text(),
        validate=validate.Length(max=_MOST_GROUPS),
        metadata={"description": "The person's groups. Without them, the tier and role stay."},
    )


@sign_ins.do(
    f"{OF_ORGANIZATION}/sign-ins",
    Scope.SIGN_INS,
    AnswerRepresentation,
    SignInInput,
    example={"userName": "ada@example.com", "displayName": "Ada Lovelace", "groups": ["Engineering"]},
)
def sign_in(body: dict[str, Any]) -> dict[str, object]:
    """Answer a sign-in: admitted, waiting or refused.

    In the mode `jit`, the first sign-in creates the person.
    """
    said = dict(body)
    groups = said.pop("groups", None)
    signing = SignIn(user_name_key(said["userName"]), said, groups)
    return dump(ANSWER, commands.answer_sign_in(auth.context(WayIn.JIT), signing))


@sign_ins.show(
    f"{OF_ORGANIZATION}/people/<person>/entitlement",
    Scope.PEOPLE_READ,
    EntitlementRepresentation,
    raises=(UnknownPerson,),
)
def entitlement(person: str) -> dict[str, object]:
    """The present entitlement of a person. Asking does not count as a sign-in."""
    found = queries.entitlement(auth.context(WayIn.JIT), person)
    if found is None:
        raise UnknownPerson(f"no person has the id '{person[:100]}'")
    return dump(ENTITLEMENT, found)
