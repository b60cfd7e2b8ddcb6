"""Events about people: creation, seats, waiting, refusals, changes and removal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from scim_server.history.event import Changes, Event, became, changed, stored_as

FAMILY: Final = "person."
"""The beginning of the type of every event about a person."""
NAME: Final = "userName"
"""The key of the userName among the personal values."""
EARLIER: Final = "earlierUserName"
"""The key of the userName before the event, if the event changed it."""
INACTIVE: Final = "inactive"
"""The reason of a person who is created inactive."""


class PersonEvent(Event):
    """An event about one person; each is an entry of the provisioning log."""

    public: ClassVar[bool] = True
    version: ClassVar[int] = 1

    @classmethod
    def outcome(cls) -> str:
        """The type without the prefix, which is the outcome in the provisioning log."""
        return cls.type.removeprefix(FAMILY)

    @property
    def subject(self) -> tuple[str | None, str | None]:
        """The person, who has no id if a create was refused."""
        return self.person, self.personal_text(NAME)

    @property
    def renaming(self) -> Changes:
        """The change of the userName; empty after the name was erased."""
        names = self.personal or {}
        return {"user_name": changed(names[EARLIER], names[NAME])} if EARLIER in names else {}

    @property
    def tier_change(self) -> Changes:
        """The change of the tier of the person's seat, as the changes of seats show it."""
        freed = next((tier for tier, (_, assigned, _) in self.seats.items() if assigned < 0), None)
        taken = next((tier for tier, (_, assigned, _) in self.seats.items() if assigned > 0), None)
        return {} if freed == taken else {"tier": changed(freed, taken)}


@dataclass(frozen=True, kw_only=True)
class Waited(PersonEvent):
    """An event before which the person may have waited for a seat.

    Attributes:
        waited_for: the tier, or `any`, that the person waited for before.
    """

    waited_for: str | None = None

    @property
    def wait_change(self) -> Changes:
        """The end of the wait, or the change of what the person waits for."""
        wants = self.wants if isinstance(self, Waits) else None
        return {} if wants == self.waited_for else {"waits_for": changed(self.waited_for, wants)}


@dataclass(frozen=True, kw_only=True)
class Manual(Waited):
    """An event that an admin may cause without regard to the queue.

    Attributes:
        override: whether an admin caused the event manually.
    """

    override: bool = False


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
class Begins(PersonEvent):
    """An event with which a person may begin, or begin again after a removal.

    Attributes:
        role: the role, if it is not User.
        priority: the priority in the queue, if it is not the usual one.
    """

    role: str | None = None
    priority: int | None = None

    @property
    def beginning(self) -> Changes:
        """The role and the priority with which the person begins."""
        given = {"role": self.role, "priority": self.priority}
        return {name: became(value) for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Admitted(Waits, Begins):
    """An event about a person who was not refused.

    Attributes:
        removal: the mass removal after which the person was restored.
    """

    removal: int | None = None


@dataclass(frozen=True, kw_only=True)
class PersonCreated(Begins):
    """Appended when a person is created without a seat, either inactive or until a group gives a tier."""

    type: ClassVar[str] = "person.created"

    @property
    def differences(self) -> Changes:
        """The access of the new person, and the role."""
        return {"active": changed(None, self.reason != INACTIVE), **self.beginning}


@dataclass(frozen=True, kw_only=True)
class PersonProvisioned(Admitted, Manual):
    """Appended when a person without a seat gets one, either without waiting before or manually by an admin.

    Attributes:
        invitation: the id of the invitation that held the seat.
    """

    type: ClassVar[str] = "person.provisioned"

    invitation: str | None = None

    @property
    def differences(self) -> Changes:
        """The new seat, and the access that it gives."""
        active = {} if self.override else {"active": became(after=True)}
        return {**self.renaming, **active, **self.tier_change, **self.wait_change, **self.beginning}


@dataclass(frozen=True, kw_only=True)
class PersonQueued(Admitted):
    """Appended when a person begins to wait for a seat."""

    type: ClassVar[str] = "person.queued"

    @property
    def differences(self) -> Changes:
        """The wait. A person with a seat of another tier keeps it."""
        waits = {"waits_for": changed(None, self.wants)}
        return {**self.renaming, "active": became(after=True), **waits, **self.beginning}


@dataclass(frozen=True, kw_only=True)
class PersonRejected(PersonEvent):
    """Appended when a person is refused because no seat is free. Repeats are counted on the open refusal.

    Attributes:
        wants: the tier, or `any`, that the person needs.
    """

    type: ClassVar[str] = "person.rejected"

    wants: str


@dataclass(frozen=True, kw_only=True)
class PersonPromoted(Waits, Waited):
    """Appended when a person who waited gets a seat."""

    type: ClassVar[str] = "person.promoted"

    @property
    def differences(self) -> Changes:
        """The new seat, and the end of the wait."""
        return {**self.tier_change, "waits_for": self._wait()}

    def _wait(self) -> Mapping[str, object]:
        # Earlier versions did not store what the person waited for.
        return became(self.wants) if self.waited_for is None else changed(self.waited_for, self.wants)


@dataclass(frozen=True, kw_only=True)
class PersonMoved(Admitted, Manual):
    """Appended when a person moves from a seat of one tier to a seat of another."""

    type: ClassVar[str] = "person.moved"

    @property
    def differences(self) -> Changes:
        """The tiers, and the end of a wait."""
        return {**self.tier_change, **self.wait_change}


@dataclass(frozen=True, kw_only=True)
class PersonUnassigned(Manual):
    """Appended when an active person loses the seat, or the place in the queue, through an admin."""

    type: ClassVar[str] = "person.unassigned"

    @property
    def differences(self) -> Changes:
        """The lost seat, or the end of the wait."""
        return {**self.tier_change, **self.wait_change}


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

    @property
    def differences(self) -> Changes:
        """What the person waits for."""
        return {"waits_for": changed(self.before, self.after)}


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

    @property
    def differences(self) -> Changes:
        """The priority."""
        return {"priority": changed(self.before, self.after)}


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

    @property
    def differences(self) -> Changes:
        """The end of the wait."""
        return {"waits_for": changed(self.waited_for, None)}


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

    @property
    def differences(self) -> Changes:
        """The role."""
        return {"role": changed(self.before, self.after)}


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

    @property
    def differences(self) -> Changes:
        """The access."""
        return {**self.renaming, "active": changed(before=False, after=True)}


@dataclass(frozen=True, kw_only=True)
class PersonRestored(Begins):
    """Appended when a person is restored after a mass removal.

    Attributes:
        removal: the number of the mass removal.
        wants: the tier, or `any`, that the person waits for again; None if the person does not wait.
    """

    type: ClassVar[str] = "person.restored"

    removal: int
    wants: str | None = None

    @property
    def differences(self) -> Changes:
        """The access, and the seat or the wait from before the removal."""
        waits = {} if self.wants is None else {"waits_for": changed(None, self.wants)}
        return {**self.renaming, "active": became(after=True), **self.tier_change, **waits, **self.beginning}


@dataclass(frozen=True, kw_only=True)
class PersonDeprovisioned(Manual):
    """Appended when a person becomes inactive. The seat is freed, or held after a mass removal.

    Attributes:
        removal: the number of the present mass removal.
    """

    type: ClassVar[str] = "person.deprovisioned"

    removal: int | None = None

    @property
    def differences(self) -> Changes:
        """The end of the access, of the seat and of the wait."""
        ended = {"active": changed(before=True, after=False)}
        return {**self.renaming, **ended, **self.tier_change, **self.wait_change}


@dataclass(frozen=True, kw_only=True)
class PersonDeleted(PersonEvent):
    """Appended when a person is deleted. The seat is freed, or held after a mass removal.

    Attributes:
        removal: the number of the present mass removal.
    """

    type: ClassVar[str] = "person.deleted"

    removal: int | None = None

    @property
    def differences(self) -> Changes:
        """The end of the seat."""
        return self.tier_change


@dataclass(frozen=True, kw_only=True)
class PersonUpdated(PersonEvent):
    """Appended when values of a person change, but neither access nor seat changes.

    Attributes:
        attributes: the names of the changed attributes; empty in events of earlier versions.
    """

    type: ClassVar[str] = "person.updated"

    attributes: Sequence[str] = ()

    @property
    def differences(self) -> Changes:
        """The userName, if it changed."""
        return self.renaming
