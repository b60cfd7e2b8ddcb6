"""A caller over its limit gets 429; all others notice nothing."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.conftest import DIALECTS
from tests.support.servers.running import Organization, Server, start

LIMIT = 50
PROMISED = 25
SETTINGS = {"SCIM_SEATS_RATE_LIMIT": str(LIMIT)}


@pytest.fixture(scope="module", params=DIALECTS)
def nodes(
    request: pytest.FixtureRequest, new_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    """The servers of one installation: two on PostgreSQL, one on SQLite; each has two processes."""
    url = new_url(request.param)
    with start(url, tmp_path_factory.mktemp("one"), options=("--no-worker",), settings=SETTINGS) as first:
        if request.param == "sqlite":
            yield [first]
            return
        with start(
            url, tmp_path_factory.mktemp("two"), options=("--no-worker",), settings=SETTINGS
        ) as second:
            yield [first, second]


def flood(base_url: str, token: str, until_refused: int) -> tuple[Counter[int], set[int]]:
    """Ask as fast as possible until some answers were 429.

    Returns:
        The number of answers by status, and the seconds in which the server worked on them.
    """
    answers: Counter[int] = Counter()
    seconds: set[int] = set()
    with httpx.Client(
        base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
    ) as client:
        while answers[429] < until_refused:
            sent = int(time.time())
            answer = client.get("/Users?count=0")
            seconds |= set(range(sent, int(time.time()) + 1))
            answers[answer.status_code] += 1
            if answer.status_code == 429:
                assert answer.headers["Retry-After"] == "1"
                assert answer.json()["status"] == "429"
    return answers, seconds


def test_at_most_the_limit_passes_over_all_processes_and_nodes(nodes: list[Server]) -> None:
    organization = nodes[0].organization()
    with ProcessPoolExecutor(4) as pool:
        floods = [
            pool.submit(flood, base_url(nodes[number % len(nodes)], organization), organization.token, 200)
            for number in range(4)
        ]
        done = [one.result() for one in floods]

    answers = sum((one for one, _ in done), Counter[int]())
    seconds = set[int]().union(*(one for _, one in done))
    assert set(answers) == {200, 429}
    assert answers[200] <= LIMIT * len(seconds)


def base_url(node: Server, organization: Organization) -> str:
    return f"{node.url}/orgs/{organization.slug}/scim/v2"


def test_the_promised_rate_passes_while_another_organization_floods(nodes: list[Server]) -> None:
    noisy, quiet = nodes[0].organization(), nodes[0].organization()
    with ProcessPoolExecutor(2) as pool, quiet.client() as client:
        floods = [pool.submit(flood, noisy.base_url, noisy.token, 300) for _ in range(2)]
        statuses = []
        begun = time.monotonic()
        for number in range(3 * PROMISED):
            time.sleep(max(0.0, begun + number / PROMISED - time.monotonic()))
            statuses.append(client.get("/Users?count=0").status_code)
        for one in floods:
            one.result()

    assert statuses == [200] * (3 * PROMISED)


def test_a_key_over_its_limit_gets_a_problem(nodes: list[Server]) -> None:
    key = nodes[0].json("api-key", "create", "--name", f"app-{uuid4().hex}")["key"]
    slug = nodes[0].organization().slug
    with httpx.Client(
        base_url=nodes[0].url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
    ) as client:
        refused = client.get("/")
        while refused.status_code != 429:
            refused = client.get(f"/v1/organizations/{slug}/people/none/entitlement")
            assert refused.status_code in (404, 429)

    assert (refused.headers["Content-Type"], refused.headers["Retry-After"], refused.json()) == (
        "application/problem+json",
        "1",
        {
            "type": "/v1/docs#rate_limited",
            "title": "Too Many Requests",
            "status": 429,
            "code": "rate_limited",
            "detail": "Too many requests in this second. Nothing was changed; try again in a second.",
        },
    )
