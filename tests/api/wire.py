"""Bodies and requests that many tests of the API use: a person, a group, a PATCH, a SCIM Error."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from click.testing import CliRunner

from scim_server.cli import main
from scim_server.store import tables
from tests.campaigns import books
from tests.support.servers.running import Organization, Server

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

CHANGEABLE = sorted(
    table.name
    for table in tables.metadata.tables.values()
    # Every request may write the last use of its token, so `tokens` is not compared.
    if "organization" in table.columns and table.name != "tokens"
)
"""The tables whose rows belong to organizations."""
Resource = dict[str, Any]


def user_name() -> str:
    """A new userName."""
    return f"ada-{uuid4().hex}@example.com"


def create(client: httpx.Client, **values: object) -> Resource:
    """A new person, with a new userName unless one is given."""
    answer = client.post("/Users", json={"schemas": [USER], "userName": user_name()} | values)
    assert answer.status_code == 201, answer.text
    made: Resource = answer.json()
    return made


def create_group(client: httpx.Client, *members: str, **values: object) -> Resource:
    """A new group with these people in it."""
    named = {"schemas": [GROUP], "displayName": f"group-{uuid4().hex}"}
    body = named | {"members": [{"value": one} for one in members]} | values
    answer = client.post("/Groups", json=body)
    assert answer.status_code == 201, answer.text
    made: Resource = answer.json()
    return made


def read(client: httpx.Client, path: str, **parameters: str) -> Resource:
    """The body of a successful GET."""
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: Resource = answer.json()
    return found


def found(client: httpx.Client, filter_: str, path: str = "/Users") -> list[str]:
    """The ids that a filter finds."""
    return [one["id"] for one in read(client, path, filter=filter_)["Resources"]]


def patch(
    client: httpx.Client, path: str, *operations: object, if_match: str | None = None
) -> httpx.Response:
    """Send operations."""
    headers = {} if if_match is None else {"If-Match": if_match}
    return client.patch(path, json={"schemas": [PATCH_OP], "Operations": operations}, headers=headers)


def own(resource: Resource) -> Resource:
    """A resource without the attributes that the server adds to every resource."""
    return {name: value for name, value in resource.items() if name not in ("schemas", "id", "meta")}


def refusal(answer: httpx.Response, status: int, scim_type: str | None = None) -> str:
    """Assert that an answer is one whole SCIM Error (RFC 7644 section 3.12); gives its detail."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    body: Resource = answer.json()
    detail: str = body.pop("detail")
    typed = {} if scim_type is None else {"scimType": scim_type}
    assert body == {"schemas": [ERROR], "status": str(status), **typed}
    assert detail.strip() == detail
    assert 10 < len(detail) < 500
    assert detail.isprintable()
    return detail


def command(server: Server, *arguments: str) -> Resource:
    """The output of a command with --json, run in this process because a new one takes half a second."""
    done = CliRunner().invoke(main, [*arguments, "--json"], env=dict(server.environment))
    assert done.exit_code == 0, done.output
    printed: Resource = json.loads(done.stdout)
    return printed


def founded(server: Server, *options: str, overflow: str = "reject", **seats: int) -> Organization:
    """A new organization, as `server.organization` makes it but without a new process."""
    given = [f"--seats={tier}={number}" for tier, number in seats.items()]
    made = command(server, "org", "create", f"o{uuid4().hex}", *given, "--overflow", overflow, *options)
    return Organization(made["org"], made["base_url"], made["token"])


@dataclass(frozen=True)
class Stored:
    """The visible state of an organization: seats, log, people and groups with their versions."""

    seats: Resource
    log: list[Resource]
    people: list[Resource]
    groups: list[Resource]


def stored(server: Server, organization: Organization, client: httpx.Client) -> Stored:
    """All that is stored now."""
    return Stored(
        seats=command(server, "seats", "show", organization.slug),
        log=command(server, "log", "list", organization.slug, "--limit", "1000")["data"],
        people=read(client, "/Users", count="1000")["Resources"],
        groups=read(client, "/Groups", count="1000")["Resources"],
    )


@contextmanager
def nothing_changes(server: Server, organization: Organization) -> Iterator[None]:
    """Assert that the block changes nothing in an organization."""
    url = server.environment["SCIM_SEATS_DATABASE_URL"]
    before = books.rows(url, organization.slug, CHANGEABLE)
    yield
    assert books.rows(url, organization.slug, CHANGEABLE) == before
