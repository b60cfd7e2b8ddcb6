"""The common fields of events, and how the payload of an event is stored and read."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ClassVar, Final, Self, get_args, get_origin, get_type_hints

SeatDeltas = Mapping[str, tuple[int, int, int]]
"""For each tier: the changes of purchased, assigned and held seats."""

Changes = Mapping[str, Mapping[str, object]]
"""For each changed value: the keys `from` (left out if the history does not have it) and `to`."""

_KEY: Final = "key"
_REST: Final = "rest"
_EMPTY: Final[Mapping[object, object]] = {str: "", int: 0, float: 0.0, bool: False}


def stored_as(key: str) -> dict[str, object]:
    """Marks a field that is stored under another key than its name."""
    return {_KEY: key}


def stored_as_rest() -> dict[str, object]:
    """Marks a dict field whose entries are stored directly in the payload, as its keys.

    A class has at most one such field.
    """
    return {_REST: True}


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event to append. A class of the catalogue adds the type and the fields of the payload.

    A payload field without a default is always stored. A field with a default is stored only if its value
    differs from the default.

    Attributes:
        type: the name under which the event is stored, such as `person.provisioned`.
        public: whether the organization's programs may read the event.
        version: version of the payload; changes that would break existing readers increase it.
        person: the id of the person that the event is about, also after the person was deleted.
        group: the id of the group that the event is about.
        reason: the reason, as a code for programs.
        status: the HTTP status of the answer to the provider.
        seats: the changes of seats.
        personal: values of a person, in the only field from which they can be erased.
    """

    type: ClassVar[str]
    public: ClassVar[bool]
    version: ClassVar[int]
    in_differences: ClassVar[frozenset[str]] = frozenset()
    """Keys of the payload whose values programs get as differences."""

    person: str | None = None
    group: str | None = None
    reason: str | None = None
    status: int | None = None
    seats: SeatDeltas = field(default_factory=dict)
    personal: Mapping[str, object] | None = None

    @property
    def payload(self) -> dict[str, object]:
        """The values of the class's own fields, in their stored form. None of them is personal data."""
        found: dict[str, object] = {}
        for one in payload_fields(type(self)):
            value = getattr(self, one.name)
            if one.metadata.get(_REST):
                found.update(value)
            elif one.default is MISSING or value != one.default:
                found[stored_key(one)] = value
        return found

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The id and the name of what the event is about; its kind is the first part of the type."""
        return None, None

    def personal_text(self, key: str) -> str | None:
        """A text among the personal values; None after it was erased."""
        found = (self.personal or {}).get(key)
        return found if isinstance(found, str) else None

    @property
    def differences(self) -> Changes:
        """The values of the person, group or setting that the event changed, for programs."""
        return {}

    @classmethod
    def read(cls, payload: Mapping[str, Any], **envelope: Any) -> Self:  # noqa: ANN401 - of any common field
        """The event of a stored payload. An absent key gets its default.

        If an absent field has no default, it is empty, because an earlier version that stored fewer fields
        wrote the event.

        Args:
            envelope: the common fields; without them, the event has no person, group, reason and so on.
        """
        values: dict[str, Any] = {one.name: _read(cls, one, payload) for one in payload_fields(cls)}
        return cls(**values, **envelope)


def changed(before: object, after: object) -> Mapping[str, object]:
    """One value of `differences`."""
    return {"from": before, "to": after}


def became(after: object) -> Mapping[str, object]:
    """One value of `differences` whose earlier value the history does not have."""
    return {"to": after}


def payload_fields(event: type[Event]) -> tuple[Field[Any], ...]:
    """The fields that a class of the catalogue adds to the envelope."""
    found = _payload_fields.get(event)
    if found is None:
        found = tuple(one for one in fields(event) if one.name not in _ENVELOPE)
        _payload_fields[event] = found
    return found


_payload_fields: Final[dict[type[Event], tuple[Field[Any], ...]]] = {}
_ENVELOPE: Final = {one.name for one in fields(Event)}


def stored_key(one: Field[Any]) -> str:
    """The key of a payload field."""
    return str(one.metadata.get(_KEY, one.name))


def _read(event: type[Event], one: Field[Any], payload: Mapping[str, Any]) -> object:
    if one.metadata.get(_REST):
        return dict(payload)
    key = stored_key(one)
    if key in payload:
        return payload[key]
    return _absent(event, one.name) if one.default is MISSING else one.default


def _absent(event: type[Event], name: str) -> object:
    """The empty value of a field's type; None if the field may be None."""
    hint = get_type_hints(event)[name]
    if type(None) in get_args(hint):
        return None
    if get_origin(hint) is not None:
        return {} if get_origin(hint) is Mapping else ()
    return _EMPTY[hint]
