"""The management listener of a started server: health, metrics, and the files of the operator."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.wire import user_name
from tests.cli.serving import children, eventually, is_running, run, serving
from tests.support.servers.running import Organization, Server, free_port

OPERATIONS = Path(__file__).parents[2] / "operations"
REQUESTS = 40
NAME = re.compile(r"\b(scim_seats_[a-z_]+|up)\b(?=[{\[\s)]|$)")


class Managed:
    """A server with a management listener."""

    def __init__(self, server: Server, port: int) -> None:
        self.server = server
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=30, trust_env=False)

    def value(self, name: str, **labels: str) -> float:
        """The sum of the series of a metric with these labels."""
        total = 0.0
        for line in self.get("/metrics").text.splitlines():
            series, _, value = line.rpartition(" ")
            if series.partition("{")[0] == name and all(
                f'{key}="{one}"' in series for key, one in labels.items()
            ):
                total += float(value)
        return total


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    port = free_port()
    folder = tmp_path_factory.mktemp("managed")
    with serving(folder, "--workers", "2", SCIM_SEATS_MANAGEMENT=f"127.0.0.1:{port}") as server:
        managed = Managed(server, port)
        assert eventually(lambda: answers(managed))
        yield managed


def answers(managed: Managed) -> bool:
    try:
        return managed.get("/readyz").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def organization(managed: Managed) -> Organization:
    return managed.server.organization(standard=2)


def send(organization: Organization, requests: int) -> None:
    for _ in range(requests):
        with organization.client() as client:
            assert client.get("/Users", params={"count": "1"}).status_code == 200


def test_health_is_answered_and_nothing_else(managed: Managed) -> None:
    found = {
        path: managed.get(path).status_code for path in ("/livez", "/readyz", "/startupz", "/other", "/")
    }

    assert found == {"/livez": 200, "/readyz": 200, "/startupz": 200, "/other": 404, "/": 404}


def test_the_public_port_has_neither_metrics_nor_probes(managed: Managed) -> None:
    paths = ("/metrics", "/livez", "/readyz", "/startupz")

    found = {httpx.get(managed.server.url + path, trust_env=False).status_code for path in paths}

    assert found == {404}


def test_requests_are_counted_over_all_workers_also_after_one_was_killed(
    managed: Managed, organization: Organization
) -> None:
    counted = {"route": "/orgs/<slug>/scim/v2/Users", "method": "GET", "status": "200"}
    before = managed.value("scim_seats_requests_total", **counted)

    send(organization, REQUESTS)
    first = managed.value("scim_seats_requests_total", **counted)
    web = next(pid for pid, one in children(managed.server).items() if " -m scim_server." not in one)
    os.kill(web, signal.SIGKILL)
    assert eventually(lambda: web not in children(managed.server))
    send(organization, REQUESTS)
    second = managed.value("scim_seats_requests_total", **counted)

    assert (first - before, second - first) == (REQUESTS, REQUESTS)
    assert (
        managed.value("scim_seats_request_seconds_count", route=counted["route"], method="GET")
        >= 2 * REQUESTS
    )
    assert managed.value("scim_seats_requests_in_progress") == 0


def test_metrics_have_no_names_and_no_series_for_invented_methods_and_addresses(
    managed: Managed, organization: Organization
) -> None:
    name = user_name()
    with organization.client() as client:
        client.post("/Users", json={"userName": name})
        for number in range(5):
            client.request(f"M{number}", f"/Users/x{number}")
            httpx.get(f"{managed.server.url}/invented-{number}", trust_env=False)

    text = managed.get("/metrics").text

    assert not any(one in text for one in (organization.slug, name, organization.token, "invented", "M1"))
    assert len(text.splitlines()) < 1500


def test_the_state_of_the_database_is_shown(managed: Managed, organization: Organization) -> None:
    with organization.client() as client:
        for _ in range(4):
            client.post("/Users", json={"userName": user_name()})

    assert eventually(lambda: managed.value("scim_seats_open_refusals", reason="no_free_seat") > 0)
    assert managed.value("scim_seats_seats", tier="standard", state="assigned") == 2
    assert managed.value("scim_seats_database_up") == 1
    assert managed.value("scim_seats_commit_units_count") > 0
    assert managed.value("scim_seats_lock_wait_seconds_count") > 0
    assert eventually(lambda: managed.value("scim_seats_worker_rounds_total", outcome="done") > 0)


def expressions() -> Iterator[str]:
    dashboard: dict[str, Any] = json.loads((OPERATIONS / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])
    yield from re.findall(
        r"expr: (?:\|\n)?(.*?)\n        (?:for|labels):", (OPERATIONS / "alerts.yml").read_text(), re.DOTALL
    )


def test_every_expression_of_the_dashboard_and_the_alerts_finds_its_metrics(managed: Managed) -> None:
    shown = set(re.findall(r"^# TYPE (\S+)", managed.get("/metrics").text, re.MULTILINE))
    parts = {f"{name}{end}" for name in shown for end in ("", "_bucket", "_sum", "_count", "_total")}

    used = {name for one in expressions() for name in NAME.findall(one)}

    assert used - {"up"} <= parts | {"scim_seats_mails_total", "scim_seats_events_total"}
    assert len(list(expressions())) > 20


def test_promtool_accepts_the_alerts_and_the_metrics(managed: Managed) -> None:
    rules = promtool("check", "rules", str(OPERATIONS / "alerts.yml"))
    shown = promtool("check", "metrics", given=managed.get("/metrics").text)

    assert rules.returncode == 0, rules.stdout + rules.stderr
    assert shown.returncode == 0, shown.stdout + shown.stderr


def promtool(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program of Debian's package prometheus, which `make test` installs."""
    return subprocess.run(["promtool", *words], input=given, capture_output=True, text=True, check=False)


def test_the_listener_of_a_killed_server_ends(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, SCIM_SEATS_MANAGEMENT=f"127.0.0.1:{port}") as server:
        managed = Managed(server, port)
        assert eventually(lambda: answers(managed))
        (listener,) = [pid for pid, one in children(server).items() if " scim_server.management " in one]
        (tmp_path / "data" / "seats.db").unlink()
        assert eventually(lambda: managed.get("/readyz").status_code == 503)
        alive = managed.get("/livez").status_code
        server.process.kill()
        server.process.wait()

    assert alive == 200
    assert eventually(lambda: not is_running(listener))


def test_an_address_in_use_is_refused_if_it_was_set(tmp_path: Path, managed: Managed) -> None:
    address = managed.url.removeprefix("http://")

    done = run(tmp_path, "serve", SCIM_SEATS_MANAGEMENT=address)

    assert done.returncode == 1
    assert "SCIM_SEATS_MANAGEMENT" in done.stderr
    assert "is in use" in done.stderr


@pytest.mark.parametrize("address", ["localhost:9080", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "x"])
def test_an_address_that_is_not_one_is_refused(tmp_path: Path, address: str) -> None:
    done = run(tmp_path, "serve", SCIM_SEATS_MANAGEMENT=address)

    assert (done.returncode, "SCIM_SEATS_MANAGEMENT must be" in done.stderr) == (1, True)


def test_every_metric_is_documented(managed: Managed) -> None:
    shown = set(re.findall(r"^# TYPE (scim_seats_\w+)", managed.get("/metrics").text, re.MULTILINE))
    page = (OPERATIONS.parent / "docs" / "operating.md").read_text()

    assert {name for name in shown if f"`{name}`" not in page} == set()
