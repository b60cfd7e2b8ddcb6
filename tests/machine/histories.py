"""Random histories of one organization, on the real databases, step by step next to the simple model.

After every step the answer and the rows equal what the model expects; and the
rows are counted again for every invariant of the seat rules.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import get_state_machine_test, precondition, rule

from scim_server.protocol.errors import Forbidden, Uniqueness, VersionMismatch
from scim_server.services.billing import purchases
from scim_server.services.billing.purchases import Request
from scim_server.services.errors import ServiceError
from scim_server.services.modes import accepting_scim
from scim_server.services.people import provision
from scim_server.store.database.session import Database, Write
from seat_policy.bill import Order
from tests.machine.app import AppRules
from tests.machine.groups import GroupRules
from tests.machine.one_organization import anyone, names, wanted_tiers, with_people
from tests.machine.people import PeopleRules
from tests.machine.plan import PlanRules
from tests.machine.ways_in import WaysInRules
from tests.support.builders.customer import moved
from tests.support.builders.organization import described


class Undone(Exception):
    pass


class OneOrganization(PeopleRules, PlanRules, GroupRules, WaysInRules, AppRules):
    # A failed request is all or nothing (I8): the model does not move, so nothing else may move

    @precondition(with_people)
    @rule(
        step=st.sampled_from(["create", "activate", "deactivate", "add"]),
        name=names,
        who=anyone,
        wants=wanted_tiers,
    )
    def undo(self, *, step: str, name: str, who: int, wants: str) -> None:
        chosen = self.pick(who)
        person, new_person = self.real.person(chosen.key), described(name, "Ghost")
        sent = described(chosen.name, "Ghost", active=step == "activate")
        steps: dict[str, Callable[[Write], object]] = {
            "create": lambda write: provision.create(write, accepting_scim(write), new_person, wants=wants),
            "activate": lambda write: provision.save(write, accepting_scim(write), person, sent),
            "deactivate": lambda write: provision.save(write, accepting_scim(write), person, sent),
            "add": lambda write: purchases.place(write, Request(Order({"standard": 1, "premium": 1}))),
        }

        def unit(write: Write) -> None:
            steps[step](write)
            raise Undone

        with pytest.raises((Undone, Uniqueness, Forbidden, ServiceError)):
            self.real.write(unit)

    @precondition(lambda self: self.model.people and self.model.mode == "scim")
    @rule(who=anyone)
    def replace_an_old_version(self, *, who: int) -> None:
        person = self.pick(who)
        sent = described(person.name, "Ghost", active=not person.active)

        with pytest.raises(VersionMismatch):
            self.real.replace(person.key, sent, if_match='W/"0"')


def run(database: Database, runs: int, steps: int, number: int) -> None:
    """Run this many histories; the seed selects them, and an error shows how to run them again."""
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    test = get_state_machine_test(lambda: OneOrganization(database), settings=chosen)  # type: ignore[arg-type]
    try:
        with moved(database):
            seed(number)(test)()
    except BaseException as error:
        error.add_note(
            f"again: python -m tests.campaigns machine --database {database.dialect} "
            f"--rounds {runs} --size {steps} --seed {number}"
        )
        raise
