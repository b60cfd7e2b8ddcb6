"""An entry of the log in the form for people, which is an event with its reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

from scim_server.history.people import FAMILY
from scim_server.services.lists import Reference
from scim_server.store.rows.events import Entry

_SECRET: Final = ("password", "secret", "token", "credential", "apikey", "privatekey")
"""Names of attributes whose values are never shown, also in custom schemas."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An event about a person.

    Attributes:
        reference: the reference of the entry.
    """

    reference: Reference
    entry: Entry

    @classmethod
    def of(cls, slug: str, entry: Entry) -> Self:
        """Make an entry of an organization's log."""
        return cls(Reference(slug, entry.sequence), entry)

    @property
    def outcome(self) -> str:
        """The outcome, such as `provisioned` or `rejected`."""
        return self.entry.outcome

    @property
    def sent(self) -> Mapping[str, Any]:
        """The values of a refused create, without secrets; empty for other entries."""
        return without_secrets(self.entry.document)

    @property
    def is_open(self) -> bool:
        """Whether the entry is a refusal of a person who is still left out."""
        return self.entry.is_open

    @property
    def closed_by(self) -> str | None:
        """The outcome that closed a refusal, such as `provisioned` or `dismissed`."""
        by = self.entry.closed_by
        return None if by is None else by.removeprefix(FAMILY)


def without_secrets(document: str | None) -> Mapping[str, Any]:
    """The values of a document, as JSON values, without those whose name says that they are secret."""
    values = orjson.loads(document or "{}")
    return {name: _clean(value) for name, value in values.items() if not _is_secret(name)}


def _clean(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _clean(inner) for name, inner in value.items() if not _is_secret(name)}
    return [_clean(inner) for inner in value] if isinstance(value, list) else value


def _is_secret(name: str) -> bool:
    folded = name.casefold().replace("_", "")
    return any(word in folded for word in _SECRET)
