"""What must exist before the example of a call can be sent, by the name of the call's function."""

from collections.abc import Callable

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


PREPARED: dict[str, Prepare] = {
    "scim-tokens.show": _token,
    "scim-tokens.revoke": _token,
    "scim-tokens.begin_rotation": _token,
    "scim-tokens.complete_rotation": _rotation,
    "scim-tokens.cancel_rotation": _rotation,
    "sign-ins.entitlement": _signed_in,
}
"""The values of the address; calls that are not listed need nothing but the organization."""


def prepare(endpoint: str, acme: Place) -> Values:
    """Prepare an organization for a call; return the values of its address."""
    return PREPARED.get(endpoint, _nothing)(acme)
