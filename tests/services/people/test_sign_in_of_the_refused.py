"""A refused person's sign-in gets that reason, with the reference, in every mode (SEATS 13, 31)."""

import pytest

from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands, queries
from scim_server.services.people.sign_in import Answer, SignIn
from scim_server.store.database.session import Actor, Database
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import Customer
from tests.support.builders.inviting import Host

APP = Actor("app", WayIn.JIT)
MODES = pytest.mark.parametrize("mode", ["scim", "jit", "manual"])


@pytest.fixture
def acme(database: Database) -> Customer:
    """Ann has the only seat, and bob was refused."""
    customer = Customer(database, "2026-03-01", None, {"standard": 1}, overflow="reject")
    customer.provision("ann", "bob")
    return customer


def sign_in(acme: Customer, name: str) -> Answer:
    address = f"{name}@example.com"
    return commands.answer_sign_in(acme.context(APP), SignIn(address, {"userName": address}))


def reference(acme: Customer) -> str:
    rows = acme.rows("SELECT sequence FROM refusals")
    return f"{acme.slug}-{rows[0].sequence}"


@MODES
def test_a_sign_in_after_a_refused_creation_gets_the_reference(acme: Customer, mode: str) -> None:
    organizations.configure(acme.context(), Changes({"mode": mode}))

    answer = sign_in(acme, "bob")

    assert (answer.decision, answer.reason, answer.reference) == ("refused", "no_free_seat", reference(acme))
    assert str(answer.detail).startswith("No free seat: 1 of 1 standard seats are in use.")
    assert str(answer.detail).endswith(f"Reference: {reference(acme)}")


@MODES
def test_a_sign_in_after_a_refused_activation_gets_the_reference(database: Database, mode: str) -> None:
    acme = Customer(database, "2026-03-01", None, {"standard": 1}, overflow="reject")
    acme.provision("ann")
    commands.deactivate(acme.context(), "ann@example.com")
    acme.provision("bob")
    commands.activate(acme.context(), "ann@example.com")
    organizations.configure(acme.context(), Changes({"mode": mode}))

    answer = sign_in(acme, "ann")
    entitled = queries.entitlement(acme.context(APP), acme.person("ann").id)

    assert (answer.reason, answer.reference) == ("no_free_seat", reference(acme))
    assert entitled == answer


def test_a_sign_in_without_an_earlier_refusal_gets_the_mode_as_reason(acme: Customer) -> None:
    assert sign_in(acme, "cy").reason == "not_provisioned"


def test_a_refusal_counts_held_seats_separately(database: Database) -> None:
    host = Host(database, {"standard": 2}, overflow="reject")
    host.invite("ada")
    host.provision("ann")

    host.provision("bob")

    (row,) = host.rows("SELECT detail FROM refusals")
    assert row.detail.startswith(
        "No free seat: 1 in use, 1 held of 2 standard seats. An Owner can add seats."
    )
