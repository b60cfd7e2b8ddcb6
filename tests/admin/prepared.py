"""What must exist before the example of a call can be sent, by the name of the call's function."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from scim_server.protocol.directory import STANDARD
from scim_server.protocol.errors import Uniqueness
from scim_server.protocol.user import parse_user
from scim_server.services.billing import commands as billing
from scim_server.services.billing.contracts import Terms
from scim_server.services.context import Context
from scim_server.services.people import commands as people
from scim_server.services.people.provision import Saved
from scim_server.store.database.session import Actor
from seat_policy.ways_in import WayIn
from tests.admin.calling import OWNER, Place
from tests.support.builders.customer import PRICES
from tests.support.builders.organization import USERS

Values = dict[str, str]
Prepare = Callable[[Place], Values]


def _nothing(_acme: Place) -> Values:
    return {}


def _token(_acme: Place) -> Values:
    return {"token": "first"}


def _rotation(acme: Place) -> Values:
    first = acme.get("/scim-tokens")["data"][0]["id"]
    acme.post(f"/scim-tokens/{first}/rotation")
    return {"token": first}


def _signed_in(acme: Place) -> Values:
    return {"person": acme.post("/sign-ins", {"userName": OWNER})["person"]}


def _full(acme: Place) -> None:
    """A provider has taken every seat; ada has a standard one, and grace waits."""
    acme.call("PATCH", "", {"seats": {"standard": 1, "premium": 1}})
    okta = Context(acme.context.database, acme.context.organization, Actor("okta", WayIn.SCIM))
    for name in ("ada@example.com", "grace@example.com"):
        with suppress(Uniqueness):
            people.create(
                okta, parse_user({"userName": name}, STANDARD.user_reader(seats=False, strict=False))
            )


def _asker(acme: Place) -> Values:
    _full(acme)
    return {}


def _request(acme: Place) -> Values:
    _full(acme)
    acme.call("POST", "/seat-requests", {"person": "ada@example.com", "reason": "a new project"})
    return {"seat_request": acme.get("/seat-requests?state=open")["data"][-1]["id"]}


def _bought_request(acme: Place) -> Values:
    """The request of a customer with a contract, whose Owners can buy."""
    found = _request(acme)
    billing.set_contract(acme.context, Terms(start=datetime.now(UTC).date(), prices=PRICES))
    return found


def _free_request(acme: Place) -> Values:
    found = _request(acme)
    acme.call("PATCH", "", {"seats": {"standard": 1, "premium": 3}})
    return found


def _waiting(acme: Place) -> Values:
    _full(acme)
    return {"person": "grace@example.com"}


def _deprovisioned(acme: Place) -> Values:
    """A person who has lost the access."""
    made = people.create(acme.context, parse_user({"userName": "ann@example.com"}, USERS))
    assert isinstance(made, Saved)
    people.deactivate(acme.context, "ann@example.com")
    return {"person": made.person.id}


PREPARED: dict[str, Prepare] = {
    "scim-tokens.show": _token,
    "scim-tokens.revoke": _token,
    "scim-tokens.begin_rotation": _token,
    "scim-tokens.complete_rotation": _rotation,
    "scim-tokens.cancel_rotation": _rotation,
    "sign-ins.entitlement": _signed_in,
    "events.access_ended": _deprovisioned,
    "seat-requests.create": _asker,
    "seat-requests.show": _request,
    "seat-requests.approve": _free_request,
    "seat-requests.buy": _bought_request,
    "seat-requests.decline": _request,
    "seat-requests.withdraw": _request,
    "waiting.prioritise": _waiting,
}
"""The values of the address; calls that are not listed need nothing but the organization."""


def prepare(endpoint: str, acme: Place) -> Values:
    """Prepare an organization for a call; return the values of its address."""
    return PREPARED.get(endpoint, _nothing)(acme)
