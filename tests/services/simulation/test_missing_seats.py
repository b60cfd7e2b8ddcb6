"""Buying the seats that a simulation reports as missing admits the people that it names."""

from collections.abc import Mapping

from scim_server.services.context import Context
from scim_server.services.left_out import commands as clearing
from scim_server.services.mappings import commands as mappings
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import Unmapped
from tests.support.builders.arriving import Simulated, Stage
from tests.support.builders.customer import done
from tests.support.builders.staging import ANN, CY, map_group, staged


def test_buying_the_missing_seats_gives_each_refused_person_the_wanted_tier(database: Database) -> None:
    acme = staged(database, standard=0, premium=0)
    map_group(acme, "Engineering", tier="premium")
    simulated = [ANN, Simulated("bob", groups=("Engineering",)), CY]
    foreseen = acme.foresee(*simulated)
    for one in simulated:
        assert acme.take_in(one)[0] == "refused"

    cleared = done(clearing.buy(Context(database, acme.id, OPERATOR))).result

    assert cleared.order.adds == foreseen.missing == {"standard": 2, "premium": 1}
    assert seats_of(acme, "ann", "bob", "cy") == {"ann": "standard", "bob": "premium", "cy": "standard"}
    acme.recount()


def test_buying_the_missing_seats_gives_each_waiting_person_the_wanted_tier(database: Database) -> None:
    acme = staged(database, "queue", standard=0, premium=0)
    simulated = [ANN, Simulated("bob", wants="premium"), CY]
    foreseen = acme.foresee(*simulated)
    for one in simulated:
        assert acme.take_in(one)[0] == "waiting"

    cleared = done(clearing.buy(Context(database, acme.id, OPERATOR))).result

    assert cleared.order.adds == foreseen.missing == {"standard": 2, "premium": 1}
    assert seats_of(acme, "ann", "bob", "cy") == {"ann": "standard", "bob": "premium", "cy": "standard"}
    acme.recount()


def test_a_person_refused_the_tier_of_their_group_is_admitted_from_the_log(database: Database) -> None:
    acme = staged(database, standard=1)
    map_group(acme, "Sales", tier="premium")
    mappings.choose_unmapped(Context(database, acme.id, OPERATOR), Unmapped.NONE)
    acme.provision_person("ann")
    acme.group("Sales", "ann")

    cleared = done(clearing.buy(Context(database, acme.id, OPERATOR))).result

    assert (cleared.order.adds, [one.outcome for one in cleared.retried]) == ({"premium": 1}, ["seated"])
    assert seats_of(acme, "ann") == {"ann": "premium"}
    acme.recount()


def seats_of(acme: Stage, *names: str) -> Mapping[str, str | None]:
    return {name: acme.now(name)[1] for name in names}
