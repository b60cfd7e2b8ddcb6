"""One example of each tolerance: other organizations accept it, a strict one only what the RFCs say."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import pytest

from scim_server.protocol.dialects import Tolerance
from tests.api.wire import ENTERPRISE, PATCH_OP, USER, Resource, create, patch
from tests.support.servers.running import Server

MALFORMED = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"
FIRST, SECOND = ({"value": f"{one}@example.com", "primary": True} for one in ("first", "second"))

Send = Callable[[httpx.Client, Resource], httpx.Response]


def operation(**values: object) -> Send:
    """A PATCH of the person."""
    return lambda client, person: patch(client, f"/Users/{person['id']}", values)


def message(**schemas: object) -> Send:
    """A PATCH with these schemas of its message."""
    operations = [{"op": "add", "path": "title", "value": "Countess"}]
    body = {**schemas, "Operations": operations}
    return lambda client, person: client.patch(f"/Users/{person['id']}", json=body)


def lookup(plus: str) -> Send:
    """A search for the person, whose userName has a plus, by a query that writes spaces as %20."""

    def send(client: httpx.Client, person: Resource) -> httpx.Response:
        name = person["userName"].replace("+", plus)
        return client.get(f"/Users?filter=userName%20eq%20%22{name}%22")

    return send


# What each tolerance understands, and how the RFCs write the same.
EXAMPLES: dict[Tolerance, tuple[Send, Send]] = {
    Tolerance.BOOLEAN_AS_TEXT: (
        operation(op="replace", path="active", value="True"),
        operation(op="replace", path="active", value=True),
    ),
    Tolerance.LIST_OF_ONE: (
        operation(op="add", path="phoneNumbers", value={"value": "1"}),
        operation(op="add", path="phoneNumbers", value=[{"value": "1"}]),
    ),
    Tolerance.ONE_OF_LIST: (
        operation(op="replace", path="name", value=[{"givenName": "Ada"}]),
        operation(op="replace", path="name", value={"givenName": "Ada"}),
    ),
    Tolerance.BARE_VALUE: (
        operation(op="add", path="phoneNumbers", value=["1"]),
        operation(op="add", path="phoneNumbers", value=[{"value": "1"}]),
    ),
    Tolerance.JSON_AS_TEXT: (
        operation(op="replace", value='{"title": "Countess"}'),
        operation(op="replace", value={"title": "Countess"}),
    ),
    Tolerance.OPERATION_CASE: (
        operation(op="Replace", path="title", value="Countess"),
        operation(op="replace", path="title", value="Countess"),
    ),
    Tolerance.KEYS_AS_PATHS: (
        operation(op="add", value={"name.givenName": "Ada"}),
        operation(op="add", value={"name": {"givenName": "Ada"}}),
    ),
    Tolerance.VALUES_TO_REMOVE: (
        operation(op="remove", path="emails", value=[{"value": "old@example.com"}]),
        operation(op="remove", path='emails[value eq "old@example.com"]'),
    ),
    Tolerance.UNKNOWN_IGNORED: (
        operation(op="add", value={"title": "Countess", "shoeSize": 44}),
        operation(op="add", value={"title": "Countess"}),
    ),
    Tolerance.SEVERAL_PRIMARIES: (
        operation(op="replace", path="emails", value=[FIRST, SECOND]),
        operation(op="replace", path="emails", value=[FIRST, SECOND | {"primary": False}]),
    ),
    Tolerance.TARGET_CREATED: (
        operation(op="replace", path='phoneNumbers[type eq "work"].value', value="1"),
        operation(op="add", path="phoneNumbers", value=[{"type": "work", "value": "1"}]),
    ),
    Tolerance.MALFORMED_URN: (
        operation(op="add", path=f"{MALFORMED}:department", value="Mathematics"),
        operation(op="add", path=f"{ENTERPRISE}:department", value="Mathematics"),
    ),
    Tolerance.UNNAMED_SCHEMAS: (message(), message(schemas=[PATCH_OP])),
    Tolerance.LOOSE_VALUES: (
        operation(op="add", path="x509Certificates", value=[{"value": "no base64!"}]),
        operation(op="add", path="x509Certificates", value=[{"value": "aGVsbG8="}]),
    ),
    Tolerance.PLUS_BESIDE_PERCENT_20: (lookup("+"), lookup("%2B")),
}


@pytest.fixture(scope="module", params=[False, True], ids=["tolerant", "strict"])
def provider(server: Server, request: pytest.FixtureRequest) -> Iterator[tuple[httpx.Client, bool]]:
    """A provider, and whether its organization is strict."""
    organization = server.organization(standard=10_000)
    if request.param:
        server.command("org", "set", organization.slug, "--strict")
    with organization.client() as client:
        yield client, request.param


def understood(answer: httpx.Response) -> bool:
    """Whether a change was made, or the person found."""
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code == 200 and bool(answer.json().get("totalResults", 1))


@pytest.mark.parametrize("tolerance", Tolerance)
def test_a_strict_organization_does_not_apply_the_tolerance(
    provider: tuple[httpx.Client, bool], tolerance: Tolerance
) -> None:
    client, strict = provider
    dialect, rfc = EXAMPLES[tolerance]

    def person() -> Resource:
        emails = [{"value": "old@example.com"}, {"value": "kept@example.com"}]
        return create(client, schemas=[USER], userName=f"ada+{uuid4().hex}@example.com", emails=emails)

    assert understood(rfc(client, person()))
    assert understood(dialect(client, person())) is not strict
