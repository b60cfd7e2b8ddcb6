"""People: listed with filters in pages that lose nobody, shown with their history, and changed."""

from collections.abc import Iterator

import pytest

from tests.admin.calling import OWNER, Place
from tests.admin.test_seats import joined

NAMES = ("ada", "bob", "cy", "dee", "eve")


def pages(acme: Place, query: str, limit: int = 2) -> Iterator[list[str]]:
    cursor: str | None = ""
    while cursor is not None:
        body = acme.get(f"/people?limit={limit}{query}{f'&cursor={cursor}' if cursor else ''}")
        yield [one["user_name"].partition("@")[0] for one in body["data"]]
        cursor = body["next_cursor"]


def test_pages_list_every_member_once_although_people_are_deleted_meanwhile(acme: Place) -> None:
    ids = joined(acme, *NAMES)
    acme.call("PATCH", "", {"mode": "scim"})
    token = acme.post("/scim-tokens", {"name": "directory"})["token"]

    listed = pages(acme, "")
    first = next(listed)
    gone = acme.vendor.client.delete(
        f"http://127.0.0.1:8080/orgs/{acme.slug}/scim/v2/Users/{ids['ada']}",
        headers={"Authorization": f"Bearer {token}"},
    )
    rest = [name for page in listed for name in page]

    assert gone.status_code == 204
    assert first == ["boss", "ada"]
    assert rest == ["bob", "cy", "dee", "eve"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=inactive", ["bob"]),
        ("status=none", ["cy"]),
        ("tier=standard", ["ada", "eve"]),
        ("role=admin", ["dee"]),
        ("role=primary_owner", ["boss"]),
        ("way_in=jit", ["ada", "bob", "cy", "dee", "eve"]),
        ("way_in=jit&status=seated&tier=premium", ["dee"]),
        ("search=DEE", ["dee"]),
        ("idle_days=1", []),
        ("unconfirmed=true", []),
        ("group=nothing", []),
    ],
)
def test_all_filters_of_a_list_must_match(acme: Place, query: str, expected: list[str]) -> None:
    ids = joined(acme, *NAMES)
    acme.post("/seats/assign", {"person": ids["ada"], "tier": "standard"})
    acme.post(f"/people/{ids['bob']}/deactivate")
    acme.post("/seats/unassign", {"person": ids["cy"]})
    acme.post(f"/people/{ids['dee']}/role", {"role": "admin"})

    assert [name for page in pages(acme, f"&{query}") for name in page] == expected


def test_a_list_by_group_has_the_members_of_the_groups_in_it_too(acme: Place) -> None:
    acme.call("PATCH", "", {"mode": "scim"})
    token = acme.post("/scim-tokens", {"name": "directory"})["token"]
    headers = {"Authorization": f"Bearer {token}"}
    base = f"http://127.0.0.1:8080/orgs/{acme.slug}/scim/v2"

    def made(path: str, **values: object) -> str:
        kind = {"Users": "User", "Groups": "Group"}[path]
        schema = f"urn:ietf:params:scim:schemas:core:2.0:{kind}"
        answer = acme.vendor.client.post(
            f"{base}/{path}", json={"schemas": [schema], **values}, headers=headers
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    ada, bob = made("Users", userName="ada@example.com"), made("Users", userName="bob@example.com")
    made("Users", userName="cy@example.com")
    inner = made("Groups", displayName="Inner", members=[{"value": bob}])
    outer = made("Groups", displayName="Outer", members=[{"value": ada}, {"value": inner}])

    listed = {
        group: [one["user_name"] for one in acme.get(f"/people?group={group}")["data"]]
        for group in (outer, inner)
    }

    assert listed == {outer: ["ada@example.com", "bob@example.com"], inner: ["bob@example.com"]}


def test_a_cursor_belongs_to_the_filters_of_its_list(acme: Place) -> None:
    joined(acme, *NAMES)
    cursor = acme.get("/people?limit=2&tier=premium")["next_cursor"]

    assert acme.refused("GET", f"/people?limit=2&cursor={cursor}") == (400, "invalid_cursor")


def test_a_person_is_shown_with_the_history_by_id_and_by_user_name(acme: Place) -> None:
    ids = joined(acme, "ada")
    acme.post(f"/people/{ids['ada']}/role", {"role": "admin"})

    by_id, by_name = acme.get(f"/people/{ids['ada']}"), acme.get("/people/Ada@example.com")

    assert by_id == by_name
    assert (by_id["role"], by_id["way_in"]) == ("admin", "jit")
    assert [(one["event"], one["way_in"]) for one in by_id["history"]] == [
        ("role_changed", "api"),
        ("provisioned", "jit"),
    ]
    assert acme.refused("GET", "/people/ada") == (404, "unknown_person")


def test_access_ends_and_begins_again_as_the_previews_show(acme: Place) -> None:
    ids = joined(acme, "ada")
    path = f"/people/{ids['ada']}"

    shown = acme.post(f"{path}/deactivate?preview=true")
    acme.post(f"{path}/deactivate", {"confirmation": shown["confirmation"]})
    ended = acme.post("/entitlements", {"people": [ids["ada"], "nobody", ids["ada"]]})
    twice = acme.refused("POST", f"{path}/deactivate")
    back = acme.post(f"{path}/activate?preview=true")
    acme.post(f"{path}/activate")
    again = acme.get(f"{path}/entitlement")

    assert (shown["preview"], shown["people"][0]["status"]) == (True, "inactive")
    assert ended["not_found"] == ["nobody"]
    assert [(one["person"], one["entitled"], one["reason"]) for one in ended["data"]] == [
        (ids["ada"], False, "inactive")
    ]
    assert twice == (409, "already_inactive")
    assert (back["preview"], back["people"][0]["status"]) == (True, "seated")
    assert again["entitled"] is True


def test_an_activation_without_a_free_seat_is_refused_and_is_the_answer_to_its_repetition(
    acme: Place,
) -> None:
    place = acme.vendor.organization(overflow="reject", standard=0, premium=2)
    ids = joined(place, "ada")
    place.post(f"/people/{ids['ada']}/deactivate")
    joined(place, "bob")

    first = place.call("POST", f"/people/{ids['ada']}/activate", None, Idempotency_Key="once")
    again = place.call("POST", f"/people/{ids['ada']}/activate", None, Idempotency_Key="once")

    assert (first.status_code, first.json()["code"]) == (409, "no_free_seat")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (f"{OWNER}/deactivate", None, (403, "primary_owner")),
        (f"{OWNER}/role", {"role": "user"}, (403, "primary_owner")),
        (f"{OWNER}/role", {"role": "primary_owner"}, (400, "invalid_body")),
        (f"{OWNER}/transfer", None, (409, "already_primary_owner")),
        (f"{OWNER}/activate", None, (409, "already_active")),
        ("boss/deactivate", None, (404, "unknown_person")),
        ("%00/deactivate", None, (404, "not_found")),
    ],
)
def test_a_forbidden_change_is_refused_with_its_code(
    acme: Place, path: str, body: object, expected: tuple[int, str]
) -> None:
    assert acme.refused("POST", f"/people/{path}", body) == expected
