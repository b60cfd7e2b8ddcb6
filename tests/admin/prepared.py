"""What must exist before the example of a call can be sent, by the name of the call's function."""

from collections.abc import Callable

from scim_server.services.billing import commands as billing
from scim_server.services.billing.commands import Terms
from seat_policy.contract import Per
from tests.admin.calling import OWNER, Place

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


def _joined(acme: Place, *names: str) -> str:
    """People who have become members; the id of the last one."""
    acme.call("PATCH", "", {"mode": "jit"})
    ids = [acme.post("/sign-ins", {"userName": f"{name}@example.com"})["person"] for name in names]
    return str(ids[-1])


def _ada(acme: Place) -> Values:
    return {"person": _joined(acme, "ada")}


def _ada_with_a_standard_seat(acme: Place) -> Values:
    _joined(acme, "ada")
    acme.post("/seats/assign", {"person": "ada@example.com", "tier": "standard"})
    return {}


def _ada_without_a_seat(acme: Place) -> Values:
    _joined(acme, "ada")
    acme.post("/seats/unassign", {"person": "ada@example.com"})
    return {}


def _ada_and_grace(acme: Place) -> Values:
    _joined(acme, "ada", "grace")
    acme.post("/seats/unassign", {"person": "grace@example.com"})
    return {}


def _inactive(acme: Place) -> Values:
    person = _joined(acme, "ada")
    acme.post(f"/people/{person}/deactivate")
    return {"person": person}


def _contract(acme: Place) -> Values:
    prices = dict.fromkeys(("standard", "premium"), ("20.00", Per.MONTH))
    billing.set_contract(acme.context, Terms(prices=prices))
    return {}


PREPARED: dict[str, Prepare] = {
    "scim-tokens.show": _token,
    "scim-tokens.revoke": _token,
    "scim-tokens.begin_rotation": _token,
    "scim-tokens.complete_rotation": _rotation,
    "scim-tokens.cancel_rotation": _rotation,
    "seats.schedule": _contract,
    "seats.assign": _ada_without_a_seat,
    "seats.unassign": _ada_with_a_standard_seat,
    "seats.reassign": _ada_and_grace,
    "seats.swap": _ada_with_a_standard_seat,
    "people.show": _ada,
    "people.deactivate": _ada,
    "people.activate": _inactive,
    "people.set_role": _ada,
    "people.transfer": _ada,
    "sign-ins.entitlement": _signed_in,
}
"""The values of the address; calls that are not listed need nothing but the organization."""


def prepare(endpoint: str, acme: Place) -> Values:
    """Prepare an organization for a call; return the values of its address."""
    return PREPARED.get(endpoint, _nothing)(acme)
