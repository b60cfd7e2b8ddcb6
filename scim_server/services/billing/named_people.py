"""Gives the seats of a purchase to the people for whom it is made (SEATS 4, 5)."""

from dataclasses import dataclass, field

from scim_server.history import PersonMoved, PersonProvisioned, SeatDeltas
from scim_server.protocol.seat_status import SeatStatus
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.errors import InvalidOrder, NotEligible
from scim_server.services.people import find
from scim_server.services.seats import gate
from scim_server.store.database.session import Write
from scim_server.store.rows import events, people, refusals, seats
from scim_server.store.rows.people import Person
from seat_policy.bill import Order, Upgrade
from seat_policy.roles import Role
from seat_policy.seat_state import seated


@dataclass(slots=True)
class Named:
    """Gives seats to the people for whom a purchase is made, one after another."""

    write: Write
    order: Order
    seated: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)

    def place(self, name: str) -> None:
        """Give a person of the order a bought seat, or upgrade the person's seat."""
        person = find.exactly(self.write, name)
        upgrade = next((one for one in self.order.upgrades if one.source == person.tier), None)
        if upgrade is not None:
            self._move(person, upgrade)
        elif person.status in (SeatStatus.WAITING, SeatStatus.NONE):
            self._seat(person)
        else:
            raise NotEligible(
                f"{person.user_name} is {person.status}; a purchase can be made only for active "
                "people without a seat, or for people whose seat is upgraded"
            )

    def _seat(self, person: Person) -> None:
        bought = {*self.order.adds, *(one.target for one in self.order.upgrades)}
        tier = self._free(bought & self._given(person, bought))
        gate.release(self.write, person)
        seats.move(self.write, tier, assigned=1)
        after = person.having(seated(tier))
        number = self._record(person, after, PersonProvisioned, "seat_added_for", {tier: (0, 1, 0)})
        refusals.close(self.write, person.user_name_key, person.id, number)
        people.change(self.write, person, after)
        self.seated.append(person.user_name)

    def _move(self, person: Person, upgrade: Upgrade) -> None:
        tier = self._free(self._given(person, {upgrade.target}))
        seats.move(self.write, tier, assigned=1)
        seats.move(self.write, upgrade.source, assigned=-1)
        after = person.having(person.seat.moved(tier))
        if person.wants is not None and self._is_enough(tier, person.wants):
            seats.count_waiting(self.write, person.wants, -1)
            after = person.having(seated(tier))
        deltas = {upgrade.source: (0, -1, 0), tier: (0, 1, 0)}
        self._record(person, after, PersonMoved, "seat_upgraded", deltas)
        people.change(self.write, person, after)
        self.moved.append(person.user_name)

    def _is_enough(self, tier: str, wanted: str) -> bool:
        """Whether a seat of this tier also ends the wait for another tier."""
        availability = seats.availability(self.write)
        return availability.of(tier).tier.rank >= availability.of(wanted).tier.rank

    def _free(self, tiers: set[str]) -> str:
        for seats_of in seats.availability(self.write).tiers:
            if seats_of.tier.name in tiers and seats_of.free:
                return seats_of.tier.name
        raise InvalidOrder("the order contains more people than seats")

    def _given(self, person: Person, tiers: set[str]) -> set[str]:
        """The tiers that a person may have. An admin cannot override what a group gives (SEATS 21)."""
        entitlement = entitlements.of_people(self.write, [person.id])[person.id]
        if not entitlement.mapped or person.role == Role.PRIMARY_OWNER:
            return tiers
        if entitlement.wants not in tiers:
            raise NotEligible(
                f"{person.user_name} is in a group that gives {entitlement.wants}. Change the "
                "mapping or the group instead"
            )
        return {entitlement.wants}

    def _record(
        self,
        before: Person,
        after: Person,
        event: type[PersonProvisioned | PersonMoved],
        reason: str,
        deltas: SeatDeltas,
    ) -> int:
        about = event(
            person=before.id,
            reason=reason,
            seats=deltas,
            waited_for=before.wants,
            wants=after.wants,
            arrival=after.arrival,
            personal={"userName": before.user_name},
        )
        return events.append(self.write, about)
