"""Bearer tokens of providers and API keys of the vendor's app, without their secrets."""

from marshmallow import fields

from scim_server.representations.base import Representation
from scim_server.services.access.commands import NewToken


class Token(Representation):
    """A bearer token of an organization."""

    id = fields.String()
    name = fields.String()
    created = fields.String()
    expires = fields.String(allow_none=True)
    revoked = fields.String(allow_none=True)
    last_used = fields.String(allow_none=True)


class RefusedPeople(Representation):
    """The people whom a provider sent in the last 24 hours and who are still refused."""

    people = fields.Integer()
    first_attempt = fields.String()
    last_attempt = fields.String()
    attempts = fields.Integer(
        metadata={"description": "The attempts for the person who was sent most often."}
    )


class TokenDetails(Representation):
    """A bearer token with its rotation and its provider."""

    id = fields.String(attribute="state.token.id")
    name = fields.String(attribute="state.token.name")
    created = fields.String(attribute="state.token.created")
    expires = fields.String(attribute="state.token.expires", allow_none=True)
    revoked = fields.String(attribute="state.token.revoked", allow_none=True)
    last_used = fields.String(attribute="state.token.last_used", allow_none=True)
    live = fields.Boolean(
        attribute="state.live", metadata={"description": "Whether the token is accepted now."}
    )
    successor = fields.String(
        attribute="state.successor.id",
        allow_none=True,
        dump_default=None,
        metadata={"description": "The id of the token that replaces this one in a running rotation."},
    )
    predecessor = fields.String(
        attribute="state.predecessor.id",
        allow_none=True,
        dump_default=None,
        metadata={"description": "The id of the token that this one replaces in a running rotation."},
    )
    provider = fields.String(
        allow_none=True,
        metadata={"description": "The provider, guessed from how it names itself, or from the token's name."},
    )
    came = fields.Integer(
        attribute="connection.came",
        dump_default=0,
        metadata={"description": "How many people it made members or active in the last 24 hours."},
    )
    refused = fields.Nested(
        RefusedPeople,
        attribute="connection.refused",
        allow_none=True,
        dump_default=None,
        metadata={"description": "The people whom it sent and who are refused; null if there are none."},
    )


class CreatedToken(Token):
    """A new bearer token with its secret, which is shown only once."""

    organization = fields.String()
    base_url = fields.String(metadata={"description": "The SCIM base URL for the provider."})
    token = fields.String(metadata={"description": "The secret. It is not shown again."})


class RevokedToken(Representation):
    """A revoked token, or the preview of it."""

    organization = fields.String()
    preview = fields.Boolean()
    id = fields.String()
    name = fields.String()
    last_used = fields.String(allow_none=True)
    revoked = fields.Boolean()


class ApiKey(Representation):
    """A key for /v1."""

    id = fields.String()
    name = fields.String()
    scopes = fields.Function(lambda key: sorted(key.scopes))
    organization = fields.String(allow_none=True)
    created = fields.String()
    expires = fields.String(allow_none=True)
    revoked = fields.String(allow_none=True)
    last_used = fields.String(allow_none=True)
    rotating = fields.String(allow_none=True)


def created(slug: str, made: NewToken, base_url: str) -> dict[str, object]:
    """A new token with its secret."""
    token: dict[str, object] = Token().dump(made.token)
    return {"organization": slug, **token, "base_url": base_url, "token": made.secret}


def revoked(slug: str, token: object, *, preview: bool) -> dict[str, object]:
    """A revoked token, or the preview of it."""
    shown: dict[str, object] = Token(only=("id", "name", "last_used")).dump(token)
    return {"organization": slug, "preview": preview, **shown, "revoked": not preview}
