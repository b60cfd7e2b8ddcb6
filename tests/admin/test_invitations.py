"""Invitations and their domains by /v1: all addresses or none, with the price of what is missing."""

import pytest

from tests.admin.calling import Place, Vendor, succeeded
from tests.admin.prepared import prepare


@pytest.fixture
def domain(acme: Place) -> str:
    """A verified domain of acme, which may invite."""
    acme.call("PATCH", "", {"allow_invitations": True})
    return prepare("domains.verify", acme)["domain"]


def test_invitations_are_sent_listed_resent_and_revoked(acme: Place, domain: str) -> None:
    emails = [f"{name}@{domain}" for name in ("ada", "grace", "joan")]
    shown = acme.post("/invitations?preview=true", {"emails": emails, "tier": "standard"})
    nothing = acme.get("/invitations")["data"]

    sent = acme.post("/invitations", {"emails": emails, "tier": "standard", "role": "admin"})["invitations"]
    first = acme.get("/invitations?limit=2")
    rest = acme.get(f"/invitations?limit=2&cursor={first['next_cursor']}")
    ids = [one["id"] for one in sent]
    resent = acme.post(f"/invitations/{emails[0]}/resend")
    would = acme.post(f"/invitations/{ids[0]}/revoke?preview=true")
    revoked = acme.post(f"/invitations/{ids[0]}/revoke")

    assert ([one["id"] for one in shown["invitations"]], nothing) == ([None] * 3, [])
    assert [one["id"] for one in (*first["data"], *rest["data"])] == ids[::-1]
    assert rest["next_cursor"] is None
    assert {(one["role"], one["held"], one["mail"]) for one in first["data"]} == {
        ("admin", "standard", "to be sent")
    }
    assert (resent["id"], resent["expires"] > sent[0]["expires"]) == (ids[0], True)
    assert (would["preview"], would["released"], revoked["state"]) == (True, "standard", "revoked")
    assert [one["id"] for one in acme.get("/invitations?state=revoked")["data"]] == ids[:1]
    assert acme.get(f"/invitations/{ids[0]}")["state"] == "revoked"
    assert acme.refused("POST", f"/invitations/{ids[0]}/revoke") == (409, "invitation_closed")
    assert acme.refused("GET", "/invitations/nothing") == (404, "unknown_invitation")


def test_with_too_few_seats_nothing_is_sent_and_the_preview_has_the_price(acme: Place, domain: str) -> None:
    prepare("seats.schedule", acme)
    body = {"emails": [f"p{number}@{domain}" for number in range(7)], "tier": "standard"}

    shown = acme.post("/invitations?preview=true", body)
    refused = acme.refused("POST", "/invitations", body)

    assert refused == (409, "no_free_seat")
    # Of the 5 standard seats 5 are free, because the Owner has a premium seat; 2 more cost 2 x 240.00.
    assert shown["invitations"] == []
    assert (shown["shortfall"]["tier"], shown["shortfall"]["missing"], shown["shortfall"]["free"]) == (
        "standard",
        2,
        5,
    )
    assert shown["shortfall"]["price"]["total"] == {"amount": "480.00", "currency": "USD"}
    assert acme.get("/invitations")["data"] == []


def test_one_address_that_cannot_be_invited_refuses_all(acme: Place, domain: str) -> None:
    emails = [f"ada@{domain}", "grace@elsewhere.example"]

    assert acme.refused("POST", "/invitations", {"emails": emails}) == (409, "not_invitable")
    assert acme.get("/invitations")["data"] == []


def test_a_domain_has_its_record_until_one_organization_has_verified_it(vendor: Vendor, acme: Place) -> None:
    domain = f"{acme.slug[:12]}.example"
    added = succeeded(acme.call("POST", "/domains", {"domain": domain}))
    other = vendor.organization()
    other.post("/domains", {"domain": domain, "verified": True})

    taken = acme.refused("POST", "/domains", {"domain": domain, "verified": True})

    assert (added["verified"], added["record"]["type"]) == (None, "TXT")
    assert added["record"]["name"].endswith(domain)
    assert taken == (409, "domain_taken")
    assert acme.get("/domains")["data"] == [added]
    assert succeeded(acme.call("DELETE", f"/domains/{domain}")) == {"removed": domain}
    assert acme.refused("DELETE", f"/domains/{domain}") == (404, "unknown_domain")
    assert acme.refused("POST", "/domains", {"domain": "no domain"}) == (400, "invalid_domain")
