"""Names of tokens, and previews of revocations."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from scim_server.services.access import commands, queries
from scim_server.services.context import Context
from scim_server.services.errors import ApiKeyNameTaken, TokenNameTaken, UnknownApiKey, UnknownToken
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.store import tables
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

    assert live(context) == ["first", "okta"]
    assert commands.revoke_token(context, "okta").id == again.id


def test_a_token_whose_name_is_the_id_of_another_does_not_hide_the_other(context: Context) -> None:
    other = commands.create_token(context, "okta").token
    commands.create_token(context, other.id)

    assert commands.revoke_token(context, other.id).name == "okta"
    assert live(context) == sorted(["first", other.id])


def test_the_database_refuses_two_active_tokens_with_one_name(context: Context) -> None:
    made = commands.create_token(context, "okta").token
    values = {"organization": context.organization, "id": "another", "name": made.name, "digest": "d"}
    second = insert(tables.tokens).values(**values, created=made.created)

    with pytest.raises(IntegrityError), context.database.writer.begin() as connection:
        connection.execute(second)


def test_two_active_keys_never_have_the_same_name(database: Database) -> None:
    name = f"key-{uuid4().hex}"
    first = commands.create_api_key(database, name).key

    with pytest.raises(ApiKeyNameTaken, match=name):
        commands.create_api_key(database, name)
    numbered = [commands.create_api_key(database, name, numbered=True).key.name for _ in range(2)]
    commands.revoke_api_key(database, first.id)
    again = commands.create_api_key(database, name).key

    assert numbered == [f"{name}-2", f"{name}-3"]
    assert commands.revoke_api_key(database, name).id == again.id


def test_of_many_keys_created_at_once_with_one_name_one_exists(database: Database) -> None:
    name = f"key-{uuid4().hex}"

    def create(_number: int) -> bool:
        try:
            commands.create_api_key(database, name)
        except ApiKeyNameTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(create, range(8)))

    assert sum(made) == 1


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
