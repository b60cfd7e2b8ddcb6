"""What the state machine of tests/services/test_state_machine.py stands on: one organization, twice."""

from datetime import UTC, datetime

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from scim_server.protocol.attributes import JSON
from scim_server.protocol.user import User
from scim_server.store.session import Database
from seat_policy.contract import Tier
from tests import model
from tests.model_seats import ANY, TIERS, Person
from tests.organization import OWNER, Organization, described

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When every history begins: nothing ends but the days that it ends itself."""
NAMES = ("ann", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ANN", "Bob")
names = st.sampled_from([f"{name}@example.com" for name in NAMES])
wishes = st.sampled_from([ANY, ANY, *TIERS])
overflows = st.sampled_from(["queue", "reject", "fallback", "fallback", "buy", "buy"])
own_overflows = st.sampled_from([None, None, "queue", "reject", "fallback", "buy"])
RANKED = [Tier(name, rank) for rank, name in enumerate(reversed(TIERS), start=1)]


class Machine(RuleBasedStateMachine):
    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.database.now = lambda: MORNING

    @initialize(
        seats=st.fixed_dictionaries(
            {"premium": st.integers(0, 2), "standard": st.integers(0, 2), "basic": st.integers(0, 1)}
        ),
        overflow=overflows,
        owner=st.sampled_from([False, False, True]),
        signed=st.booleans(),
        chosen=st.fixed_dictionaries({tier: st.tuples(own_overflows, st.integers(0, 2)) for tier in TIERS}),
        first=st.lists(
            st.tuples(names, wishes), min_size=3, max_size=8, unique_by=lambda one: one[0].lower()
        ),
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
    ) -> None:
        owner = owner and any(seats.values())
        self.real = Organization(self.database, seats, overflow, OWNER if owner else None, tiers=RANKED)
        self.model = model.Organization(seats, overflow)
        self.model.events += [("organization.created", ""), ("token.created", "")]
        if owner:
            self.model.create(OWNER, "")
            self.model.people[0].role = "primary_owner"
        if signed:
            self.real.sign()
            self.model.sign()
        for tier, (own, ceiling) in chosen.items():
            if own or (signed and ceiling):
                self.real.set_tier_overflow(tier, own, ceiling if signed else None)
                self.model.set_tier_overflow(tier, own, ceiling if signed else None)
        for name, wants in first:
            outcome = self.real.create_wanting(described(name, "Artist"), wants)
            assert outcome == self.model.create(name, "Artist", wants=wants)

    # After every step

    @invariant()
    def the_rows_are_what_the_rules_say(self) -> None:
        assert self.real.state() == self.model.state()

    @invariant()
    def the_numbers_add_up(self) -> None:
        self.real.recount()

    # Choosing from what is there

    def save(self, way: str, person: Person, sent: User, **values: JSON) -> str:
        if way == "PATCH":
            return self.real.patch(person.key, **values)
        return self.real.replace(person.key, sent)

    def somebody(self, who: int, kind: str = "") -> Person:
        """Someone of that kind where there is one."""
        alike = [person for person in self.model.people if kind in kinds(person)]
        chosen = (alike or self.model.people)[who % len(alike or self.model.people)]
        note(f"  person {who} is {chosen.name}")
        return chosen

    def keys(self, whose: set[int]) -> list[str]:
        return sorted({self.somebody(who).key for who in whose}) if self.model.people else []


def kinds(person: Person) -> set[str]:
    """The words by which a rule asks for somebody; everybody is of the kind without a name."""
    wanting = "wanting" if person.wants else ""
    seatless = "" if person.tier or not person.active else "seatless"
    both = "both" if person.tier and person.wants else ""
    return {"", person.status.partition(" ")[0], wanting, seatless, both, "owner" if person.owns else ""}
