"""An independent tool tries the started server: https://scim2-tester.readthedocs.io."""

from typing import Any

import httpx
import pytest
from scim2_client.client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from tests.support.servers.running import Server

SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"

# The tool takes the absence of an attribute for the only proof of its removal. A person always is active or
# not, so `remove active` leaves `active` as it is.
ALWAYS_THERE = ("check_remove_attribute", "User", "active")
# The tool patches every extension that it finds in /Schemas as a whole, although this one's attributes are
# all readOnly: RFC 7644 section 3.5.2 demands the refusal with `mutability`.
READ_ONLY_EXTENSION = [
    ("check_add_attribute", "User", SEAT),
    ("check_remove_attribute", "User", SEAT),
    ("check_replace_attribute", "User", SEAT),
]


class Client(BaseSyncSCIMClient):
    """The tool's client over httpx: its own engine requires another HTTP library."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self.client = client

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return str(self.client.build_request("GET", endpoint).url).startswith(str(self.client.base_url))

    def _parse_json(self, response: Any) -> Any:  # noqa: ANN401 - the tool's own signature
        return response.json()

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - as above
        return self.client.request(method, url, **options)


@pytest.mark.parametrize(
    ("overflow", "expected"),
    [("reject", [ALWAYS_THERE]), ("queue", [ALWAYS_THERE, *READ_ONLY_EXTENSION])],
)
def test_an_independent_tool_finds_only_intended_differences(
    server: Server, overflow: str, expected: list[tuple[str, str, str]]
) -> None:
    organization = server.organization(overflow=overflow, standard=1_000)
    headers = {"Authorization": f"Bearer {organization.token}"}

    with httpx.Client(
        base_url=organization.base_url, headers=headers, timeout=60, trust_env=False, verify=False
    ) as client:
        results = check_server(Client(client))

    assert len(results) > 100
    assert [result for result in results if result.status is Status.CRITICAL] == []
    failed = [one for one in results if one.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert sorted((one.title, one.resource_type, urn(one.data)) for one in failed) == sorted(expected)


def urn(data: object) -> object:
    """The attribute that a check was about."""
    return data.get("urn") if isinstance(data, dict) else None
