"""Imports the custom schemas and resource types of an export, and the resources of these types."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import ScimError
from scim_server.protocol.resource import Described
from scim_server.services.errors import ServiceError
from scim_server.services.imports import found, ids
from scim_server.services.imports.staging import ERROR
from scim_server.services.schemas import definitions
from scim_server.services.scim import resources
from scim_server.services.scim.schemas import directory_of
from scim_server.store.database.session import Write
from scim_server.store.rows import organizations, schemas, staged
from scim_server.store.rows import resources as resource_rows
from scim_server.store.rows.imports import Import
from scim_server.store.rows.staged import Entry

RESOURCE: Final = found.RESOURCE
_MOST: Final = 1_000


def add_missing(write: Write, job: Import) -> Counter[str]:
    """Add the schemas and resource types that this organization does not have."""
    entries = staged.after(write, job.id, found.SCHEMA, 0, _MOST)
    values = [orjson.loads(one.body or "{}") for one in entries]
    known = {one.key for one in schemas.every(write)}
    known_types = {one.name.lower() for one in schemas.types(write)}
    missing = [one for one in values if one.get("type") == found.SCHEMA and _urn(one) not in known]
    missing += [
        one
        for one in values
        if one.get("type") == found.RESOURCE_TYPE
        and _definition(one).get("name", "").lower() not in known_types
    ]
    counts = Counter[str]()
    for extends in ("User", "Group", ""):
        listed: list[JSON] = [
            dict(_definition(one)) for one in missing if (one.get("extends") or "") == extends
        ]
        if listed:
            definitions.add(write, definitions.read_definitions({"Resources": listed}), extends)
            counts["schemas.created"] += len(listed)
    return counts


def _urn(values: Mapping[str, Any]) -> str:
    return str(_definition(values).get("id", "")).lower()


def _definition(values: Mapping[str, Any]) -> Mapping[str, Any]:
    found_ = values.get("definition")
    return found_ if isinstance(found_, dict) else {}


def add_resources(write: Write, job: Import, entries: Sequence[Entry]) -> Counter[str]:
    """Create the resources of custom types that are not here yet."""
    counts, settled = Counter[str](), list[Entry]()
    here = {one.id for one in resource_rows.with_ids(write, [one.target for one in entries])}
    for entry in entries:
        if entry.target in here:
            counts["resources.here"] += 1
            continue
        try:
            _create(write, job, entry)
            counts["resources.created"] += 1
        except (ScimError, ServiceError) as error:
            counts["resources.errors"] += 1
            settled.append(replace(entry, outcome=ERROR, detail=error.detail))
    staged.settle(write, job.id, settled)
    return counts


def _create(write: Write, job: Import, entry: Entry) -> None:
    values = orjson.loads(entry.body or "{}")
    organization = organizations.get(write)
    endpoint = str(values.get("endpoint", "")).removeprefix("/")
    reader = directory_of(write, organization).reader_at(endpoint, strict=False)
    if reader is None:
        raise ServiceError(f"the resource type /{endpoint} does not exist here")
    problem = ids.problem_of(entry.target)
    if problem is not None:
        raise ServiceError(problem)
    scim = {name: one for name, one in values["scim"].items() if name not in ("id", "meta", "schemas")}
    described = Described.of(reader.load_named(scim), reader.resource_type)
    created = found.created_in(values["scim"]) if job.options.get("keep_ids") else None
    resources.create(write, reader.resource_type, described, id_=entry.target, created=created)
