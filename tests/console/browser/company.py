"""An organization as an Owner finds it in the morning: full, with people who were left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.console.addresses import Map, walked
from tests.support.servers.running import Server

OWNER: Final = "owner@example.com"
NEWCOMERS: Final = (
    "Ada Lovelace",
    "Grace Hopper",
    "Alan Turing",
    "Katherine Johnson",
    "Edsger Dijkstra",
    "Barbara Liskov",
    "Donald Knuth",
    "Radia Perlman",
    "Margaret Hamilton",
    "Frances Allen",
)


def months_ago(count: int) -> date:
    """The first day of the month that was `count` months ago, by the clock of the server."""
    today = datetime.now(UTC).date()
    years, month = divmod(today.year * 12 + today.month - 1 - count, 12)
    return date(years, month + 1, 1)


def address(name: str) -> str:
    """The e-mail address of a person."""
    return f"{name.lower().replace(' ', '.')}@example.com"


def described(name: str) -> dict[str, Any]:
    """What a provider sends about a person."""
    given, _, family = name.partition(" ")
    return {
        "userName": address(name),
        "externalId": address(name),
        "name": {"givenName": given, "familyName": family},
        "displayName": name,
        "emails": [{"value": address(name), "type": "work", "primary": True}],
    }


@dataclass(frozen=True)
class Company:
    """An organization on a running server.

    Attributes:
        token: of its provider.
    """

    server: Server
    slug: str
    token: str

    @property
    def root(self) -> str:
        """The path of its console."""
        return f"/console/{self.slug}"

    def link(self, name: str = OWNER) -> str:
        """A new sign-in link of a person."""
        url: str = self.server.json("owner-link", self.slug, name)["url"]
        return url

    def provider(self) -> httpx.Client:
        """A client of its provider."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        base_url = f"{self.server.url}/orgs/{self.slug}/scim/v2"
        return httpx.Client(base_url=base_url, headers=headers, timeout=60, trust_env=False)

    def arrive(self, names: Sequence[str]) -> list[int]:
        """The answers to a provider that creates people."""
        with self.provider() as provider:
            return [provider.post("/Users", json=described(name)).status_code for name in names]

    def walked(self, name: str = OWNER) -> Map:
        """The addresses of the pages that a person may open."""
        with httpx.Client(base_url=self.server.url, trust_env=False, follow_redirects=True) as client:
            client.headers["Origin"] = self.server.url
            client.post(self.link(name)).raise_for_status()
            return walked(client.get, self.slug)


def founded(server: Server, *options: str, slug: str | None = None) -> Company:
    """A new organization with a Primary Owner who has a seat.

    Its contract began two months ago and has twelve months. A month that has begun is billed as a whole.
    """
    slug = slug or f"o{uuid4().hex}"
    contract = (
        "--start",
        str(months_ago(2)),
        "--method",
        "month_started",
        "--tax",
        "21",
        "--currency",
        "USD",
    )
    prices = ("--price", "standard=20.00", "--price", "premium=40.00")
    made = server.json("org", "create", slug, "--owner", OWNER, "--active", *contract, *prices, *options)
    return Company(server, slug, made["token"])


def morning(server: Server, *, overflow: str) -> Company:
    """An organization whose seats are full, and ten people without one."""
    company = founded(server, "--seats", "standard=3", "--overflow", overflow)
    assert company.arrive(("Leslie Lamport", "Niklaus Wirth")) == [201, 201]
    refused = company.arrive(NEWCOMERS)
    assert refused == [201 if overflow == "queue" else 403] * 10
    return company


def furnished(server: Server, slug: str | None = None) -> Company:
    """An organization with something to show on every page."""
    company = founded(
        server, "--seats", "standard=6", "--seats", "premium=2", "--overflow", "queue", slug=slug
    )
    run = server.command
    run("domain", "add", company.slug, f"{company.slug}.example.com", "--verified")
    run("domain", "add", company.slug, f"{company.slug}.example.org")
    run("org", "set", company.slug, "--allow-invitations")
    run("seats", "add", company.slug, "standard=1", "--yes")
    with company.provider() as provider:
        ids = [provider.post("/Users", json=described(name)).json()["id"] for name in NEWCOMERS[:5]]
        run("invite", company.slug, f"invited@{company.slug}.example.com", "--tier", "standard")
        engineers = [{"value": id_} for id_ in ids]
        provider.post("/Groups", json={"displayName": "Engineering", "members": engineers}).raise_for_status()
        provider.post("/Groups", json={"displayName": "Sales", "members": engineers[:1]}).raise_for_status()
        run("mapping", "set", company.slug, "Engineering", "--tier", "premium", "--priority", "10", "--yes")
        designers = [provider.post("/Users", json=described(name)).json()["id"] for name in NEWCOMERS[5:]]
        run("org", "set", company.slug, "--overflow", "reject")
        run("mapping", "set", company.slug, "Design", "--tier", "premium", "--yes")
        provider.post(
            "/Groups", json={"displayName": "Design", "members": [{"value": id_} for id_ in designers[:1]]}
        ).raise_for_status()
    company.arrive(("Leslie Lamport", "Niklaus Wirth", "Tony Hoare", "John Backus"))
    company.arrive(("Leslie Lamport", "Niklaus Wirth"))
    run("seat-request", "open", company.slug, address(NEWCOMERS[7]), "--reason", "a new project")
    run("sso", "set", company.slug, "--issuer", "https://login.example.com", "--client-id", "seats")
    return company
