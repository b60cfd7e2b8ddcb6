"""An entry of the log in the form for people, which is an event with its reference."""

from dataclasses import dataclass
from typing import Self

from scim_server.history.people import FAMILY
from scim_server.services.lists import Reference
from scim_server.store.rows.events import Entry


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
    def is_open(self) -> bool:
        """Whether the entry is a refusal of a person who is still left out."""
        return self.entry.is_open

    @property
    def closed_by(self) -> str | None:
        """The outcome that closed a refusal, such as `provisioned` or `dismissed`."""
        by = self.entry.closed_by
        return None if by is None else by.removeprefix(FAMILY)
