"""What must exist before the example of a call can be sent, by the name of the call's function."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from scim_server.protocol.bulk import parse_bulk
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.errors import Uniqueness
from scim_server.protocol.user import parse_user
from scim_server.services.billing import commands as billing
from scim_server.services.billing.contracts import Terms
from scim_server.services.context import Context
from scim_server.services.groups import commands as groups
from scim_server.services.people import commands as people
from scim_server.services.people.provision import Saved
from scim_server.store.database.session import Actor
from seat_policy.contract import Per
from seat_policy.ways_in import WayIn
from tests.admin.calling import OWNER, Place
from tests.support.builders.customer import PRICES
from tests.support.builders.organization import USERS

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
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


def _refused(acme: Place) -> Values:
    """A provider has taken every seat; grace was refused. The Owners can buy."""
    acme.call("PATCH", "", {"overflow": "reject"})
    _full(acme)
    billing.set_contract(acme.context, Terms(start=datetime.now(UTC).date(), prices=PRICES))
    return {"refusal": acme.get("/left-out/refused")["data"][0]["id"]}


def _waiting(acme: Place) -> Values:
    _full(acme)
    return {"person": "grace@example.com"}


def provider_requests(acme: Place, operations: list[Any]) -> list[str]:
    """One bulk request of a provider; the ids in the answer."""
    okta = Context(acme.context.database, acme.context.organization, Actor("okta", WayIn.SCIM))
    body: dict[str, Any] = {"schemas": [BULK], "Operations": operations}
    request = parse_bulk(body, {"users": "/Users", "groups": "/Groups"})
    done = groups.run_bulk(okta, request)
    assert {one.status for one in done} <= {201, 204}, done
    return [one.id for one in done if one.id]


def removed(acme: Place, *, holds: bool = True) -> Values:
    """A provider removed 20 people, who had all standard seats. The Owners can buy.

    Args:
        holds: whether the seats are held for them.
    """
    acme.call("PATCH", "", {"seats": {"standard": 20, "premium": 1}, "hold_removals": holds})
    billing.set_contract(acme.context, Terms(start=datetime.now(UTC).date(), prices=PRICES))
    new = [{"userName": f"p{number:02}@example.com"} for number in range(20)]
    ids = provider_requests(
        acme,
        [
            {
                "method": "POST",
                "path": "/Users",
                "bulkId": one["userName"],
                "data": {"schemas": [USER], **one},
            }
            for one in new
        ],
    )
    provider_requests(acme, [{"method": "DELETE", "path": f"/Users/{id_}"} for id_ in ids])
    return {"removal": acme.get("/removals")["data"][0]["id"]}


def _schema(acme: Place) -> Values:
    urn = "urn:example:params:scim:schemas:extension:badge:2.0:User"
    definition = {"id": urn, "name": "Badge", "attributes": [{"name": "badge", "type": "string"}]}
    acme.post("/schemas", {"definition": definition})
    return {"schema": urn}


def _domain(acme: Place) -> Values:
    """A domain that nobody else has."""
    domain = f"{acme.slug[:12]}.example"
    acme.post("/domains", {"domain": domain, "verified": True})
    return {"domain": domain}


def _inviting(acme: Place) -> Values:
    """An organization that may invite addresses in example.com, which only one organization can verify."""
    acme.call("PATCH", "", {"allow_invitations": True})
    acme.call("POST", "/domains", {"domain": "example.com", "verified": True})
    return {}


def _invited(acme: Place) -> Values:
    acme.call("PATCH", "", {"allow_invitations": True})
    domain = _domain(acme)["domain"]
    sent = acme.post("/invitations", {"emails": [f"ada@{domain}"]})
    return {"invitation": sent["invitations"][0]["id"]}


def _mapped(acme: Place) -> Values:
    acme.post("/mappings/set", {"group": "Engineering", "tier": "premium"})
    return {}


def _deprovisioned(acme: Place) -> Values:
    """A person who has lost the access."""
    made = people.create(acme.context, parse_user({"userName": "ann@example.com"}, USERS))
    assert isinstance(made, Saved)
    people.deactivate(acme.context, "ann@example.com")
    return {"person": made.person.id}


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


def _invoice(acme: Place) -> Values:
    """An invoice, which is the first of the organization."""
    _contract(acme)
    bought = acme.post("/seats/add", {"seats": {"standard": 5}})
    return {"invoice": bought["invoice"]["reference"]}


def _invoiced(acme: Place) -> Values:
    _invoice(acme)
    return {}


def _credit_note(acme: Place) -> Values:
    _invoice(acme)
    made = acme.post("/credit-notes", {"invoice": 1, "reason": "ordered by mistake"})
    return {"credit_note": made["reference"]}


def _deletion(acme: Place) -> Values:
    acme.post("/deletion", {"slug": acme.slug})
    return {}


def _import(acme: Place) -> Values:
    sent = {"resources": [{"id": "1", "userName": "ada@example.com"}], "keep_ids": True}
    return {"job": acme.post("/imports", sent)["id"]}


PREPARED: dict[str, Prepare] = {
    "organizations.cancel_deletion": _deletion,
    "scim-tokens.show": _token,
    "scim-tokens.revoke": _token,
    "scim-tokens.begin_rotation": _token,
    "scim-tokens.complete_rotation": _rotation,
    "scim-tokens.cancel_rotation": _rotation,
    "seats.schedule": _contract,
    "contracts.renew": _contract,
    "invoices.show": _invoice,
    "invoices.as_page": _invoice,
    "invoices.as_pdf": _invoice,
    "invoices.list_invoices": _invoiced,
    "credit-notes.create": _invoiced,
    "credit-notes.list_credit_notes": _credit_note,
    "credit-notes.show": _credit_note,
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
    "events.access_ended": _deprovisioned,
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
    "seat-requests.create": _asker,
    "seat-requests.show": _request,
    "seat-requests.approve": _free_request,
    "seat-requests.buy": _bought_request,
    "seat-requests.decline": _request,
    "seat-requests.withdraw": _request,
    "left-out.retry": _refused,
    "left-out.dismiss": _refused,
    "left-out.buy": _refused,
    "left-out.prioritise": _waiting,
    "removals.show": removed,
    "removals.confirm": removed,
    "removals.restore": removed,
    "removals.restore_and_buy": removed,
    "mappings.remove": _mapped,
    "schemas.remove": _schema,
    "invitations.invite": _inviting,
    "invitations.show": _invited,
    "invitations.resend": _invited,
    "invitations.revoke": _invited,
    "domains.verify": _domain,
    "domains.remove": _domain,
    "imports.show": _import,
    "imports.preview": _import,
    "imports.start": _import,
    "imports.cancel": _import,
}
"""The values of the address; calls that are not listed need nothing but the organization."""


def prepare(endpoint: str, acme: Place) -> Values:
    """Prepare an organization for a call; return the values of its address."""
    return PREPARED.get(endpoint, _nothing)(acme)
