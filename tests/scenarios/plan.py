"""A plan written manually, compared with the answers of every interface."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.api.wire import SEAT
from tests.scenarios.company import Company, numbers

Place = tuple[str, str | None]
"""Status, and the tier held or waited for."""


@dataclass(frozen=True)
class Plan:
    """The state of all people, as ranges of numbers.

    Attributes:
        seats: purchased, assigned and held, by tier.
        seated: by tier.
        queue: the tiers and the people who wait for them, in the order of service; some have a seat.
        none: members without a seat, by the reason.
        roles: everyone else is a user.
    """

    seats: Mapping[str, tuple[int, int, int]]
    seated: Mapping[str, str]
    queue: Sequence[tuple[str, str]] = ()
    none: Mapping[str, str] = field(default_factory=dict)
    inactive: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)

    def places(self) -> dict[int, Place]:
        """The state of all people, by number."""
        found: dict[int, Place] = dict.fromkeys(numbers(self.inactive), ("inactive", None))
        for ranges in self.none.values():
            found |= dict.fromkeys(numbers(ranges), ("none", None))
        for wants, ranges in self.queue:
            found |= dict.fromkeys(numbers(ranges), ("waiting", wants))
        for tier, ranges in self.seated.items():
            found |= dict.fromkeys(numbers(ranges), ("seated", tier))
        return found

    def order(self) -> list[str]:
        """The queue of each tier, in the order of service."""
        return [f"{number} {wants}" for wants, ranges in self.queue for number in numbers(ranges)]

    def samples(self) -> Iterator[tuple[int, tuple[bool, str | None, str | None]]]:
        """The first and the last of every range: the tier of the entitlement, or the reason for none."""
        places = self.places()
        shown = {"waiting": "waiting_for_seat", "inactive": "inactive", "seated": None}
        reasons = {number: reason for reason, ranges in self.none.items() for number in numbers(ranges)}
        queues = [ranges for _, ranges in self.queue]
        for part in " ".join([*self.seated.values(), *queues, *self.none.values(), self.inactive]).split():
            for number in {numbers(part)[0], numbers(part)[-1]}:
                status, tier = places[number]
                seated = status == "seated"
                yield number, (seated, tier if seated else None, shown.get(status, reasons.get(number)))


def faults(company: Company, plan: Plan) -> list[str]:
    """Differences between the plan and SCIM, the vendor's app or the operator's view; and faults."""
    people = company.run("people", "list", "acme", "--limit", "10000")["data"]
    roles = {company.number(one["user_name"]): one["role"] for one in people if one["role"] != "user"}
    planned = {number: role for role, ranges in plan.roles.items() for number in numbers(ranges)}
    shown = {number: company.entitlement(number) for number, _ in plan.samples() if number in company.ids}
    entitled = {number: expected for number, expected in plan.samples() if number in company.ids}
    return [
        *_apart("SCIM", _by_scim(company), plan.places()),
        *_apart("people list", _by_command(company, people), plan.places()),
        *_apart("roles", roles, planned),
        *_apart("entitlement", shown, entitled),
        *_queue(company, plan),
        *_seats(company, plan),
        *company.recounted(),
        *map(str, company.run("db", "check")["problems"]),
    ]


def _apart(where: str, found: Mapping[int, object], planned: Mapping[int, object]) -> Iterator[str]:
    """People whose state differs from the plan."""
    elsewhere = defaultdict(list)
    for number in sorted(found.keys() | planned.keys()):
        if found.get(number) != planned.get(number):
            elsewhere[f"{found.get(number)} instead of {planned.get(number)}"].append(number)
    for said, who in elsewhere.items():
        yield f"{where}: {len(who)} from {who[0]} to {who[-1]} are {said}"


def _by_scim(company: Company) -> dict[int, Place]:
    found: dict[int, Place] = {}
    for person in company.directory():
        seat, number = person[SEAT], company.number(person["userName"])
        same = company.ids.get(number, person["id"]) == person["id"]
        active = person["active"] == (seat["status"] != "inactive")
        found[number] = (seat["status"], seat.get("tier")) if same and active else ("another", None)
    return found


def _by_command(company: Company, people: Sequence[Mapping[str, str]]) -> dict[int, Place]:
    return {
        company.number(one["user_name"]): (
            one["status"],
            one["waits_for"] if one["status"] == "waiting" else one["tier"],
        )
        for one in people
    }


def _queue(company: Company, plan: Plan) -> Iterator[str]:
    listed = company.run("waiting", "list", "acme")["data"]
    found = [f"{company.number(one['user_name'])} {one['wants']}" for one in listed]
    if found != plan.order():
        places = enumerate(zip([*found, ""], [*plan.order(), ""], strict=False), start=1)
        place, (there, planned) = next((place, pair) for place, pair in places if pair[0] != pair[1])
        counted = f"{len(found)} wait instead of {len(plan.order())}"
        yield f"queue: {counted}; as {place}. {there or 'nobody'} instead of {planned or 'nobody'}"


def _seats(company: Company, plan: Plan) -> Iterator[str]:
    shown = company.run("seats", "show", "acme")
    waiting = [one.rpartition(" ")[2] for one in plan.order()]
    for tier, (purchased, assigned, held) in plan.seats.items():
        expected = {
            "purchased": purchased,
            "assigned": assigned,
            "held": held,
            "free": purchased - assigned - held,
            "waiting": waiting.count(tier),
        }
        if shown["tiers"][tier] != expected:
            yield f"{tier}: {shown['tiers'][tier]} instead of {expected}"
    if shown["waiting_any"] or shown["tiers"].keys() != plan.seats.keys():
        yield f"seats: {shown}"
