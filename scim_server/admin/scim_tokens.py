"""SCIM tokens: create, list, rotate in two steps, and revoke."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from marshmallow import fields, validate

from scim_server.admin import auth, lists
from scim_server.admin.parsing import Input, text
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import tokens as shapes
from scim_server.representations.base import dump
from scim_server.services.access import commands, queries
from scim_server.services.access.commands import Scope
from scim_server.services.errors import NoRotation, TokenNameTaken, UnknownToken

scim_tokens = Noun("scim-tokens", "The bearer tokens with which providers call SCIM.")

_TOKENS = f"{OF_ORGANIZATION}/scim-tokens"
_ONE = f"{_TOKENS}/<token>"
_NAME = "provider"


class TokenInput(Input):
    """A new token."""

    name = text(load_default=None, about="Its name in the log; usually provider, provider-2, and so on.")
    days = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 3650),
        metadata={"description": "Days until it expires; usually it does not expire."},
    )


@scim_tokens.do(
    _TOKENS,
    Scope.TOKENS_WRITE,
    shapes.CreatedToken,
    TokenInput,
    status=HTTPStatus.CREATED,
    raises=(TokenNameTaken,),
    example={"name": "okta", "days": 365},
)
def create(body: dict[str, Any]) -> dict[str, object]:
    """Create a token, and show its secret once. Older tokens work until they are revoked."""
    lifetime = None if body["days"] is None else timedelta(days=body["days"])
    name = body["name"]
    made = commands.create_token(auth.context(), name or _NAME, lifetime=lifetime, numbered=name is None)
    return shapes.created(auth.organization().slug, made, _base_url())


@scim_tokens.list(_TOKENS, Scope.TOKENS_READ, shapes.TokenDetails)
def list_tokens(query: dict[str, Any]) -> dict[str, object]:
    """List the tokens, the newest first, with what the provider of each did in the last 24 hours."""
    page = lists.cut(queries.described_tokens(auth.context()), lambda one: one.state.token.id, query)
    return lists.listing(shapes.TokenDetails(), page)


@scim_tokens.show(_ONE, Scope.TOKENS_READ, shapes.TokenDetails, raises=(UnknownToken,))
def show(token: str) -> dict[str, object]:
    """One token that is not revoked, by its id or name, with its provider."""
    return dump(shapes.TokenDetails(), queries.described_token(auth.context(), token))


@scim_tokens.remove(_ONE, Scope.TOKENS_WRITE, shapes.RevokedToken, preview=True, raises=(UnknownToken,))
def revoke(token: str, *, preview: bool) -> dict[str, object]:
    """Revoke a token, by its id or name. Every process refuses it within a second."""
    gone = commands.revoke_token(auth.context(), token, preview=preview)
    return shapes.revoked(auth.organization().slug, gone, preview=preview)


@scim_tokens.do(
    f"{_ONE}/rotation",
    Scope.TOKENS_WRITE,
    shapes.CreatedToken,
    status=HTTPStatus.CREATED,
    raises=(UnknownToken,),
)
def begin_rotation(token: str) -> dict[str, object]:
    """Begin a rotation: create the successor of a token, and show its secret once.

    Both tokens work until the rotation is completed or cancelled. The successor lives as long as the token.
    """
    made = commands.rotate_token(auth.context(), token)
    return shapes.created(auth.organization().slug, made, _base_url())


@scim_tokens.do(
    f"{_ONE}/rotation/complete",
    Scope.TOKENS_WRITE,
    shapes.RevokedToken,
    preview=True,
    raises=(UnknownToken, NoRotation),
)
def complete_rotation(token: str, *, preview: bool) -> dict[str, object]:
    """Complete a rotation: revoke the older token, because the provider uses its successor."""
    gone = commands.complete_rotation(auth.context(), token, preview=preview)
    return shapes.revoked(auth.organization().slug, gone, preview=preview)


@scim_tokens.remove(
    f"{_ONE}/rotation",
    Scope.TOKENS_WRITE,
    shapes.RevokedToken,
    preview=True,
    raises=(UnknownToken, NoRotation),
)
def cancel_rotation(token: str, *, preview: bool) -> dict[str, object]:
    """Cancel a rotation: revoke the successor. The older token still works."""
    gone = commands.cancel_rotation(auth.context(), token, preview=preview)
    return shapes.revoked(auth.organization().slug, gone, preview=preview)


def _base_url() -> str:
    return auth.config().scim_url(auth.organization().slug)
