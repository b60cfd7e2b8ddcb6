"""The server's description of itself, and answers with selected attributes (wire decisions 9, 14, 16)."""

from collections.abc import Iterator

import httpx
import pytest
from scim2_models import ResourceType, Schema, ServiceProviderConfig

from tests.api.wire import ENTERPRISE, GROUP, LIST, SEAT, USER, Resource, create, create_group, read, refusal
from tests.support.servers.running import Server

DOCUMENTS = (
    "/ServiceProviderConfig",
    "/ResourceTypes",
    "/ResourceTypes/User",
    "/Schemas",
    f"/Schemas/{USER}",
)
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
ABOUT = [CORE + name for name in ("ServiceProviderConfig", "ResourceType", "Schema")]


@pytest.fixture(scope="module")
def queueing(server: Server) -> Iterator[httpx.Client]:
    """The provider of an organization that shows people's seats."""
    with server.organization(overflow="queue").client() as opened:
        yield opened


def test_the_service_provider_config_describes_the_supported_features(client: httpx.Client) -> None:
    answer = client.get("/ServiceProviderConfig")

    config = ServiceProviderConfig.model_validate(answer.json())
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.json()["schemas"] == [ABOUT[0]]
    assert [feature.supported for feature in (config.patch, config.filter, config.etag) if feature] == [
        True
    ] * 3
    assert answer.json()["filter"]["maxResults"] == 1_000
    assert answer.json()["changePassword"] == {"supported": False}
    assert [scheme["type"] for scheme in answer.json()["authenticationSchemes"]] == ["oauthbearertoken"]
    assert answer.json()["meta"]["location"] == f"{client.base_url}ServiceProviderConfig"


def test_the_resource_types_are_users_and_groups(client: httpx.Client, queueing: httpx.Client) -> None:
    listed = read(client, "/ResourceTypes")

    types = [ResourceType.model_validate(one) for one in listed["Resources"]]
    assert (listed["schemas"], listed["totalResults"], listed["itemsPerPage"]) == ([LIST], 2, 2)
    assert [(one.name, one.endpoint, str(one.schema_)) for one in types] == [
        ("User", "/Users", USER),
        ("Group", "/Groups", GROUP),
    ]
    assert listed["Resources"][0]["schemaExtensions"] == [{"schema": ENTERPRISE, "required": False}]
    assert read(queueing, "/ResourceTypes/User")["schemaExtensions"] == [
        {"schema": ENTERPRISE, "required": False},
        {"schema": SEAT, "required": False},
    ]
    assert read(client, "/ResourceTypes/Group") == listed["Resources"][1]


def test_every_schema_can_be_parsed_and_read_at_its_own_address(
    client: httpx.Client, queueing: httpx.Client
) -> None:
    listed, with_seats = read(client, "/Schemas"), read(queueing, "/Schemas")

    schemas = [Schema.model_validate(one) for one in listed["Resources"]]
    assert [str(one.id) for one in schemas] == [USER, ENTERPRISE, GROUP, *ABOUT]
    assert [one["id"] for one in with_seats["Resources"]] == [USER, ENTERPRISE, SEAT, GROUP, *ABOUT]
    assert listed["totalResults"] == len(schemas)
    for one in listed["Resources"]:
        assert read(client, f"/Schemas/{one['id']}") == one
        assert one["meta"]["location"] == f"{client.base_url}Schemas/{one['id']}"
    assert listed["Resources"][0]["description"] == "User Account"


def test_the_user_schema_shows_the_enforced_characteristics(client: httpx.Client) -> None:
    rows = {row["name"]: row for row in read(client, f"/Schemas/{USER}")["attributes"]}
    groups = {row["name"]: row for row in read(client, f"/Schemas/{GROUP}")["attributes"]}
    members = {row["name"]: row for row in groups["members"]["subAttributes"]}

    def of(row: Resource, *names: str) -> list[object]:
        return [row[name] for name in names]

    assert of(rows["userName"], "required", "uniqueness", "caseExact") == [True, "server", False]
    assert of(rows["password"], "mutability", "returned") == ["writeOnly", "never"]
    assert rows["groups"]["mutability"] == members["display"]["mutability"] == "readOnly"
    assert members["type"]["canonicalValues"] == ["User", "Group"]
    assert {"display", "primary"} <= {row["name"] for row in rows["addresses"]["subAttributes"]}
    assert of(groups["displayName"], "required", "uniqueness", "caseExact") == [True, "none", False]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_filter_on_discovery_is_refused_with_403(client: httpx.Client, path: str) -> None:
    """RFC 7644 section 4; the only 403 on a read."""
    answer = client.get(path, params={"filter": 'name eq "User"'})

    assert "filter" in refusal(answer, 403)


@pytest.mark.parametrize(
    "path", ["/Schemas/urn:x", f"/Schemas/{SEAT}", "/ResourceTypes/Seat", "/Schemas/%00"]
)
def test_an_unknown_schema_or_resource_type_is_404(client: httpx.Client, path: str) -> None:
    refusal(client.get(path), 404)


@pytest.fixture(scope="module")
def ada(client: httpx.Client) -> Resource:
    made = create(
        client,
        displayName="Ada",
        name={"givenName": "Ada", "familyName": "Lovelace"},
        emails=[{"value": "a@x", "type": "work"}, {"value": "b@x"}],
        **{ENTERPRISE: {"department": "Analysis", "costCenter": "7"}},
    )
    create_group(client, made["id"])
    return read(client, f"/Users/{made['id']}")


PROJECTIONS: dict[str, list[str]] = {
    "userName": ["userName"],
    "USERNAME, displayname": ["userName", "displayName"],
    "id": [],
    "name.givenName": ["name.givenName"],
    "emails.value": ["emails.value"],
    "emails.value,emails.type": ["emails"],
    "emails.type": ["emails.type"],
    f"{USER}:userName": ["userName"],
    f"{USER}:name.familyName": ["name.familyName"],
    ENTERPRISE: [ENTERPRISE],
    f"{ENTERPRISE}:department": [f"{ENTERPRISE}.department"],
    "department": [f"{ENTERPRISE}.department"],
    "meta.version": ["meta.version"],
    "active": ["active"],
    "groups": ["groups"],
    "nickName": [],
}


def part(value: object, name: str, *, keep: bool) -> object:
    """A complex value with only one of its parts, or without it."""
    if isinstance(value, list):
        return [one for one in (part(element, name, keep=keep) for element in value) if one]
    assert isinstance(value, dict)
    return {key: content for key, content in value.items() if (key == name) is keep}


def only(resource: Resource, names: list[str]) -> Resource:
    shown: Resource = {"schemas": resource["schemas"], "id": resource["id"]}
    for name in names:
        attribute, _, sub = (name, "", "") if name == ENTERPRISE else name.rpartition(".")
        if sub and attribute:
            shown[attribute] = part(resource[attribute], sub, keep=True)
        else:
            shown[name] = resource[name]
    return shown


@pytest.mark.parametrize(("asked", "names"), PROJECTIONS.items(), ids=PROJECTIONS.keys())
def test_only_the_requested_attributes_are_shown(
    client: httpx.Client, ada: Resource, asked: str, names: list[str]
) -> None:
    listed = read(client, "/Users", filter=f'id eq "{ada["id"]}"', attributes=asked)

    expected = only(ada, names)
    assert read(client, f"/Users/{ada['id']}", attributes=asked) == expected
    assert listed["Resources"] == [expected]


@pytest.mark.parametrize(
    "name", ["displayName", "emails", "groups", "meta", "active", "userName", "NAME", ENTERPRISE]
)
def test_excluded_attributes_are_not_shown(client: httpx.Client, ada: Resource, name: str) -> None:
    shown = read(client, f"/Users/{ada['id']}", excludedAttributes=f"{name},id,schemas")

    assert shown == {key: value for key, value in ada.items() if key.lower() != name.lower()}


@pytest.mark.parametrize(
    ("attribute", "sub"), [("name", "givenName"), ("emails", "value"), (ENTERPRISE, "department")]
)
def test_a_sub_attribute_can_be_excluded(
    client: httpx.Client, ada: Resource, attribute: str, sub: str
) -> None:
    separator = ":" if attribute == ENTERPRISE else "."

    shown = read(client, f"/Users/{ada['id']}", excludedAttributes=f"{attribute}{separator}{sub}")

    assert shown == ada | {attribute: part(ada[attribute], sub, keep=False)}
