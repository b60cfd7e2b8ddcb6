"""Changes by Admins and Owners in the simple model (tests.model).

An answer has the results of the named people and the number of promoted people; or it is `wrong`.
"""

from tests.model.entitlements import Entitlements
from tests.model.rows import TIERS, Person
from tests.model.seats import request


class Members(Entitlements):
    @request
    def assign(self, key: str, tier: str | None = None) -> str:
        person = self.of(key)
        free = [one for one in TIERS if tier in (None, one) and self.free(one) > 0]
        if not person.active or self.suspended or (person.tier and tier in (None, person.tier)):
            return "wrong"
        if not free:  # This answer is a value, so due changes stay applied.
            return "no free seat"
        if not self._may_sit(person, free[0]):
            return "wrong"
        self._record("person.moved" if person.tier else "person.provisioned", person.name)
        self._seat(person, free[0])
        self._close(person.key)
        return self._changed(person)

    @request
    def unassign(self, key: str) -> str:
        person = self.of(key)
        if person.primary or self._last_owner(person) or not (person.tier or person.wants):
            return "wrong"
        self._unseat(person)
        return self._changed(person)

    @request
    def deactivate(self, key: str) -> str:
        person = self.of(key)
        if person.primary or self._last_owner(person) or not person.active:
            return "wrong"
        self._record("person.deprovisioned", person.name)
        self._seat(person, None)
        self._close(person.key)
        person.active = False
        return self._changed(person)

    @request
    def reassign(self, giver: str, taker: str) -> str:
        one, other = self.of(giver), self.of(taker)
        tier = one.tier
        takes_last_owner = self._last_owner(one) and not other.owns
        if one.primary or takes_last_owner or not tier or not other.active or other.tier:
            return "wrong"
        if self.suspended or not self._may_sit(other, tier):
            return "wrong"
        self._unseat(one)
        self._record("person.provisioned", other.name)
        self._seat(other, tier)
        self._close(other.key)
        return self._changed(one, other)

    @request
    def swap(self, key: str, other_key: str) -> str:
        one, other = self.of(key), self.of(other_key)
        tiers = (one.tier, other.tier)
        if self.suspended or not one.tier or not other.tier or one.tier == other.tier:
            return "wrong"
        if not self._may_sit(one, other.tier) or not self._may_sit(other, one.tier):
            return "wrong"
        for person, tier in ((one, tiers[1]), (other, tiers[0])):
            self._record("person.moved", person.name)
            self._seat(person, tier)
        return self._changed(one, other)

    @request
    def set_role(self, key: str, role: str) -> str:
        person = self.of(key)
        if person.primary or role == "primary_owner" or (role != "owner" and self._last_owner(person)):
            return "wrong"
        if person.mapped:
            return "wrong"
        return self._changed(person) if self._give(person, role) else f"{person.status}, 0 promoted"

    @request
    def transfer(self, key: str) -> str:
        person = self.of(key)
        if person.primary or not person.tier:
            return "wrong"
        former = [one for one in self.people if one.primary]
        for one in former:
            self._give(one, "owner")
        self._give(person, "primary_owner")
        return self._changed(person, *former)

    def _unseat(self, person: Person) -> None:
        self._record("person.unassigned", person.name)
        self._seat(person, None)
        person.unseated = "unassigned"

    def _give(self, person: Person, role: str) -> bool:
        """Whether the role changed."""
        if person.role == role:
            return False
        self._record("person.role_changed", person.name)
        person.role, person.mapped = role, False
        person.recorded.pop("person.role_kept", None)
        return True

    def _changed(self, *people: Person) -> str:
        for person in people:
            person.version += 1
        promoted = self._promote()
        return ", ".join([*(person.status for person in people), f"{promoted} promoted"])
