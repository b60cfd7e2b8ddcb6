"""Orders for certain people, who are given by name or address."""

import html
import re

from scim_server.services.people import queries as members
from tests.console.conftest import Found
from tests.console.test_billing import PRICES, missing, reviewed


def test_a_full_tier_leads_to_an_order_for_the_person(new_place: Found) -> None:
    place = new_place({"standard": 2, "premium": 1}, prices=PRICES)
    with place.provider() as provider:
        ada = {"userName": "ada@example.com", "displayName": "Ada Lovelace"}
        id_ = provider.post("/Users", json=ada).json()["id"]
    owner = place.enter().get(f"/people/{id_}/seat?tier=premium")
    (order,) = [html.unescape(one) for one in re.findall(r'href="[^"]*(/billing/change[^"]*)"', owner.page)]

    owner.get(order)
    assert "Ada Lovelace &lt;ada@example.com&gt;</textarea>" in owner.page
    named = {"upgrade-standard-premium": "1", "people": "Ada Lovelace <ada@example.com>"}
    reviewed(owner, named)
    assert not missing(
        owner,
        "1 person gets a better tier",
        # 1,200 - 240 for a whole term.
        "The next term begins on 2027-01-01. If these seats are in use then, it costs 960.00 USD more.",
    ), owner.words

    fields = {name: owner.hidden(name) for name in ("confirmation", "key", *named)}
    owner.post("/billing/change", fields)
    assert members.profile(place.context, id_).person.tier == "premium"


def test_a_person_of_an_order_may_be_given_by_name(new_place: Found) -> None:
    place = new_place({"standard": 1}, overflow="queue", prices=PRICES)
    with place.provider() as provider:
        for name in ("Grace Hopper", "Ada Lovelace"):
            address = f"{name.split()[0].lower()}@example.com"
            provider.post("/Users", json={"userName": address, "displayName": name})

    owner = reviewed(place.enter(), {"add-standard": "1", "people": "ada lovelace"})

    assert not missing(owner, "1 person gets in", "ada@example.com"), owner.words
    reviewed(owner, {"add-standard": "1", "people": "example.com"})
    assert not missing(owner, "matches 3 people"), owner.words
