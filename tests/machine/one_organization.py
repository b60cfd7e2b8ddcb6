"""The base of the state machine in tests/machine/test_state_machine.py: one organization, twice."""

from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from scim_server.protocol.attributes import JSON
from scim_server.protocol.user import User
from scim_server.store.database.session import Database
from seat_policy.contract import Tier
from tests.model import organization as model
from tests.model.rows import ANY, TIERS, Mapping, Person
from tests.support.builders.organization import OWNER, described
from tests.support.builders.ways_in import WaysIn
from tests.support.oracles.recount import check
from tests.support.oracles.rows import Row, observed

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When every history begins."""
MONTHS = 120
"""Months of a contract: longer than any history."""
NAMES = ("ann", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ANN", "Bob")
ADDRESSES = [f"{name}@example.com" for name in NAMES]
names = st.sampled_from(ADDRESSES)
modes = st.sampled_from([*["scim"] * 5, *["jit"] * 3, "manual"])
titles = st.sampled_from(["Engineer", "Artist"])
anyone = st.integers(0, 9)
wanted_tiers = st.sampled_from([ANY, ANY, *TIERS])
overflows = st.sampled_from(["queue", "reject", "fallback", "fallback", "buy", "buy"])
own_overflows = st.sampled_from([None, None, "queue", "reject", "fallback", "buy"])
GROUPS = ("Engineering", "Sales", "Ops", "SALES", "Everyone")
group_names = st.sampled_from(GROUPS)
externals = st.sampled_from([None, None, "x-1", "x-2"])
members = st.sets(anyone, min_size=1, max_size=5)
mapped_names = st.sampled_from(["engineering", "Sales", "Ops", "x-1", "X-1"])
mappings = st.builds(
    Mapping,
    mapped_names,
    st.sampled_from([None, *TIERS, *TIERS]),
    st.sampled_from([None, None, "user", "admin", "owner"]),
    st.sampled_from([None, None, 1, 50, 900]),
).filter(lambda one: (one.tier, one.role, one.priority) != (None, None, None))
unmapped = st.sampled_from(["highest", "lowest", "none"])


@dataclass(frozen=True)
class Mapped:
    """Groups by name, externalId and members, their mappings, and the way in.

    Some people were deactivated before: sign-ins do not reactivate them.
    """

    groups: list[tuple[str, str | None, set[int]]]
    mappings: list[Mapping]
    unmapped: str
    inactive: set[int]
    mode: str


mapped = st.builds(
    Mapped,
    st.lists(st.tuples(group_names, externals, members), max_size=2, unique_by=lambda one: one[0]),
    st.lists(mappings, max_size=2),
    unmapped,
    st.sets(anyone, max_size=2),
    modes,
)
RANKED = [Tier(name, rank) for rank, name in enumerate(reversed(TIERS), start=1)]


def with_people(machine: "Machine") -> bool:
    return bool(machine.model.people)


def provided(machine: "Machine") -> bool:
    """Whether a provider sends a request: seldom where the mode refuses it."""
    return machine.model.mode == "scim" or len(machine.model.events) % 5 == 0


class Machine(RuleBasedStateMachine):
    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.database.now = lambda: MORNING
        self.until_resumed = 0
        self.checked: list[Row] = []

    @initialize(
        seats=st.fixed_dictionaries(
            {"premium": st.integers(0, 3), "standard": st.integers(0, 3), "basic": st.integers(0, 2)}
        ),
        overflow=overflows,
        owner=st.sampled_from([False, False, True]),
        signed=st.booleans(),
        chosen=st.fixed_dictionaries({tier: st.tuples(own_overflows, st.integers(0, 2)) for tier in TIERS}),
        first=st.lists(
            st.tuples(names, wanted_tiers), min_size=1, max_size=7, unique_by=lambda one: one[0].lower()
        ),
        mapped=mapped,
    )
    def found(
        self,
        *,
        seats: dict[str, int],
        overflow: str,
        owner: bool,
        signed: bool,
        chosen: dict[str, tuple[str | None, int]],
        first: list[tuple[str, str]],
        mapped: Mapped,
    ) -> None:
        owner = owner and any(seats.values())
        self.real = WaysIn(self.database, seats, overflow, OWNER if owner else None, tiers=RANKED)
        self.model = model.Organization(MORNING, seats, overflow)
        self.model.events += [("organization.created", ""), ("token.created", "")]
        if owner:
            self.model.create(OWNER, "", OWNER)
            self.model.people[0].role = "primary_owner"
        self._invite_in_a_domain()
        if signed:
            self.real.sign(MONTHS)
            self.model.sign()
        for tier, (own, ceiling) in chosen.items():
            if own or (signed and ceiling):
                self.real.set_tier_overflow(tier, own, ceiling if signed else None)
                self.model.set_tier_overflow(tier, own, ceiling if signed else None)
        for name, wants in first:
            outcome = self.real.create_wanting(described(name, "Artist"), wants)
            assert outcome == self.model.create(name, "Artist", wants=wants)
        self._map(mapped)

    def _invite_in_a_domain(self) -> None:
        self.real.prove_domain()
        self.model.events += [("domain.added", ""), ("domain.verified", "")]
        self.real.set_ways_in("scim", inviting=True)
        self.model.set_ways_in("scim", inviting=True)

    def _map(self, mapped: Mapped) -> None:
        for name, external, whose in mapped.groups:
            self.real.create_group(name, self.keys(whose), external)
            self.model.create_group(name, external, self.keys(whose))
        for mapping in mapped.mappings:
            self.real.save_mapping(mapping)
            self.model.save_mapping(mapping)
        for person in map(self.model.of, self.keys(mapped.inactive)):
            sent = described(person.name, person.title, active=False, email=person.email)
            outcome = self.real.replace(person.key, sent)
            assert outcome == self.model.save(
                person.key, person.name, person.title, active=False, email=person.email
            )
        self.real.choose_unmapped(mapped.unmapped)
        self.model.choose_unmapped(mapped.unmapped)
        self.real.set_ways_in(mapped.mode, inviting=True)
        self.model.set_ways_in(mapped.mode, inviting=True)

    # After every step

    @invariant()
    def the_rows_agree_with_the_model(self) -> None:
        """Check that the numbers add up. Events are read once."""
        rows = self.real.rows(self.checked)
        self.checked = rows.events
        assert observed(rows) == self.model.state()
        check(rows, self.database.now())
        if self.model.people:
            person = self.model.people[len(rows.events) % len(self.model.people)]
            assert self.real.entitlement(person.key) == self.model.entitlement(person)

    def teardown(self) -> None:
        self.real.forget_domain()
        rows = self.real.rows()
        assert [vars(event) for event in rows.events[: len(self.checked)]] == [
            vars(event) for event in self.checked
        ]
        check(rows, self.database.now())

    # Time

    def set_clock(self, moment: datetime) -> None:
        self.model.now = moment
        self.database.now = lambda: moment

    def note(self) -> None:
        """Let a write apply due changes."""
        if self.model.is_due():
            self.real.nothing()
            self.model.nothing()

    @invariant()
    def suspensions_end(self) -> None:
        """Resume after a few steps: the acts during a suspension matter, not its length."""
        if self.model.suspended and self.until_resumed == 0:
            assert self.real.resume() == self.model.resume()
        self.until_resumed = max(self.until_resumed - 1, 0)

    # Choosing from the present rows

    def address(self, way: str, person: Person) -> str | None:
        """The e-mail address in a request: PATCH does not send it, PUT sends it only for the Owner."""
        return person.email if way == "PATCH" or person.primary else None

    def save(self, way: str, person: Person, sent: User, **values: JSON) -> str:
        if way == "PATCH":
            return self.real.patch(person.key, **values)
        return self.real.replace(person.key, sent)

    def pick(self, who: int, kind: str = "") -> Person:
        """A person of that kind if there is one, else any person."""
        alike = [person for person in self.model.people if kind in kinds(person)]
        chosen = (alike or self.model.people)[who % len(alike or self.model.people)]
        note(f"  person {who} is {chosen.name}")
        return chosen

    def keys(self, whose: set[int]) -> list[str]:
        return sorted({self.pick(who).key for who in whose}) if self.model.people else []


def kinds(person: Person) -> set[str]:
    """The kinds of a person, by which rules select; every person is of the empty kind."""
    wanting = "wanting" if person.wants else ""
    seatless = "" if person.tier or not person.active else "seatless"
    both = "both" if person.tier and person.wants else ""
    return {"", person.status.partition(" ")[0], wanting, seatless, both, "owner" if person.owns else ""}
