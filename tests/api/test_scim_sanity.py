"""An independent tool probes the started server, strictly: https://pypi.org/project/scim-sanity/."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.api.wire import read
from tests.support.servers.running import Organization, Server

EXPECTED = {
    # The tool adds a member with the id `fake-member-id` and wants 200. Members must exist here: an
    # unknown one is 400 `invalidValue`, because a membership that points nowhere would be kept for ever.
    ("PATCH /Groups/{id} add member", "fail"): "Expected 200, got 400",
    # Resource types of a draft that this server does not have and does not list in /ResourceTypes.
    ("Agent CRUD Lifecycle", "skip"): "Agent not supported by server",
    ("AgenticApplication CRUD Lifecycle", "skip"): "AgenticApplication not supported by server",
    ("Agent Rapid Lifecycle", "skip"): "Agent not supported or not in scope",
}


def probed(organization: Organization) -> dict[str, Any]:
    """The tool's report on an organization."""
    target = [organization.base_url, "--token", organization.token]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "scim_sanity", "probe", *target),
            *("--strict", "--json-output", "--i-accept-side-effects"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("overflow", ["reject", "queue"])
def test_a_strict_probe_fails_only_where_it_adds_an_unknown_member(server: Server, overflow: str) -> None:
    # It needs one free seat at a time.
    organization = server.organization(overflow=overflow, standard=1)

    report = probed(organization)

    others = [one for one in report["results"] if one["status"] != "pass"]
    assert {(one["name"], one["status"]): one["message"] for one in others} == EXPECTED
    assert len(others) == len(EXPECTED)
    assert report["mode"] == "strict"
    assert report["summary"]["passed"] >= 27
    with organization.client() as client:
        left = [read(client, path)["totalResults"] for path in ("/Users", "/Groups")]
    assert left == [0, 0]
