"""Processes that act on organizations next to their providers, by the services and over HTTP."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from multiprocessing.pool import AsyncResult, Pool
from multiprocessing.synchronize import Barrier
from typing import Any, Final

import httpx

from scim_server.protocol.errors import ScimError
from scim_server.services.billing import due
from scim_server.services.errors import ServiceError
from scim_server.store.database.session import Database
from seat_policy.errors import PolicyError
from tests.campaigns.acts import GROUPS, MANUALLY, SIGNED, Act, Hand, House, awaited, invitee, secret
from tests.campaigns.load import Client, Record, Request, activate, create
from tests.support.servers import forking

PROCESSES: Final = 3
MOST_PAUSE_SECONDS: Final = 0.02
MOST_MEMBERS: Final = 60
"""Members in a group's PATCH."""
PATIENCE: Final = 90
BUTTON: Final = {"Sec-Fetch-Site": "same-origin"}
PATCH_OP: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_here: dict[str, Any] = {}


def later() -> datetime:
    """A time when every present invitation has expired."""
    return datetime.now(UTC) + timedelta(days=22)


@dataclass(frozen=True, slots=True)
class Shift:
    """The task of one process: act in these organizations during a period.

    Attributes:
        url, key: of the server, and of the vendor's app.
    """

    number: int
    houses: tuple[House, ...]
    url: str
    key: str
    begin: float
    end: float
    seed: str


@dataclass
class Done:
    """The acts, and the answers to providers' requests."""

    acts: list[Act] = field(default_factory=list)
    records: dict[str, list[Record]] = field(default_factory=dict)

    def add(self, other: "Done") -> None:
        """Add the results of another process."""
        self.acts += other.acts
        for slug, records in other.records.items():
            self.records.setdefault(slug, []).extend(records)

    def record(self, house: House, record: Record | None) -> None:
        """Remember an answer."""
        if record is not None:
            self.records.setdefault(house.slug, []).append(record)


def _work(shift: Shift) -> Done:
    """Run the part of one process. All wait for each other, so that no process takes two parts."""
    _here["barrier"].wait(PATIENCE)
    done = Done()
    with ThreadPoolExecutor(2) as threads:
        for part in [threads.submit(part, shift) for part in (_manually, _by_wire)]:
            done.add(part.result())
    return done


def _turns(shift: Shift, chance: random.Random) -> Iterator[House]:
    """Act in one organization after another until the period ends."""
    time.sleep(max(shift.begin - time.monotonic(), 0))
    while time.monotonic() < shift.end:
        yield chance.choice(shift.houses)
        time.sleep(chance.uniform(0, MOST_PAUSE_SECONDS))


def _manually(shift: Shift) -> Done:
    """Act as an operator's commands do, without the second that each would take to start."""
    done, chance = Done(), random.Random(f"{shift.seed}/{shift.number}/hand")
    hand = Hand(_here["database"], _here["later"], chance)
    for house in _turns(shift, chance):
        use, sent = chance.choice(MANUALLY[house.kind]), time.monotonic()
        names: tuple[str, ...] = ()
        outcome, said = "done", ""
        try:
            names = use(hand, house)
        except (ServiceError, PolicyError, ScimError) as error:
            outcome, said = "refused", str(error)
        except Exception as error:  # noqa: BLE001 - any exception is a fault
            outcome, said = "failed", repr(error)
        done.acts.append(Act(house.slug, use.__name__, names, outcome, said, sent, time.monotonic()))
    return done


@dataclass
class Wire:
    """An actor that sends requests of a provider, of the vendor's app and of invitees."""

    hand: Hand
    app: httpx.Client
    clients: Mapping[str, Client]
    done: Done = field(default_factory=Done)

    def send(self, house: House, request: Request) -> None:
        """A request of the provider."""
        record = self.clients[house.slug].send(house.organization, request)
        self.done.record(house, record)

    def record_answer(
        self, house: House, kind: str, names: tuple[str, ...], status: int, sent: float
    ) -> None:
        """Remember a request that is not a provider's."""
        good = status == HTTPStatus.OK
        outcome = "done" if good else "refused" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"
        said = "" if good else f"answered {status}"
        self.done.acts.append(Act(house.slug, kind, names, outcome, said, sent, time.monotonic()))


def _by_wire(shift: Shift) -> Done:
    chance = random.Random(f"{shift.seed}/{shift.number}/wire")
    hand = Hand(_here["database"], _here["later"], chance)
    clients = {house.slug: Client(-1 - shift.number) for house in shift.houses}
    for house in shift.houses:
        clients[house.slug].begin(house.organization)
    headers = {"Authorization": f"Bearer {shift.key}"}
    with httpx.Client(
        base_url=shift.url, headers=headers, timeout=PATIENCE, trust_env=False, verify=False
    ) as app:
        wire = Wire(hand, app, clients)
        for house in _turns(shift, chance):
            chance.choice(BY_WIRE[house.kind])(wire, house)
    return wire.done


def move_members(wire: Wire, house: House) -> None:
    """Remove many people from a group and add many, in one PATCH."""
    chance = wire.hand.chance
    group = house.groups[chance.choice(GROUPS[:2])]
    newest = f"active ORDER BY sequence DESC LIMIT {2 * MOST_MEMBERS}"
    ids = [row[0] for row in wire.hand.rows(house, "SELECT id FROM people", newest)]
    entering = chance.sample(ids, min(chance.randint(0, MOST_MEMBERS), len(ids)))
    leaving = [one for one in chance.sample(ids, len(ids)) if one not in entering][:MOST_MEMBERS]
    operations = [
        {"op": op, "path": "members", "value": [{"value": one} for one in some]}
        for op, some in (("remove", leaving), ("add", entering))
    ]
    body: dict[str, object] = {"schemas": [PATCH_OP], "Operations": operations}
    wire.send(house, Request("PATCH", f"/Groups/{group}", "", body))


def provide(wire: Wire, house: House) -> None:
    """The provider creates a person who may be invited, or sign in, at this moment."""
    wire.send(house, create(_name(wire, house)))


def remove(wire: Wire, house: House) -> None:
    """The provider deletes them."""
    name = _name(wire, house)
    for (one,) in wire.hand.rows(house, "SELECT id FROM people", f"user_name_key = '{name}'"):
        wire.send(house, Request("DELETE", f"/Users/{one}"))


def leave(wire: Wire, house: House) -> None:
    """The provider removes a seated person, so that the queue moves; most of them for a while."""
    newest = "tier IS NOT NULL AND role <> 'primary_owner' ORDER BY sequence DESC LIMIT 12"
    ids = [row[0] for row in wire.hand.rows(house, "SELECT id FROM people", newest)]
    if ids:
        one, chance = wire.hand.chance.choice(ids), wire.hand.chance.random()
        wire.send(house, Request("DELETE", f"/Users/{one}") if chance < 0.3 else activate(one, active=False))
        if chance > 0.6:
            wire.send(house, activate(one, active=True))


def _name(wire: Wire, house: House) -> str:
    if house.kind == "invited":
        return invitee(wire.hand, house)
    if house.kind == "seats":
        return wire.hand.one_of_the_newest(house, "active") or "nobody@example.com"
    return house.address(f"s{wire.hand.chance.randrange(SIGNED)}")


def accept(wire: Wire, house: House) -> None:
    """An invitee presses the button behind their newest link."""
    address = awaited(wire.hand, house)
    token = secret(wire.hand, house, address)
    if token is not None:
        sent = time.monotonic()
        answer = wire.app.post(f"/invitations/{token}", headers=BUTTON)
        wire.record_answer(house, "accept", (address,), answer.status_code, sent)


def sign_in(wire: Wire, house: House) -> None:
    """A person signs in; the created or found person is recorded like a create."""
    name, sent = _name(wire, house), time.monotonic()
    answer = wire.app.post(f"/v1/organizations/{house.slug}/sign-ins", json={"userName": name})
    wire.record_answer(house, "sign_in", (name,), answer.status_code, sent)
    acknowledged = answer.json()
    if acknowledged.get("decision") in ("admitted", "waiting"):
        wire.done.record(
            house,
            Record(
                -1,
                "POST",
                "/sign-ins",
                name,
                sent,
                time.monotonic(),
                HTTPStatus.CREATED,
                acknowledged["person"],
            ),
        )


BY_WIRE: Final[Mapping[str, Sequence[Callable[[Wire, House], None]]]] = {
    "seats": (sign_in, leave, leave),
    "groups": (move_members, move_members, leave),
    "invited": (provide, provide, remove, remove, accept, accept, accept),
    "signed": (sign_in, sign_in, provide, remove),
}


@dataclass(frozen=True)
class Hands:
    """Processes with a database each."""

    pool: Pool

    def begin(self, shifts: Sequence[Shift]) -> "AsyncResult[list[Done]]":
        """Start each process; the result waits for them."""
        return self.pool.map_async(_work, shifts, chunksize=1)


def _open(url: str, barrier: Barrier) -> None:
    database: Database = due.opened(url)
    _here.update(database=database, later=due.opened(url, now=later), barrier=barrier)


def _ready(_number: int) -> None:
    _here["barrier"].wait(PATIENCE)


@contextmanager
def hands(url: str) -> Iterator[Hands]:
    """Start the operators for the block; all have started when it begins."""
    forked = forking.context()
    barrier = forked.Barrier(PROCESSES)
    with forked.Pool(PROCESSES, initializer=_open, initargs=(url, barrier)) as pool:
        pool.map_async(_ready, range(PROCESSES), chunksize=1).get(PATIENCE)
        yield Hands(pool)
        pool.close()
        pool.join()
