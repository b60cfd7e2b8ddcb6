"""People of a source in the form in which this organization stores them, before the lock is taken."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import ScimError
from scim_server.protocol.messages import parse_text
from scim_server.protocol.resources import ENTERPRISE_SCHEMA
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import User, manager_id, parse_user
from scim_server.services.context import Context
from scim_server.services.imports import ids
from scim_server.services.imports.entitled import Gives
from scim_server.services.imports.found import created_in
from scim_server.services.imports.staging import ERROR
from scim_server.services.scim.schemas import directory_of
from scim_server.store.database.session import Read
from scim_server.store.rows import organizations, people, seats, staged
from scim_server.store.rows.imports import Import
from scim_server.store.rows.mappings import Mapped
from scim_server.store.rows.staged import PERSON, Entry
from seat_policy.contract import ANY
from seat_policy.mapping import Entitlement
from seat_policy.roles import Role
from seat_policy.seat_state import Unseated


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the source.

    Attributes:
        user: the values; None if they cannot be stored.
        problem: why the values cannot be stored.
        own_id: whether the id is the source's.
        wants: the tier that the person had, or requests.
        role: the role that the person had.
        unseated: why the person had no seat.
        created: when the person was created in the source.
        unknown: the schemas of values that this organization does not know.
        mapped: the mappings of the person's groups.
        entitlement: what they give; None if the organization maps no groups.
    """

    entry: Entry
    user: User | None = None
    problem: str | None = None
    own_id: bool = False
    wants: str | None = None
    role: Role = Role.USER
    unseated: Unseated | None = None
    created: str | None = None
    unknown: tuple[str, ...] = ()
    mapped: Sequence[Mapped] = ()
    entitlement: Entitlement | None = None


@dataclass(frozen=True, slots=True)
class Forms:
    """How entries are read: the reader of Users, the tiers, and what the groups give."""

    reader: ResourceSchema
    tiers: frozenset[str]
    urns: frozenset[str]
    gives: Gives | None

    @classmethod
    def of(cls, context: Context, job: str) -> "Forms":
        """Read the organization's schemas, tiers and mappings."""
        with context.read() as read:
            organization = organizations.get(read)
            reader = directory_of(read, organization).user_reader(
                seats=organization.shows_seats, strict=False
            )
            tiers = frozenset(one.tier.name for one in seats.availability(read).tiers)
            gives = Gives.of(read, organization, job)
        urns = frozenset(one.id.lower() for one in reader.resource_type.extensions)
        return cls(reader, tiers, urns, gives)


def prepare(read: Read, job: Import, entries: Sequence[Entry], forms: Forms) -> list[Person]:
    """Read the values of people, with their managers and what their groups give."""
    found = [_person(one, forms, keeps=bool(job.options.get("keep_ids"))) for one in entries]
    found = _with_managers(read, job.id, found, forms)
    if forms.gives is None:
        return found
    given = forms.gives.of_people(read, [one.entry.source_id for one in found])
    return [
        replace(one, mapped=mapped, entitlement=forms.gives.entitlement(mapped))
        for one, mapped in ((one, given[one.entry.source_id]) for one in found)
    ]


def _person(entry: Entry, forms: Forms, *, keeps: bool) -> Person:
    if entry.outcome == ERROR or entry.body is None:
        return Person(entry, problem=entry.detail or "cannot be read")
    try:
        values = parse_text(entry.body)
        scim = values.get("scim")
        body = dict(scim) if isinstance(scim, dict) else {}
        user = parse_user(_without_computed(body), forms.reader)
        own_id = values.get("own_id") is True
        problem = ids.problem_of(entry.source_id) if keeps and own_id else None
        wants = _wants(values, forms)
    except ScimError as error:
        return Person(entry, problem=error.detail)
    except ValueError as error:
        return Person(entry, problem=str(error))
    return Person(
        entry,
        user,
        problem,
        own_id=own_id,
        wants=wants,
        role=_role(values),
        unseated=_unseated(values),
        created=created_in(body),
        unknown=tuple(name for name in body if _is_unknown(name, forms)),
    )


def _without_computed(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """The values without those that each server computes."""
    return {
        name: value for name, value in body.items() if name.lower() not in ("id", "meta", "groups", "schemas")
    }


def _is_unknown(name: str, forms: Forms) -> bool:
    urn = name.lower()
    return urn.startswith("urn:") and urn not in forms.urns and ":seat:" not in urn


def _wants(values: Mapping[str, Any], forms: Forms) -> str | None:
    wants = values.get("wants")
    if wants is None:
        seat = values.get("seat")
        wants = (seat.get("tier") or seat.get("waits_for")) if isinstance(seat, dict) else None
        return wants if wants in forms.tiers else None
    if wants not in forms.tiers and wants != ANY:
        known = ", ".join([*sorted(forms.tiers), ANY])
        raise ValueError(f"has the unknown tier '{str(wants)[:40]}'. The tiers are: {known}")
    return str(wants)


def _role(values: Mapping[str, Any]) -> Role:
    role = values.get("role")
    return Role(role) if role in list(Role) else Role.USER


def _unseated(values: Mapping[str, Any]) -> Unseated | None:
    seat = values.get("seat")
    reason = seat.get("reason") if isinstance(seat, dict) else None
    return Unseated(reason) if reason in list(Unseated) else None


def _with_managers(read: Read, job: str, found: list[Person], forms: Forms) -> list[Person]:
    """The people with the ids that their managers have here."""
    named = {one.entry.position: manager_id(one.user.document) for one in found if one.user is not None}
    here = ids_here(read, job, {manager for manager in named.values() if manager is not None})
    return [
        replace(one, user=_managed(one.user, here[manager], forms))
        if one.user is not None
        and (manager := named.get(one.entry.position)) is not None
        and here.get(manager, manager) != manager
        else one
        for one in found
    ]


def ids_here(read: Read, job: str, source_ids: Iterable[str]) -> dict[str, str]:
    """The ids that people of the source have here, or will have, by their ids in the source."""
    entries = staged.by_source(read, job, PERSON, source_ids)
    known = people.by_keys(read, [one.key for one in entries.values() if one.key is not None])
    return {
        id_: known[one.key].id if one.key in known else one.target
        for id_, one in entries.items()
        if one.outcome != ERROR
    }


def _managed(user: User, manager: str, forms: Forms) -> User:
    document = orjson.loads(user.document)
    document[ENTERPRISE_SCHEMA.id]["manager"]["value"] = manager
    return User.of({**document, "active": user.active}, forms.reader.resource_type)
