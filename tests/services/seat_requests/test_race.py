"""Approvals by several processes at once: one seat for one request, and never more seats than there are."""

from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

import pytest

from scim_server.protocol.errors import ScimError
from scim_server.protocol.user import parse_user
from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.people import commands as people
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.commands import Done
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.requests import RequestState
from tests.services.seat_requests.conftest import Asking
from tests.support.builders.customer import OKTA, USERS, at
from tests.support.servers import forking

PATIENCE = 90
New = Callable[..., Asking]


def approve(database: Database, organization: str, reference: str) -> str:
    try:
        outcome = commands.approve(Context(database, organization, OPERATOR), reference)
    except ServiceError as error:
        return error.code
    return "approved" if isinstance(outcome, Done) else "none free"


def give(database: Database, organization: str, reference: str) -> str:
    """Approve with a free seat only."""
    outcome = commands.approve(Context(database, organization, OPERATOR), reference, buys=False)
    return "approved" if isinstance(outcome, Done) else "none free"


def create(database: Database, organization: str, name: str) -> str:
    try:
        outcome = people.create(Context(database, organization, OKTA), parse_user({"userName": name}, USERS))
    except ScimError as error:
        return type(error).__name__
    return type(outcome).__name__


ACTS: dict[str, Callable[[Database, str, str], str]] = {"approve": approve, "give": give, "create": create}


def play(
    act: str, url: str, organization: str, what: list[str], barrier: Barrier, answers: list[str]
) -> None:
    database = due.opened(url, now=lambda: at("2026-03-01"))
    for one in what:
        barrier.wait(PATIENCE)
        answers.append(ACTS[act](database, organization, one))
    database.close()


def raced(acme: Asking, parts: list[tuple[str, list[str]]]) -> list[list[str]]:
    """The answers of each part. The parts do their first acts at the same moment, then their second, ..."""
    processes = forking.context()
    barrier = processes.Barrier(len(parts))
    with processes.Manager() as manager:
        answers = [manager.list() for _ in parts]
        running = [
            processes.Process(target=play, args=(act, acme.database.url, acme.id, what, barrier, answer))
            for (act, what), answer in zip(parts, answers, strict=True)
        ]
        for process in running:
            process.start()
        for process in running:
            process.join(PATIENCE)
        assert [process.exitcode for process in running] == [0] * len(running)
        return [list(answer) for answer in answers]


def test_two_owners_who_approve_one_request_at_once_buy_one_seat(new_customer: New) -> None:
    acme = new_customer({"standard": 1})
    names = [f"w{number}" for number in range(4)]
    acme.provision("ann", *names)
    references = [str(acme.ask(name).reference) for name in names]

    first, second = raced(acme, [("approve", references)] * 2)

    assert [sorted(pair) for pair in zip(first, second, strict=True)] == [
        ["approved", "seat_request_closed"]
    ] * 4
    assert acme.seats()["standard"] == (5, 5)
    assert [total for _, _, total in acme.invoices()] == [200_00] * 4
    assert acme.whereabouts(*names) == ["standard"] * 4
    acme.recount()


@pytest.mark.parametrize("overflow", ["reject", "queue"])
def test_an_approval_and_a_create_on_the_last_seat_give_it_once(new_customer: New, overflow: str) -> None:
    acme = new_customer({"standard": 4}, overflow=overflow)
    names = [f"w{number}" for number in range(4)]
    acme.provision(*names)
    for name in names:
        people.unassign(acme.context(), f"{name}@example.com")
    references = [str(acme.ask(name).reference) for name in names]
    created = [f"n{number}@example.com" for number in range(4)]

    given, arrived = raced(acme, [("give", references), ("create", created)])

    asked = Counter(queries.show(acme.context(), one).request.state for one in references)
    seated = [row for row in acme.rows("SELECT tier FROM people") if row.tier is not None]
    assert len(seated) == 4
    assert acme.seats()["standard"] == (4, 4)
    assert Counter(given)["approved"] == asked[RequestState.APPROVED]
    assert set(arrived) <= {"Saved", "Refused"}
    acme.recount()
