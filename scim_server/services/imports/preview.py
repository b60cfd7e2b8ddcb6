"""What an import would do now: the new people, their seats, and the price of letting in those left out."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from scim_server.protocol.user import User
from scim_server.services.context import Context
from scim_server.services.holds.invitation import emails_in
from scim_server.services.imports.found import SCHEMA
from scim_server.services.imports.identity import OTHER_ID, Identities, differences
from scim_server.services.imports.people import DIFFERENT, HERE, UPDATED
from scim_server.services.imports.prepared import Forms, Person, prepare
from scim_server.services.imports.staging import BATCH, ERROR
from scim_server.services.simulation import queries as simulation
from scim_server.services.simulation.queries import Simulation
from scim_server.services.simulation.requests import SimulatedPerson
from scim_server.store.database.session import Read
from scim_server.store.rows import staged
from scim_server.store.rows.imports import Import
from scim_server.store.rows.staged import GROUP, PERSON

MOST_PROBLEMS = 1_000
"""How many wrong entries a preview lists."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An entry that would not be imported.

    Attributes:
        line: the line of the file; None if the source is a server.
        source_id: the id in the source; None if the source gives none.
        name: the userName or displayName in the form for comparison.
    """

    kind: str
    line: int | None
    source_id: str | None
    name: str | None
    detail: str


@dataclass(slots=True)
class Preview:
    """What an import would do.

    Attributes:
        entries: how many entries of each kind the source has.
        people: how many people are `new`, `here`, `different`, `updated`, or `errors`.
        unseated: how many new people would have no seat, as in the source.
        problems: entries that would not be imported, the first ones.
        unknown_schemas: how many people have values of schemas that the organization does not have.
        roles: how many new people would get each role above User.
        simulation: the result for the seats.
    """

    job: Import
    entries: Mapping[str, int]
    people: Counter[str] = field(default_factory=Counter)
    unseated: int = 0
    problems: list[Problem] = field(default_factory=list)
    unknown_schemas: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    simulation: Simulation | None = None

    @property
    def seats_counted(self) -> dict[str, object]:
        """How many people would get each result, and the result for each tier by name."""
        counted = {outcome.value: count for outcome, count in self.seats.counted.items()}
        counted["none"] += self.unseated
        return {**counted, "tiers": {one.tier: one for one in self.seats.tiers}}

    @property
    def seats(self) -> Simulation:
        """The result for the seats."""
        if self.simulation is None:
            raise AssertionError("a preview is simulated before it is returned")
        return self.simulation


def preview(context: Context, job: Import) -> Preview:
    """Compute what an import would do now. Nothing is written and no lock is held."""
    forms = Forms.of(context, job.id)
    with context.read() as read:
        found = Preview(job, staged.counted(read, job.id))
    entering: list[SimulatedPerson] = []
    position = 0
    while True:
        with context.read() as read:
            entries = staged.after(read, job.id, PERSON, position, BATCH)
            prepared = prepare(read, job, entries, forms)
            known = Identities.of(read, prepared)
        if not entries:
            break
        for one in prepared:
            _count(found, known, one, entering)
        position = entries[-1].position
    with context.read() as read:
        _count_groups(read, found)
    found.simulation = simulation.of_people(context, entering)
    return found


def _count(found: Preview, known: Identities, one: Person, entering: list[SimulatedPerson]) -> None:
    user = one.user
    if user is None or one.problem is not None:
        _refuse(found, one, one.problem)
        return
    member = known.member(one, user)
    if member is None:
        problem = known.problem(one)
        if problem is not None:
            _refuse(found, one, problem)
            return
        found.people["new"] += 1
        found.unknown_schemas.update(one.unknown)
        if one.role.rank:
            found.roles[one.role] += 1
        if one.unseated is not None and user.active is not False:
            found.unseated += 1
        else:
            entering.append(_simulated(one, user))
        return
    differs = differences(one, user, member)
    if found.job.options.get("update") and set(differs) - {OTHER_ID}:
        entering.append(_simulated(one, user))
        found.people[UPDATED] += 1
    else:
        found.people[DIFFERENT if differs else HERE] += 1


def _simulated(one: Person, user: User) -> SimulatedPerson:
    mapped = one.entitlement is not None and one.entitlement.mapped
    return SimulatedPerson(
        user.user_name,
        user.user_name_key,
        emails=emails_in(user.document) or None,
        active=user.active is not False,
        groups=tuple(one_.name for one_ in one.mapped),
        wants=None if mapped else one.wants,
        line=one.entry.line,
    )


def _refuse(found: Preview, one: Person, problem: str | None) -> None:
    found.people["errors"] += 1
    if len(found.problems) < MOST_PROBLEMS:
        entry = one.entry
        found.problems.append(Problem(PERSON, entry.line, entry.given_id, entry.key, str(problem)))


def _count_groups(read: Read, found: Preview) -> None:
    for entry in staged.with_outcome(read, found.job.id, (ERROR,), 0, MOST_PROBLEMS):
        if entry.kind in (GROUP, SCHEMA):
            problem = Problem(entry.kind, entry.line, entry.given_id, entry.key, str(entry.detail))
            found.problems.append(problem)
