"""An organization for tests of the simulation, and the predicted results."""

from collections.abc import Mapping
from typing import Any

from scim_server.services.context import Context
from scim_server.services.mappings import commands as mappings
from scim_server.services.simulation import queries as simulation
from scim_server.services.simulation.run import Simulation
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import GroupMapping
from tests.support.builders.arriving import Simulated, Stage, fate_of
from tests.support.builders.customer import terms

ANN, BOB, CY, DEE = (Simulated(name) for name in ("ann", "bob", "cy", "dee"))


def staged(
    database: Database,
    overflow: str = "reject",
    *,
    signed: bool = True,
    ceilings: Mapping[str, int] | None = None,
    **seats: int,
) -> Stage:
    return Stage(database, seats, terms=terms() if signed else None, overflow=overflow, ceilings=ceilings)


def fates(foreseen: Simulation) -> list[tuple[object, ...]]:
    """Present status, outcome, tier, awaited tier, reason."""
    return [(one.before, *fate_of(one), one.reason) for one in foreseen.people]


def of_group(acme: Stage, group: str, wants: str | None = None) -> Simulation:
    return simulation.of_group(acme.context(), group, wants).simulation


def map_group(acme: Stage, group: str, **gives: Any) -> None:  # noqa: ANN401
    mappings.save(Context(acme.database, acme.id, OPERATOR), group, GroupMapping(**gives))
