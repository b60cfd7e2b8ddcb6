"""The rows and the constants of the simple model (tests.model)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

ANY = "any"
TIERS = ("premium", "standard", "basic")  # the highest rank first
USUAL_PRIORITY = 100
TURNED_AWAY = ("taken", "forbidden", "wrong")
LIFE = timedelta(days=21)
"""State of an invitation."""


@dataclass(eq=False)
class Person:
    """A person with a row; `key` is the userName without regard to case."""

    name: str
    title: str
    active: bool = True
    role: str = "user"
    mapped: bool = False  # whether a group gave the role
    tier: str | None = None
    wants: str | None = None
    unseated: str | None = None
    priority: int = USUAL_PRIORITY
    prioritised: bool = False  # whether an admin set the priority, for the present wait
    arrival: int = 0
    version: int = 1
    unconfirmed: bool = False
    email: str | None = None
    left: tuple[int, datetime] | None = None  # the queue place retained after a group was left, and its end
    recorded_at: int = 0  # the event of the last tier that they were refused
    recorded: dict[str, str] = field(default_factory=dict)  # the entitlement that was last refused

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def status(self) -> str:
        if not self.active:
            return "inactive"
        return f"seated on {self.tier}" if self.tier else "waiting" if self.wants else "none"

    @property
    def primary(self) -> bool:
        return self.role == "primary_owner"

    @property
    def owns(self) -> bool:
        return self.role in ("owner", "primary_owner")


@dataclass(eq=False)
class Refusal:
    """A left-out person; `new_person` separates a refused create from a refused reactivation.

    The log shows their first name; `name` is the one sent last.
    """

    key: str
    name: str
    title: str
    wants: str
    new_person: bool
    tried: datetime
    email: str | None = None
    attempts: int = 1
    open: bool = True
    called: str = ""
    number: int = 0  # the event that opened it

    def __post_init__(self) -> None:
        self.called = self.name


@dataclass(frozen=True)
class Better:
    """A person with a seat was refused a better tier; `number` is the event."""

    key: str
    wants: str
    number: int


@dataclass(eq=False)
class Group:
    name: str
    members: list[str]
    external: str | None = None
    version: int = 1


@dataclass(frozen=True)
class Mapping:
    """The mappings of a group called `name`, in any case, or with this externalId."""

    name: str
    tier: str | None = None
    role: str | None = None
    priority: int | None = None

    def covers(self, group: Group) -> bool:
        return self.name.lower() == group.name.lower() or self.name == group.external


@dataclass(eq=False)
class Invitation:
    """`link` counts the letters; `person` is the person created from it, perhaps before the answer."""

    name: str
    role: str
    wants: str
    held: str | None
    expires: datetime
    state: str = "pending"
    link: int = 0
    person: Person | None = None

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def pending(self) -> bool:
        return self.state == "pending"
