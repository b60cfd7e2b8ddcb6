"""Idle seats, found by the last sign-in."""

from scim_server.services.context import Context
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as jit
from scim_server.services.people import queries
from scim_server.services.people.sign_in import SignIn
from scim_server.store.database.session import OPERATOR, Actor, Database
from seat_policy.ways_in import WayIn
from tests.support.builders.customer import Customer

APP = Actor("app", WayIn.JIT, "request-1")


def sign_in(customer: Customer, name: str) -> str:
    signing = SignIn(f"{name}@example.com", {"userName": f"{name}@example.com"})
    return jit.answer_sign_in(Context(customer.database, customer.id, APP), signing).decision


def test_a_person_who_signed_in_within_the_period_is_not_idle(database: Database) -> None:
    acme = Customer(database, "2026-01-01", None, {"standard": 2})
    organizations.configure(Context(database, acme.id, OPERATOR), Changes({"mode": "jit"}))
    first = [sign_in(acme, name) for name in ("ann", "bob")]
    before = acme.events()
    acme.today = "2026-02-15"
    again = sign_in(acme, "ann")
    acme.today = "2026-03-01"

    found = queries.idle(Context(database, acme.id, OPERATOR), days=30).data

    assert (first, again) == (["admitted", "admitted"], "admitted")
    assert [(one.person.user_name, (one.signed_in or "")[:10]) for one in found] == [
        ("bob@example.com", "2026-01-01")
    ]
    assert acme.events() == before
