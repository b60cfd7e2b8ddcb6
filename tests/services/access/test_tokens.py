"""Names of tokens, and previews of revocations."""

from datetime import timedelta
from uuid import uuid4

import pytest

from scim_server.services.access import commands, queries
from scim_server.services.context import Context
from scim_server.services.errors import TokenNameTaken, UnknownApiKey, UnknownToken
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database.session import OPERATOR, Database


@pytest.fixture
def context(database: Database) -> Context:
    founded = organizations.create(database, OPERATOR, NewOrganization(f"o{uuid4().hex}", {"standard": 1}))
    return Context(database, founded.organization.id, OPERATOR)


def live(context: Context) -> list[str]:
    return sorted(one.name for one in queries.every_token(context) if one.revoked is None)


def test_two_active_tokens_never_have_the_same_name(context: Context) -> None:
    commands.create_token(context, "okta")

    with pytest.raises(TokenNameTaken, match="'okta'"):
        commands.create_token(context, "okta")
    numbered = [commands.create_token(context, "okta", numbered=True).token.name for _ in range(2)]

    assert numbered == ["okta-2", "okta-3"]


def test_a_name_can_be_reused_after_its_token_is_revoked(context: Context) -> None:
    commands.create_token(context, "okta")
    commands.revoke_token(context, "okta")

    again = commands.create_token(context, "okta").token

    assert commands.revoke_token(context, "okta").id == again.id


def test_a_name_can_be_reused_after_its_token_has_expired(context: Context) -> None:
    commands.create_token(context, "okta", lifetime=timedelta(microseconds=1))

    again = commands.create_token(context, "okta").token

    assert commands.revoke_token(context, "okta").id == again.id


def test_revoking_a_token_can_be_previewed(context: Context) -> None:
    made = commands.create_token(context, "okta")

    preview = commands.revoke_token(context, "okta", preview=True)

    assert preview.id == made.token.id
    assert live(context) == ["first", "okta"]
    assert queries.live_token(context.database, context.organization, made.secret) is not None
    commands.revoke_token(context, "okta")
    with pytest.raises(UnknownToken):
        commands.revoke_token(context, "okta", preview=True)
    assert live(context) == ["first"]


def test_revoking_an_api_key_can_be_previewed(database: Database) -> None:
    name = f"key-{uuid4().hex}"
    made = commands.create_api_key(database, name)

    commands.revoke_api_key(database, name, preview=True)
    between = queries.live_api_key(database, made.secret)
    commands.revoke_api_key(database, name)

    assert between is not None
    assert queries.live_api_key(database, made.secret) is None
    with pytest.raises(UnknownApiKey):
        commands.revoke_api_key(database, name, preview=True)
