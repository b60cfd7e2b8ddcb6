"""An organization's own schemas, and the directory that follows from them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import orjson

from scim_server.protocol.attributes import JSON, Schema
from scim_server.protocol.custom import parse_schema
from scim_server.protocol.directory import STANDARD, Directory
from scim_server.protocol.errors import InvalidValue
from scim_server.services.errors import OperatorError
from scim_server.store import events, schemas
from scim_server.store.events import Event
from scim_server.store.organizations import Organization
from scim_server.store.schemas import StoredSchema
from scim_server.store.session import Actor, Database, Read, Write

EXTENDED: Final = ("User", "Group")


def directory(database: Database, organization: Organization) -> Directory:
    """The organization's directory as its settings were read."""
    known = _known(organization)
    if known is not None:
        return known
    with database.read(organization.id) as read:
        return directory_in(read, organization)


def directory_in(read: Read, organization: Organization) -> Directory:
    """The same in an open transaction."""
    known = _known(organization)
    if known is not None:
        return known
    stored = schemas.every(read)
    of = {kind: tuple(one.definition for one in stored if one.extends == kind) for kind in EXTENDED}
    _latest[organization.id] = (organization.schemas_version, _built(of["User"], of["Group"]))
    return _latest[organization.id][1]


_latest: dict[str, tuple[int, Directory]] = {}


def _known(organization: Organization) -> Directory | None:
    if organization.schemas_version == 0:
        return STANDARD
    version, found = _latest.get(organization.id, (-1, STANDARD))
    return found if version == organization.schemas_version else None


@lru_cache(maxsize=1_000)
def _built(user: tuple[str, ...], group: tuple[str, ...]) -> Directory:
    """Organizations with the same schemas share them."""
    return Directory([_parsed(text) for text in user], [_parsed(text) for text in group])


def _parsed(text: str) -> Schema:
    definition: dict[str, JSON] = orjson.loads(text)
    return parse_schema(definition)


def add(
    database: Database, organization: str, actor: Actor, definition: Mapping[str, JSON], extends: str
) -> Schema:
    """Add an extension to the organization's Users or Groups.

    Raises:
        OperatorError: it is no schema, or one with its URN is there.
    """
    try:
        schema = parse_schema(definition)
    except InvalidValue as error:
        raise OperatorError(error.detail) from None

    def work(write: Write) -> Schema:
        if any(one.key == schema.id.lower() for one in schemas.every(write)):
            raise OperatorError(f"there is already a schema {schema.id}; remove it first to replace it")
        text = orjson.dumps({**schema.to_json(""), "meta": None}).decode()
        schemas.add(write, StoredSchema(schema.id.lower(), schema.id, extends, text, write.at))
        events.append(write, Event("schema.added", payload={"schema": schema.id, "extends": extends}))
        return schema

    return database.write(organization, actor, work)


def remove(database: Database, organization: str, actor: Actor, urn: str) -> None:
    """Remove a schema that no resource uses.

    Raises:
        OperatorError: there is none, or it is in use.
    """

    def work(write: Write) -> None:
        found = next((one for one in schemas.every(write) if one.key == urn.lower()), None)
        if found is None:
            raise OperatorError(f"there is no schema {urn} of this organization's own")
        used = schemas.used_by(write, _parsed(found.definition), found.extends)
        if used:
            raise OperatorError(f"{used} {found.extends}s have values of {found.urn}; remove those first")
        schemas.remove(write, found.key)
        events.append(write, Event("schema.removed", payload={"schema": found.urn, "extends": found.extends}))

    database.write(organization, actor, work)


def every(database: Database, organization: str) -> list[StoredSchema]:
    """The organization's own schemas."""
    with database.read(organization) as read:
        return schemas.every(read)
