"""A company as seen from outside: by its provider, the vendor's app, its operator and its invitees."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx
from click.testing import CliRunner
from sqlalchemy import text

from scim_server.cli import main
from scim_server.services.billing import due
from scim_server.services.organizations import queries as organization_queries
from scim_server.store.database.session import Database
from tests.api.wire import command, patch, read
from tests.support.oracles.recount import recount
from tests.support.servers.dns_and_smtp import Post
from tests.support.servers.running import Organization, Server

BUTTON = {"Sec-Fetch-Site": "same-origin"}
HANDS = 4
"""Requests under way at a time, where their order is of no importance."""


def numbers(ranges: str) -> list[int]:
    """The numbers of `1-3 5 7-8`."""
    found: list[int] = []
    for part in ranges.split():
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


@dataclass
class Company:
    """Each person is a number: 7 is person-0007.

    Attributes:
        domain: of their addresses.
        ids: under which the provider knows people, by number, and groups, by name.
    """

    server: Server
    post: Post
    organization: Organization
    provider: httpx.Client
    app: httpx.Client
    domain: str
    ids: dict[int | str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.organization.slug

    def address(self, number: int) -> str:
        return f"person-{number:04}@{self.domain}"

    def addresses(self, ranges: str) -> str:
        """The addresses as a pasted list."""
        return ",\n".join(map(self.address, numbers(ranges)))

    def number(self, address: str) -> int:
        name, _, domain = address.partition("@")
        assert domain == self.domain
        return int(name.removeprefix("person-"))

    # The operator

    def run(self, *words: str) -> dict[str, Any]:
        """The output of a command; `acme` is replaced by the organization."""
        return command(self.server, *self._arguments(words))

    def refused(self, *words: str) -> str:
        """The message of a command with exit status 1."""
        done = CliRunner().invoke(main, self._arguments(words), env=dict(self.server.environment))
        assert done.exit_code == 1, done.output
        return done.stderr

    def _arguments(self, words: Iterable[str]) -> list[str]:
        said = [self.slug if word == "acme" else word for word in words]
        return [self.address(int(word[1:])) if word.startswith("#") else word for word in said]

    def map(self, *words: str) -> int:
        """Save a change of mappings; returns the number of people with another role, seat or place."""
        effects = self.run("mapping", *words, "--yes")["effects"]
        changes = [(one["role"], one["status"], one["tier"]) for one in effects]
        return sum(any(each["from"] != each["to"] for each in change) for change in changes)

    def send_mail(self) -> None:
        done = CliRunner().invoke(main, ["worker", "--once"], env=dict(self.server.environment))
        assert done.exit_code == 0, done.output

    def three_weeks_pass(self) -> None:
        """Apply due changes, by a worker whose clock is ahead."""
        later = datetime.now(UTC) + timedelta(days=22)
        with self._database(lambda: later) as database:
            due.catch_up(database, organization_queries.find(database, self.slug).id)

    # Rows and invoices

    def invoices(self) -> list[tuple[int, str, str]]:
        """Number, reason and total of every invoice, the first first."""
        listed = self.run("invoice", "list", "acme")["data"]
        return sorted((one["number"], one["reason"], one["total"]["amount"]) for one in listed)

    @contextmanager
    def _database(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Database]:
        opened = due.opened(self.server.environment["SCIM_SEATS_DATABASE_URL"], now=now)
        yield opened
        opened.close()

    def recounted(self) -> list[str]:
        """The violated invariant, if any."""
        with self._database() as database, database.reader.connect() as connection:
            try:
                recount(connection, organization_queries.find(database, self.slug).id)
            except AssertionError as error:
                return [str(error)]
        return []

    def events(self) -> Counter[str]:
        """The number of events of each type."""
        with self._database() as database, database.reader.connect() as connection:
            query = "SELECT type FROM events WHERE organization = :org"
            organization = organization_queries.find(database, self.slug).id
            return Counter(connection.execute(text(query), {"org": organization}).scalars())

    # The invitees

    def accept(self, ranges: str, *, letter: int = -1) -> set[int]:
        """Press the button behind the links that people got; the statuses of the answers."""
        links = [self.post.links_to(self.address(number))[letter] for number in numbers(ranges)]
        return {httpx.post(link, headers=BUTTON, trust_env=False, verify=False).status_code for link in links}

    # The vendor's app

    def sign_in(self, number: int, *groups: str) -> dict[str, Any]:
        body = {"userName": self.address(number), "groups": groups}
        answer = self.app.post(f"/organizations/{self.slug}/sign-ins", json=body)
        assert answer.status_code == HTTPStatus.OK, answer.text
        decision: dict[str, Any] = answer.json()
        return decision

    def entitlement(self, number: int) -> tuple[bool, str | None, str | None]:
        answer = self.app.get(f"/organizations/{self.slug}/people/{self.ids[number]}/entitlement").json()
        return answer["entitled"], answer["tier"], answer["reason"]

    # The provider

    def create(self, number: int, *, active: bool = True) -> httpx.Response:
        body = {"userName": self.address(number), "externalId": f"staff-{number}", "active": active}
        answer = self.provider.post("/Users", json=body)
        if answer.status_code == HTTPStatus.CREATED:
            self.ids[number] = answer.json()["id"]
        return answer

    def match(self, ranges: str) -> None:
        """Find the existing people, as a provider does on its first run, and keep their ids."""
        with ThreadPoolExecutor(HANDS) as threads:
            list(threads.map(self._match, numbers(ranges)))

    def _match(self, number: int) -> None:
        (known,) = read(self.provider, "/Users", filter=f'userName eq "{self.address(number)}"')["Resources"]
        self.ids[number] = known["id"]
        operation = {"op": "add", "path": "externalId", "value": f"staff-{number}"}
        answer = patch(self.provider, f"/Users/{known['id']}", operation)
        assert answer.status_code == HTTPStatus.OK, answer.text

    def activate(self, ranges: str, *, active: bool) -> None:
        """One after another, so that seats pass on in this order."""
        for number in numbers(ranges):
            operation = {"op": "replace", "path": "active", "value": active}
            answer = patch(self.provider, f"/Users/{self.ids[number]}", operation)
            assert answer.status_code == HTTPStatus.OK, answer.text

    def delete(self, ranges: str) -> None:
        for number in numbers(ranges):
            answer = self.provider.delete(f"/Users/{self.ids.pop(number)}")
            assert answer.status_code == HTTPStatus.NO_CONTENT, answer.text

    def push(self, name: str, ranges: str = "", groups: Sequence[str] = ()) -> None:
        """Create a group of people and groups."""
        body = {"displayName": name, "members": self._members(ranges, groups)}
        answer = self.provider.post("/Groups", json=body)
        assert answer.status_code == HTTPStatus.CREATED, answer.text
        self.ids[name] = answer.json()["id"]

    def change(self, name: str, *operations: dict[str, object]) -> None:
        """One PATCH of a group."""
        answer = patch(self.provider, f"/Groups/{self.ids[name]}", *operations)
        assert answer.status_code in (HTTPStatus.OK, HTTPStatus.NO_CONTENT), answer.text

    def joining(self, ranges: str = "", groups: Sequence[str] = ()) -> dict[str, object]:
        return {"op": "add", "path": "members", "value": self._members(ranges, groups)}

    def leaving(self, ranges: str = "", groups: Sequence[str] = ()) -> dict[str, object]:
        return {"op": "remove", "path": "members", "value": self._members(ranges, groups)}

    def _members(self, ranges: str, groups: Sequence[str]) -> list[dict[str, str]]:
        people = [self.ids[number] for number in numbers(ranges)]
        return [{"value": one} for one in (*people, *(self.ids[name] for name in groups))]

    def directory(self) -> Iterator[dict[str, Any]]:
        """All people, page by page."""
        start = 1
        while page := read(self.provider, "/Users", startIndex=str(start), count="300")["Resources"]:
            yield from page
            start += len(page)


@contextmanager
def founded(server: Server, post: Post, slug: str, *options: str) -> Iterator[Company]:
    """A new company whose first person is its Primary Owner, with a verified domain."""
    mailing = {"SCIM_SEATS_SMTP_URL": post.url, "SCIM_SEATS_MAIL_FROM": "Acme <seats@example.com>"}
    server = replace(server, environment={**server.environment, **mailing})
    domain = f"{slug}.example"
    made = command(server, "org", "create", slug, "--owner", f"person-0001@{domain}", "--active", *options)
    command(server, "domain", "add", slug, domain, "--verified")
    key = command(server, "api-key", "create", "--name", slug)["key"]
    organization = Organization(made["org"], made["base_url"], made["token"])
    with ExitStack() as stack:
        provider = stack.enter_context(organization.client())
        headers = {"Authorization": f"Bearer {key}"}
        app = httpx.Client(
            base_url=f"{server.url}/v1", headers=headers, timeout=60, trust_env=False, verify=False
        )
        yield Company(server, post, organization, provider, stack.enter_context(app), domain)
