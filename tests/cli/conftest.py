"""Real servers for domains and mail, and an organization that invites through them."""

from collections.abc import Iterator

import pytest

from tests.cli.inviting import Inviting
from tests.support.servers.dns_and_smtp import Dns, Post, dns_server, post_office
from tests.support.servers.running import Server


@pytest.fixture(scope="module")
def resolver() -> Iterator[Dns]:
    with dns_server() as running:
        yield running


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    with post_office() as running:
        yield running


@pytest.fixture
def host(server: Server, resolver: Dns, post: Post) -> Inviting:
    return Inviting(server, resolver, post)
