"""What a source contains: people, groups, members and definitions, each as the source wrote it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import ScimError
from scim_server.protocol.messages import get_any_case
from scim_server.protocol.normalise import fold, moment, user_name_key
from scim_server.protocol.user import MAX_KEY_BYTES
from scim_server.store.rows.staged import GROUP, PERSON

SCHEMA: Final = "schema"
RESOURCE_TYPE: Final = "resource_type"
RESOURCE: Final = "resource"
MEMBERS: Final = "members"
_NAMED: Final = "display "
"""The beginning of a member of which the source gives only the name."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing in a source.

    Attributes:
        kind: `person`, `group`, `members`, `schema`, `resource_type` or `resource`.
        values: for people, groups and resources, the SCIM values under `scim`, and what an export adds.
        line: the line or entry of a file.
        problem: why it cannot be read; None if it can.
        members: the ids of the members of a group in the source.
    """

    kind: str
    values: Mapping[str, Any]
    line: int | None = None
    problem: str | None = None
    members: tuple[str, ...] = field(default=())

    @property
    def scim(self) -> Mapping[str, Any]:
        """The SCIM values."""
        found = self.values.get("scim")
        return found if isinstance(found, dict) else {}

    @property
    def own_id(self) -> str | None:
        """The id in the source; None if the source gives none."""
        return _text(get_any_case(self.scim, "id"))

    @property
    def key(self) -> str | None:
        """The userName or displayName in the form for comparison."""
        name = _text(get_any_case(self.scim, "userName" if self.kind == PERSON else "displayName"))
        return None if name is None else (user_name_key if self.kind == PERSON else fold)(name)


def _text(value: JSON) -> str | None:
    """A text that the database can store and index."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        return None
    try:
        return value if len(value.encode()) <= MAX_KEY_BYTES else None
    except UnicodeEncodeError:
        return None


def person(scim: Mapping[str, Any], line: int | None = None, **more: Any) -> Found:  # noqa: ANN401
    """A person with SCIM values; `more` is what an export or a file adds."""
    return Found(PERSON, {"scim": _with_text_id(scim), **more}, line)


def group(scim: Mapping[str, Any], line: int | None = None) -> Found:
    """A group with SCIM values, which may contain its members."""
    own = {name: value for name, value in scim.items() if name.lower() != "members"}
    listed = get_any_case(scim, "members")
    members = tuple(_members(listed)) if isinstance(listed, list) else ()
    return Found(GROUP, {"scim": _with_text_id(own)}, line, members=members)


def resource(values: Mapping[str, Any], line: int) -> Found:
    """A SCIM User or Group; a User may have the tier that the person requests."""
    if is_group(values):
        return group(values, line)
    tier = values.get("tier")
    more = {"wants": tier} if isinstance(tier, str) else {}
    return person({name: value for name, value in values.items() if name != "tier"}, line, **more)


def _with_text_id(scim: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values with an id that is text. Some servers count their resources."""
    id_ = scim.get("id")
    return scim if id_ is None or isinstance(id_, str) else {**scim, "id": _text(id_)}


def _members(listed: list[Any]) -> Iterator[str]:
    """The ids of members; or the last part of their reference, or their name, if there is no id."""
    for one in listed:
        given = one if isinstance(one, dict) else {"value": one}
        id_ = _text(get_any_case(given, "value"))
        reference, name = _text(get_any_case(given, "$ref")), _text(get_any_case(given, "display"))
        if id_ is not None:
            yield id_
        elif reference is not None:
            yield reference.rstrip("/").rpartition("/")[2]
        elif name is not None:
            yield f"{_NAMED}{name}"


def name_of(member: str) -> str | None:
    """The name of a member of which the source gives only the name."""
    return member.removeprefix(_NAMED) if member.startswith(_NAMED) else None


def is_group(scim: Mapping[str, Any]) -> bool:
    """Whether a resource is a group. Some servers send no `schemas`."""
    if get_any_case(scim, "userName") is not None:
        return False
    named = get_any_case(scim, "schemas")
    urns = [str(one).lower() for one in named] if isinstance(named, list) else []
    return any(urn.endswith(":group") for urn in urns) or (
        not any(urn.endswith(":user") for urn in urns) and get_any_case(scim, "displayName") is not None
    )


def implied_groups(values: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The groups that a person's values name: the id in the source, the name, and whether the id is given."""
    listed = values.get("groups")
    if listed is None:
        listed = get_any_case(values.get("scim") or {}, "groups")
    for one in listed if isinstance(listed, list) else []:
        given = one if isinstance(one, dict) else {"display": one}
        if get_any_case(given, "type") == "indirect":
            continue
        name = _text(get_any_case(given, "display")) or _text(get_any_case(given, "displayName"))
        id_ = _text(get_any_case(given, "value"))
        if name is not None or id_ is not None:
            shown = str(name or id_)
            yield (id_ or f"group {fold(shown)}"), shown, id_ is not None


def created_in(scim: Mapping[str, Any]) -> str | None:
    """When a resource was created in the source, in the form in which times are stored here."""
    meta = get_any_case(scim, "meta")
    text = get_any_case(meta, "created") if isinstance(meta, dict) else None
    try:
        return moment(text) if isinstance(text, str) else None
    except ScimError:
        return None
