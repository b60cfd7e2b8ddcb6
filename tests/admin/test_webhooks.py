"""Webhook endpoints in /v1: the secret once, a key's own organization only, and nothing about the network."""

from typing import Any

import httpx

from tests.admin.calling import Place, Vendor, problem, succeeded

URL = "https://8.8.8.8/webhooks"


def made(client: httpx.Client, **values: object) -> dict[str, Any]:
    return succeeded(client.post("/webhook-endpoints", json={"url": URL, **values}))


def test_the_secret_is_shown_when_it_is_made_and_never_again(vendor: Vendor, acme: Place) -> None:
    endpoint = made(vendor.client, organization=acme.slug, types=["person.*"])
    path = f"/webhook-endpoints/{endpoint['id']}"

    later = [
        vendor.client.get(path).text,
        vendor.client.get("/webhook-endpoints").text,
        vendor.client.patch(path, json={"batch": 5}).text,
        vendor.client.post(f"{path}/disable").text,
    ]

    assert endpoint["secret"].startswith("whsec_")
    assert (endpoint["organization"], endpoint["types"]) == (acme.slug, ["person.*"])
    assert all(endpoint["secret"] not in text and "whsec_" not in text for text in later)


def test_a_key_for_one_organization_uses_only_its_own_endpoints(vendor: Vendor, acme: Place) -> None:
    other = vendor.organization()
    theirs = [made(vendor.client, organization=other.slug)["id"], made(vendor.client)["id"]]
    with vendor.with_key(organization=acme.slug) as bound:
        own = made(bound)

        refused = bound.post("/webhook-endpoints", json={"url": URL, "organization": other.slug})
        listed = succeeded(bound.get("/webhook-endpoints"))["data"]
        foreign = [
            problem(bound.request(method, f"/webhook-endpoints/{id_}{path}", json=body))
            for id_ in (*theirs, "unknown-id")
            for method, path, body in (
                ("GET", "", None),
                ("PATCH", "", {"batch": 2}),
                ("DELETE", "", None),
                ("POST", "/rotation", {}),
                ("POST", "/test", {}),
                ("POST", "/replay", {"first": 1}),
                ("GET", "/deliveries", None),
            )
        ]

    assert own["organization"] == acme.slug
    assert problem(refused) == (404, "unknown_organization")
    assert [one["id"] for one in listed] == [own["id"]]
    assert set(foreign) == {(404, "unknown_endpoint")}


def test_a_private_address_is_refused_without_words_about_the_network(vendor: Vendor, acme: Place) -> None:
    for url in ("https://10.0.0.1/", "https://localhost/", "https://169.254.169.254/latest"):
        answer = vendor.client.post("/webhook-endpoints", json={"url": url, "organization": acme.slug})

        assert problem(answer) == (400, "invalid_url")
        assert answer.json()["detail"] == "The host of the URL cannot be reached."


def test_a_replay_names_one_range(vendor: Vendor, acme: Place) -> None:
    path = f"/webhook-endpoints/{made(vendor.client)['id']}/replay"
    own = f"/webhook-endpoints/{made(vendor.client, organization=acme.slug)['id']}/replay"

    wrong: list[dict[str, object]] = [{}, {"first": 1}, {"since": "2026-03-01T08:00:00Z", "message": "msg_1"}]
    for body in wrong:
        assert problem(vendor.client.post(path, json=body)) == (400, "invalid_body")
    previewed = succeeded(vendor.client.post(f"{own}?preview=true", json={"first": 1}))
    done = succeeded(vendor.client.post(own, json={"first": 1}))
    again = succeeded(vendor.client.post(path, json={"first": 1, "organization": acme.slug}))

    assert (previewed["preview"], done["preview"]) == (True, False)
    assert previewed["events"] == done["events"] == again["events"] > 0
