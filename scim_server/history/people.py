"""Events about people: creation, seats, waiting, refusals, changes and removal."""

from dataclasses import dataclass, field
from typing import ClassVar, Final

from scim_server.history.event import Event, stored_as

FAMILY: Final = "person."
"""The beginning of the type of every event about a person."""


class PersonEvent(Event):
    """An event about one person; each is an entry of the provisioning log."""

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    @classmethod
    def outcome(cls) -> str:
        """The type without the prefix, which is the outcome in the provisioning log."""
        return cls.type.removeprefix(FAMILY)


@dataclass(frozen=True, kw_only=True)
class Manual(PersonEvent):
    """An event that an admin may cause without regard to the queue.

    Attributes:
        override: whether an admin caused the event manually.
        waited_for: the tier, or `any`, that the person waited for before.
    """

    override: bool = False
    waited_for: str | None = None


@dataclass(frozen=True, kw_only=True)
class Waits(PersonEvent):
    """An event after which the person may wait for a seat.

    Attributes:
        wants: the tier, or `any`, that the person now waits for; None if the person does not wait.
        arrival: the retained queue place, if it is older than this event.
    """

    wants: str | None = None
    arrival: int | None = None


@dataclass(frozen=True, kw_only=True)
class Admitted(Waits):
    """An event about a person who was not refused.

    Attributes:
        removal: the mass removal after which the person was restored.
    """

    removal: int | None = None


@dataclass(frozen=True, kw_only=True)
class PersonCreated(PersonEvent):
    """Appended when a person is created without a seat, either inactive or until a group gives a tier."""

    type: ClassVar[str] = "person.created"


@dataclass(frozen=True, kw_only=True)
class PersonProvisioned(Admitted, Manual):
    """Appended when a person without a seat gets one, either without waiting before or manually by an admin.

    Attributes:
        invitation: the id of the invitation that held the seat.
    """

    type: ClassVar[str] = "person.provisioned"

    invitation: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonQueued(Admitted):
    """Appended when a person begins to wait for a seat."""

    type: ClassVar[str] = "person.queued"


@dataclass(frozen=True, kw_only=True)
class PersonRejected(PersonEvent):
    """Appended when a person is refused because no seat is free. Repeats are counted on the open refusal.

    Attributes:
        wants: the tier, or `any`, that the person needs.
    """

    type: ClassVar[str] = "person.rejected"

    wants: str


@dataclass(frozen=True, kw_only=True)
class PersonPromoted(Waits):
    """Appended when a person who waited gets a seat."""

    type: ClassVar[str] = "person.promoted"


@dataclass(frozen=True, kw_only=True)
class PersonMoved(Admitted, Manual):
    """Appended when a person moves from a seat of one tier to a seat of another."""

    type: ClassVar[str] = "person.moved"


@dataclass(frozen=True, kw_only=True)
class PersonUnassigned(Manual):
    """Appended when an active person loses the seat, or the place in the queue, through an admin."""

    type: ClassVar[str] = "person.unassigned"


@dataclass(frozen=True, kw_only=True)
class PersonTierRefused(PersonEvent):
    """Appended when a person keeps the seat because the tier that a group gives has no free seat.

    Attributes:
        wants: the tier that the group gives.
    """

    type: ClassVar[str] = "person.tier_refused"

    wants: str


@dataclass(frozen=True, kw_only=True)
class PersonRequeued(PersonEvent):
    """Appended when a waiting person now waits for another tier. The place in the queue stays the same.

    Attributes:
        before: the tier, or `any`, before the event.
        after: the tier, or `any`, after the event.
    """

    type: ClassVar[str] = "person.requeued"

    before: str = field(metadata=stored_as("from"))
    after: str = field(metadata=stored_as("to"))


@dataclass(frozen=True, kw_only=True)
class PersonPrioritised(Manual):
    """Appended when a person's groups or an admin change the person's priority in the queue.

    Attributes:
        before: the priority before the event.
        after: the priority after the event.
    """

    type: ClassVar[str] = "person.prioritised"

    before: int = field(metadata=stored_as("from"))
    after: int = field(metadata=stored_as("to"))


@dataclass(frozen=True, kw_only=True)
class PersonWaitEnded(PersonEvent):
    """Appended when a person's groups end the wait. The place in the queue is retained for a day.

    Attributes:
        waited_for: the tier, or `any`.
        arrival: the retained queue place; None in events of earlier versions.
        since: when the wait began; None in events of earlier versions.
    """

    type: ClassVar[str] = "person.wait_ended"

    waited_for: str
    arrival: int | None = None
    since: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonRoleChanged(PersonEvent):
    """Appended when a person gets another role.

    Attributes:
        before: the role before the event.
        after: the role after the event.
    """

    type: ClassVar[str] = "person.role_changed"

    before: str = field(metadata=stored_as("from"))
    after: str = field(metadata=stored_as("to"))


@dataclass(frozen=True, kw_only=True)
class PersonRoleKept(PersonEvent):
    """Appended when the last Owner keeps the role although groups give another role.

    Attributes:
        wanted: the role that groups give.
    """

    type: ClassVar[str] = "person.role_kept"

    wanted: str


@dataclass(frozen=True, kw_only=True)
class PersonDismissed(PersonEvent):
    """Appended when an open refusal, of a seat or of a better tier, is closed without this seat.

    Attributes:
        entry: the number of the event that opened the refusal, or refused the better tier.
        why: the reason that an admin gave; None if the provider no longer wants to give access.
    """

    type: ClassVar[str] = "person.dismissed"

    entry: int
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonActivated(PersonEvent):
    """Appended when an inactive person becomes active but has no seat until a group gives a tier."""

    type: ClassVar[str] = "person.activated"


@dataclass(frozen=True, kw_only=True)
class PersonRestored(PersonEvent):
    """Appended when a person is restored after a mass removal.

    Attributes:
        removal: the number of the mass removal.
    """

    type: ClassVar[str] = "person.restored"

    removal: int


@dataclass(frozen=True, kw_only=True)
class PersonDeprovisioned(Manual):
    """Appended when a person becomes inactive. The seat is freed, or held after a mass removal.

    Attributes:
        removal: the number of the present mass removal.
    """

    type: ClassVar[str] = "person.deprovisioned"

    removal: int | None = None


@dataclass(frozen=True, kw_only=True)
class PersonDeleted(PersonEvent):
    """Appended when a person is deleted. The seat is freed, or held after a mass removal.

    Attributes:
        removal: the number of the present mass removal.
    """

    type: ClassVar[str] = "person.deleted"

    removal: int | None = None


@dataclass(frozen=True, kw_only=True)
class PersonUpdated(PersonEvent):
    """Appended when values of a person change, but neither access nor seat changes."""

    type: ClassVar[str] = "person.updated"
