"""Random histories of requests among everything that gives and takes seats, counted after each act."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from scim_server.protocol.errors import ScimError
from scim_server.services.errors import ServiceError
from scim_server.services.left_out import commands as left_out
from scim_server.services.left_out import queries as left_out_queries
from scim_server.services.people import commands as people
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.queries import RequestState
from scim_server.store.database import check
from scim_server.store.database.session import timestamp
from tests.services.seat_requests.conftest import Asking

STEPS = 60
NAMES = [f"p{number}" for number in range(6)]
Act = Callable[[Asking, random.Random], object]


def name(dice: random.Random) -> str:
    return dice.choice(NAMES)


def request(acme: Asking, dice: random.Random) -> str:
    """An open request if there is one, else any number."""
    found = [str(one.reference) for one in queries.page(acme.context(), state=RequestState.OPEN).data]
    return dice.choice(found or ["1"])


def address(dice: random.Random) -> str:
    return f"{name(dice)}@example.com"


def retry(acme: Asking, _dice: random.Random) -> object:
    return left_out.retry(acme.context(), None)


def dismiss(acme: Asking, dice: random.Random) -> object:
    entries = left_out_queries.left_out(acme.context()).rejected
    return [
        left_out.dismiss(acme.context(), str(one.reference), "no") for one in entries[: dice.randint(0, 1)]
    ]


ACTS: tuple[Act, ...] = (
    *[lambda acme, dice: acme.provision(name(dice))] * 3,
    lambda acme, dice: acme.ask(name(dice), dice.choice([None, None, "any", "standard", "premium"])),
    *[lambda acme, dice: acme.ask(name(dice))] * 6,
    lambda acme, dice: commands.approve(acme.context(), request(acme, dice), buys=dice.random() < 0.4),
    lambda acme, dice: commands.approve(acme.context(), request(acme, dice), preview=True),
    lambda acme, dice: commands.decline(acme.context(), request(acme, dice), "no"),
    lambda acme, dice: commands.withdraw(acme.context(), request(acme, dice)),
    lambda acme, dice: acme.set_policy(dice.choice(["ask", "if_free", "up_to_ceiling"])),
    lambda acme, dice: acme.configure(overflow=dice.choice(["queue", "reject", "fallback"])),
    lambda acme, dice: acme.remove(name(dice)),
    lambda acme, dice: acme.set_active(name(dice), active=dice.random() < 0.5),
    lambda acme, dice: people.unassign(acme.context(), address(dice)),
    lambda acme, dice: people.assign(acme.context(), address(dice)),
    lambda acme, dice: people.reassign(acme.context(), address(dice), address(dice)),
    lambda acme, dice: left_out.prioritise(acme.context(), address(dice), dice.choice([1, 100, 900])),
    lambda acme, dice: acme.buy(**{dice.choice(["standard", "premium"]): 1}),
    retry,
    dismiss,
)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_requests_and_seats_agree_after_every_act_of_a_random_history(
    new_customer: Callable[..., Asking], seed: int
) -> None:
    acme = new_customer({"standard": 2, "premium": 1}, ceilings={"standard": 2, "premium": 1})
    dice = random.Random(seed)
    acme.provision(*NAMES)

    for _ in range(STEPS):
        with suppress(ServiceError, ScimError, AttributeError):
            dice.choice(ACTS)(acme, dice)
        acme.recount()

    states = {row.state for row in acme.rows("SELECT state FROM seat_requests")}
    assert {"approved", "lapsed"} <= states, states
    with acme.database.snapshot() as connection:
        found = check.problems(connection, timestamp(acme.database.now()))
    assert [one for one in found if one.organization == acme.slug] == []
