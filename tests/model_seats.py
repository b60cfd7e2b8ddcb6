"""What the naive model is made of: its rows, who gets a seat, and who is next (tests.model)."""

from dataclasses import dataclass, field

ANY = "any"
TIERS = ("premium", "standard", "basic")  # the highest rank first
USUAL_PRIORITY = 100


@dataclass
class Person:
    """Someone with a row; `key` is the userName without regard to case."""

    name: str
    title: str
    active: bool = True
    role: str = "user"
    tier: str | None = None
    wants: str | None = None
    unseated: str | None = None
    priority: int = USUAL_PRIORITY
    arrival: int = 0
    version: int = 1

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


@dataclass
class Refusal:
    """Someone left out; `newcomer` tells a refused create from a refused reactivation."""

    key: str
    name: str
    title: str
    wants: str
    newcomer: bool
    attempts: int = 1
    open: bool = True


@dataclass
class Group:
    name: str
    members: list[str]
    version: int = 1


@dataclass
class Seats:
    purchased: dict[str, int]
    overflow: str
    contract: bool = False
    own_overflow: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(TIERS))
    ceilings: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(TIERS))
    bought: list[str] = field(default_factory=list)  # the tier of every seat bought for a newcomer
    unbilled: list[str] = field(default_factory=list)  # those of the present day
    invoices: list[tuple[str, dict[str, int]]] = field(default_factory=list)  # (reason, seats by tier)
    people: list[Person] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)  # (type, whom it is about)

    def find(self, key: str) -> Person | None:
        return next((person for person in self.people if person.key == key), None)

    def free(self, tier: str) -> int:
        return self.purchased[tier] - len([person for person in self.people if person.tier == tier])

    def queue(self) -> list[Person]:
        waiting = [person for person in self.people if person.wants]
        return sorted(waiting, key=lambda person: (person.priority, person.arrival))

    def open_refusals(self) -> list[Refusal]:
        return [refusal for refusal in self.refusals if refusal.open]

    def _open_to_newcomers(self, tier: str) -> bool:
        """Whether a seat is left when everybody who waits for one has theirs."""
        return self.free(tier) > len([person for person in self.queue() if person.wants in (tier, ANY)])

    def _admit(self, person: Person, wants: str, name: str) -> str:
        """A newcomer takes a seat that is open to them, or what the policy says becomes of them."""
        tiers = [tier for tier in TIERS if wants in (tier, ANY)]
        for tier in tiers:
            if self._open_to_newcomers(tier):
                return self._provision(person, tier, name)
        policy = self.own_overflow.get(wants) or self.overflow
        if policy == "reject":
            return "refused"
        if policy == "buy":
            for tier in reversed(tiers):
                if self.bought.count(tier) < (self.ceilings[tier] or 0):
                    self._buy(tier)
                    return self._provision(person, tier, name)
        if policy == "fallback" and wants != ANY:
            for tier in TIERS[TIERS.index(wants) + 1 :]:
                if self._open_to_newcomers(tier):
                    self._provision(person, tier, name)
                    return self._wait(person, wants)
        self._record("person.queued", name)
        return self._wait(person, wants)

    def _provision(self, person: Person, tier: str, name: str) -> str:
        self._seat(person, tier)
        self._record("person.provisioned", name)
        return "seated"

    def _wait(self, person: Person, wants: str) -> str:
        """At the tail: the arrival is the number of the event just recorded."""
        person.wants, person.arrival, person.unseated = wants, len(self.events), None
        return "waiting"

    def _buy(self, tier: str) -> None:
        self.purchased = {**self.purchased, tier: self.purchased[tier] + 1}
        self.bought.append(tier)
        self.unbilled.append(tier)
        self._record("seats.added")

    def _seat(self, person: Person, tier: str | None) -> None:
        """A seat, or none, in place of whatever they had; they wait no more."""
        person.tier, person.wants, person.unseated = tier, None, None

    def _promote(self) -> int:
        """From the highest tier down, to the first who wants it; who sat lower gives that seat on."""
        promoted = 0
        for tier in TIERS:
            for person in self.queue():
                if self.free(tier) > 0 and person.wants in (tier, ANY):
                    self._seat(person, tier)
                    self._record("person.promoted", person.name)
                    person.version += 1
                    promoted += 1
        return promoted

    def _last_owner(self, person: Person) -> bool:
        """Whether nobody who is active would own the organization without them."""
        others = [one for one in self.people if one.active and one.owns and one is not person]
        return person.active and person.owns and not others

    def _record(self, event: str, about: str = "") -> None:
        self.events.append((event, about))

    def _of(self, key: str) -> Person:
        person = self.find(key)
        assert person is not None, f"the test named {key}, who is not there"
        return person
