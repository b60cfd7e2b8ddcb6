"""Mappings by /v1: set and removed exactly as the preview showed, and never against the acting Owner."""

from tests.admin.calling import OWNER, Place, problem

ENGINEERING = {"group": "Engineering", "tier": "premium"}


def test_a_mapping_is_saved_as_its_preview_showed_and_removed(acme: Place) -> None:
    shown = acme.post("/mappings/set?preview=true", ENGINEERING)
    nothing = acme.get("/mappings")["data"]

    saved = acme.post("/mappings/set", {**ENGINEERING, "confirmation": shown["confirmation"]})

    entry = {"group": "Engineering", "tier": "premium", "role": None, "priority": None}
    assert (shown["preview"], nothing, saved["preview"]) == (True, [], False)
    assert acme.get("/mappings")["data"] == saved["mappings"] == [entry]
    assert acme.post("/mappings/remove", {"group": "engineering"})["mappings"] == []
    assert acme.refused("POST", "/mappings/remove", {"group": "Engineering"}) == (404, "unknown_mapping")


def test_a_mapping_whose_preview_is_outdated_is_not_saved(acme: Place) -> None:
    shown = acme.post("/mappings/set?preview=true", ENGINEERING)
    acme.post("/mappings/set", {"group": "Sales", "role": "admin"})

    late = acme.call("POST", "/mappings/set", {**ENGINEERING, "confirmation": shown["confirmation"]})

    assert problem(late) == (409, "stale_confirmation")
    assert [one["group"] for one in late.json()["preview"]["mappings"]] == ["Engineering", "Sales"]
    assert [one["group"] for one in acme.get("/mappings")["data"]] == ["Sales"]


def test_what_people_without_a_mapped_group_get_is_set(acme: Place) -> None:
    before = acme.get("/mappings/unmapped")

    shown = acme.post("/mappings/unmapped?preview=true", {"unmapped": "none"})
    acme.post("/mappings/unmapped", {"unmapped": "none", "confirmation": shown["confirmation"]})

    assert (before, acme.get("/mappings/unmapped")) == ({"unmapped": "highest"}, {"unmapped": "none"})


def test_an_impossible_mapping_is_refused_with_its_code(acme: Place) -> None:
    acme.call("PATCH", "", {"mode": "jit"})
    acme.post("/sign-ins", {"userName": "ada@example.com"})
    wrong = [
        {"group": "Engineering"},
        {"group": "Engineering", "tier": "gold"},
        {"group": " ", "tier": "premium"},
        {"group": "Engineering", "role": "primary_owner"},
        {**ENGINEERING, "owner": "ada@example.com"},
    ]

    answers = [acme.refused("POST", "/mappings/set", one)[1] for one in wrong]

    assert answers == ["invalid_mapping", "invalid_tier", "invalid_mapping", "invalid_body", "role_too_low"]
    assert acme.post("/mappings/set", {**ENGINEERING, "owner": OWNER})["preview"] is False
