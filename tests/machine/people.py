"""Changes of people by a provider, an Admin and an Owner, as rules of the state machine (tests.machine)."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.machine.one_organization import Machine, anyone, names, provided, titles, wanted_tiers, with_people
from tests.model.rows import TIERS
from tests.support.builders.organization import described

ways = st.sampled_from(["PUT", "PATCH"])


class PeopleRules(Machine):
    # People

    @precondition(provided)
    @rule(name=names, title=titles, active=st.sampled_from([True, True, True, None, False]))
    def create(self, *, name: str, title: str, active: bool | None) -> None:
        outcome = self.real.create(described(name, title, active=active))

        assert outcome == self.model.create(name, title, active=active is not False)

    @precondition(provided)
    @rule(name=names, title=titles, wants=wanted_tiers)
    def create_wanting(self, *, name: str, title: str, wants: str) -> None:
        outcome = self.real.create_wanting(described(name, title), wants)

        assert outcome == self.model.create(name, title, wants=wants)

    @precondition(provided)
    @rule(name=names, other=names, title=titles)
    def create_with_an_address(self, *, name: str, other: str, title: str) -> None:
        """Create a person at an invited address, if there is one, who then takes over the invitation."""
        invited = [one.name for one in self.model.invitations if one.held]
        other = invited[len(name) % len(invited)] if invited else other

        outcome = self.real.create(described(name, title, email=other))

        assert outcome == self.model.create(name, title, other)

    @precondition(lambda self: self.model.people and provided(self))
    @rule(who=anyone, title=titles, backwards=st.booleans(), says_active=st.booleans())
    def describe(self, *, who: int, title: str, backwards: bool, says_active: bool) -> None:
        """The same values in any order, with `active` as it is or left out, do not count as a change."""
        person = self.pick(who)
        active, email = person.active if says_active else None, person.email

        outcome = self.real.replace(
            person.key, described(person.name, title, backwards=backwards, active=active, email=email)
        )

        assert outcome == self.model.save(person.key, person.name, title, active=active, email=email)

    @precondition(lambda self: self.model.people and provided(self))
    @rule(who=anyone, name=names, way=ways)
    def rename(self, *, who: int, name: str, way: str) -> None:
        person = self.pick(who)
        email = self.address(way, person)

        outcome = self.save(way, person, described(name, person.title, email=email), userName=name)

        assert outcome == self.model.save(person.key, name, person.title, email=email)

    @precondition(lambda self: self.model.people and provided(self))
    @rule(
        who=anyone, title=titles, way=ways, kind=st.sampled_from(["seated", "both", "wanting", "owner", ""])
    )
    def deactivate(self, *, who: int, title: str, way: str, kind: str) -> None:
        person = self.pick(who, kind)
        email = self.address(way, person)
        sent = described(person.name, title, active=False, email=email)

        outcome = self.save(way, person, sent, title=title, active=False)

        assert outcome == self.model.save(person.key, person.name, title, active=False, email=email)

    @precondition(lambda self: self.model.people and provided(self))
    @rule(who=anyone, title=titles, way=ways, status=st.sampled_from(["inactive", "inactive", ""]))
    def activate(self, *, who: int, title: str, way: str, status: str) -> None:
        person = self.pick(who, status)
        email = self.address(way, person)
        sent = described(person.name, title, active=True, email=email)

        outcome = self.save(way, person, sent, active="True", title=title)

        assert outcome == self.model.save(person.key, person.name, title, active=True, email=email)

    @precondition(lambda self: self.model.people and provided(self))
    @rule(who=anyone, wants=wanted_tiers)
    def activate_wanting(self, *, who: int, wants: str) -> None:
        person = self.pick(who, "inactive")
        name, title, email = person.name, person.title, person.email
        sent = described(name, title, active=True, email=email)

        outcome = self.real.save_wanting(person.key, sent, wants)

        assert outcome == self.model.save(person.key, name, title, active=True, wants=wants, email=email)

    @precondition(lambda self: self.model.people and provided(self))
    @rule(who=anyone, kind=st.sampled_from(["seated", "wanting", "owner", ""]))
    def delete(self, *, who: int, kind: str) -> None:
        person = self.pick(who, kind)

        outcome = self.real.delete(person.key)

        assert outcome == self.model.delete(person.key)

    @precondition(lambda self: self.model.queue())
    @rule(who=anyone, priority=st.sampled_from([1, 100, 900]))
    def prioritise(self, *, who: int, priority: int) -> None:
        person = self.pick(who, "wanting")

        outcome = self.real.prioritise(person.key, priority)

        assert outcome == self.model.prioritise(person.key, priority)

    # By an admin: past the queue; the last Owner keeps the role

    @precondition(with_people)
    @rule(
        who=anyone,
        kind=st.sampled_from(["seatless", "seatless", "both", ""]),
        tier=st.sampled_from([None, *TIERS]),
    )
    def assign(self, *, who: int, kind: str, tier: str | None) -> None:
        person = self.pick(who, kind)

        outcome = self.real.assign(person.key, tier)

        assert outcome == self.model.assign(person.key, tier)

    @precondition(with_people)
    @rule(who=anyone, kind=st.sampled_from(["seated", "both", "wanting", "owner"]))
    def unassign(self, *, who: int, kind: str) -> None:
        person = self.pick(who, kind)

        outcome = self.real.unassign(person.key)

        assert outcome == self.model.unassign(person.key)

    @precondition(with_people)
    @rule(who=anyone, kind=st.sampled_from(["seated", "both", "wanting", "owner", ""]))
    def deactivate_manually(self, *, who: int, kind: str) -> None:
        person = self.pick(who, kind)

        outcome = self.real.deactivate(person.key)

        assert outcome == self.model.deactivate(person.key)

    @precondition(with_people)
    @rule(who=anyone, kind=st.sampled_from(["inactive", "inactive", ""]))
    def activate_manually(self, *, who: int, kind: str) -> None:
        person = self.pick(who, kind)

        outcome = self.real.activate(person.key)

        assert outcome == self.model.activate(person.key)

    @precondition(with_people)
    @rule(giver=anyone, taker=anyone, kind=st.sampled_from(["seatless", "seatless", "inactive", ""]))
    def reassign(self, *, giver: int, taker: int, kind: str) -> None:
        one, other = self.pick(giver, "seated"), self.pick(taker, kind)

        outcome = self.real.reassign(one.key, other.key)

        assert outcome == self.model.reassign(one.key, other.key)

    @precondition(with_people)
    @rule(
        one=anyone,
        other=anyone,
        kinds=st.sampled_from([("both", "seated"), ("seated", "seated"), ("seated", "")]),
    )
    def swap(self, *, one: int, other: int, kinds: tuple[str, str]) -> None:
        first, second = self.pick(one, kinds[0]), self.pick(other, kinds[1])

        outcome = self.real.swap(first.key, second.key)

        assert outcome == self.model.swap(first.key, second.key)

    @precondition(with_people)
    @rule(
        who=anyone,
        kind=st.sampled_from(["", "owner"]),
        role=st.sampled_from(["user", "admin", "owner", "owner", "primary_owner"]),
    )
    def set_role(self, *, who: int, kind: str, role: str) -> None:
        person = self.pick(who, kind)

        outcome = self.real.set_role(person.key, role)

        assert outcome == self.model.set_role(person.key, role)

    @precondition(with_people)
    @rule(who=anyone, kind=st.sampled_from(["seated", "seated", ""]))
    def transfer(self, *, who: int, kind: str) -> None:
        person = self.pick(who, kind)

        outcome = self.real.transfer(person.key)

        assert outcome == self.model.transfer(person.key)
