"""An organization that invites, with the commands of its operator."""

import json
from uuid import uuid4

from click.testing import CliRunner, Result

from scim_server.cli import main
from scim_server.services.billing import due
from tests.support.servers.dns_and_smtp import Dns, Post
from tests.support.servers.running import Organization, Server

FORM = {"Sec-Fetch-Site": "same-origin"}


class Inviting:
    """An organization with a verified domain, and the commands of its operator."""

    def __init__(self, server: Server, resolver: Dns, post: Post) -> None:
        self.server, self.resolver, self.post = server, resolver, post
        self.organization: Organization = server.organization(standard=2, premium=1)
        self.slug = self.organization.slug
        self.domain = f"{uuid4().hex}.example"
        self.run("org", "set", self.slug, "--allow-invitations")
        self.run("domain", "add", self.slug, self.domain, "--verified")
        post.refuse = None

    def try_(self, *arguments: str, **settings: str) -> Result:
        environment = {
            **self.server.environment,
            "SCIM_SEATS_SMTP_URL": self.post.url,
            "SCIM_SEATS_MAIL_FROM": "Acme <seats@example.com>",
            "SCIM_SEATS_DNS_SERVER": self.resolver.server,
            **settings,
        }
        done = CliRunner().invoke(main, arguments, env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    def run(self, *arguments: str) -> str:
        done = self.try_(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    def address(self, name: str) -> str:
        return f"{name}@{self.domain}"

    def invited(self, name: str, *options: str) -> str:
        """Invite a person; returns the link that their mail has."""
        self.run("invite", self.slug, self.address(name), *options)
        self.run("worker", "--once")
        return self.post.links_to(self.address(name))[-1]

    def listed(self) -> dict[str, tuple[str, str]]:
        found = json.loads(self.run("invitation", "list", self.slug, "--json"))["data"]
        return {one["email"].partition("@")[0]: (one["state"], one["mail"]) for one in found}

    def secrets_stored(self) -> list[str]:
        database = due.opened(dict(self.server.environment)["SCIM_SEATS_DATABASE_URL"])
        try:
            with database.snapshot() as connection:
                rows = connection.exec_driver_sql("SELECT recipient, CAST(facts AS TEXT) FROM mails").all()
        finally:
            database.close()
        return [row[1] for row in rows if row[0].endswith(self.domain) and "secret" in row[1]]
