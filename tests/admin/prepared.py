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


def _endpoint(acme: Place) -> Values:
    new = {"url": "https://8.8.8.8/webhooks", "organization": acme.slug}
    made = acme.vendor.client.post("/webhook-endpoints", json=new)
    assert made.status_code == 201, made.text
    return {"endpoint": made.json()["id"]}


def _rotating_endpoint(acme: Place) -> Values:
    values = _endpoint(acme)
    acme.vendor.client.post(f"/webhook-endpoints/{values['endpoint']}/rotation", json={})
    return values


PREPARED: dict[str, Prepare] = {
    "scim-tokens.show": _token,
    "scim-tokens.revoke": _token,
    "scim-tokens.begin_rotation": _token,
    "scim-tokens.complete_rotation": _rotation,
    "scim-tokens.cancel_rotation": _rotation,
    "sign-ins.entitlement": _signed_in,
    "webhook-endpoints.show": _endpoint,
    "webhook-endpoints.change": _endpoint,
    "webhook-endpoints.remove": _endpoint,
    "webhook-endpoints.enable": _endpoint,
    "webhook-endpoints.disable": _endpoint,
    "webhook-endpoints.test": _endpoint,
    "webhook-endpoints.begin_rotation": _endpoint,
    "webhook-endpoints.complete_rotation": _rotating_endpoint,
    "webhook-endpoints.cancel_rotation": _rotating_endpoint,
    "deliveries.list_deliveries": _endpoint,
    "deliveries.replay": _endpoint,
}
"""The values of the address; calls that are not listed need nothing but the organization."""


def prepare(endpoint: str, acme: Place) -> Values:
    """Prepare an organization for a call; return the values of its address."""
    return PREPARED.get(endpoint, _nothing)(acme)
