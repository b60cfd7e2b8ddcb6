"""Custom schemas by /v1."""

from tests.admin.calling import Place, succeeded
from tests.admin.prepared import prepare


def test_a_schema_is_listed_and_removed_and_cannot_be_added_twice(acme: Place) -> None:
    urn = prepare("schemas.remove", acme)["schema"]
    listed = acme.get("/schemas")
    definition = listed["schemas"][0]["definition"]

    twice = acme.refused("POST", "/schemas", {"definition": definition})
    removed = succeeded(acme.call("DELETE", f"/schemas/{urn}"))

    assert [(one["schema"], one["extends"]) for one in listed["schemas"]] == [(urn, "User")]
    assert twice == (409, "schema_exists")
    assert removed == {"organization": acme.slug, "removed": urn}
    assert acme.get("/schemas")["schemas"] == []
    assert acme.refused("DELETE", f"/schemas/{urn}") == (404, "unknown_schema")
    assert acme.refused("POST", "/schemas", {"definition": {"id": "x"}}) == (400, "invalid_schema")
