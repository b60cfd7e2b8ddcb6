"""The verification of a domain by a real DNS server."""

import json
import re
from uuid import uuid4

from tests.cli.inviting import Inviting
from tests.support.servers.running import Server


def test_a_domain_is_verified_only_by_its_own_dns_record(host: Inviting) -> None:
    name = f"{uuid4().hex}.Example."
    added = json.loads(host.run("domain", "add", host.slug, name, "--json"))
    record = added["record"]

    missing = host.try_("domain", "verify", host.slug, name)
    host.resolver.texts[record["name"]] = ["v=spf1 -all", "scim-seats=of-another"]
    wrong = host.try_("domain", "verify", host.slug, name)
    host.resolver.texts[record["name"]] = ["v=spf1 -all", record["value"]]
    right = json.loads(host.run("domain", "verify", host.slug, name, "--json"))

    assert record["name"] == f"_scim-seats.{name.lower().rstrip('.')}"
    assert re.fullmatch(r"scim-seats=[\w-]{24}", record["value"])
    assert (missing.exit_code, wrong.exit_code) == (1, 1)
    assert "needs the TXT record" in missing.stderr
    assert "it says scim-seats=of-another, v=spf1 -all" in wrong.stderr
    assert right["verified"] is not None


def test_a_domain_is_not_verified_while_the_dns_does_not_answer(host: Inviting) -> None:
    name = f"{uuid4().hex}.example"
    host.run("domain", "add", host.slug, name)
    host.resolver.silent = True

    done = host.try_("domain", "verify", host.slug, name)

    host.resolver.silent = False
    assert done.exit_code == 1
    assert "the DNS does not answer" in done.stderr


def test_a_domain_can_be_verified_by_one_organization_at_a_time(host: Inviting, server: Server) -> None:
    other = server.organization()

    refused = host.try_("domain", "add", other.slug, host.domain, "--verified")
    named = host.run("domain", "add", other.slug, host.domain, "--json")
    host.run("domain", "remove", host.slug, host.domain)
    taken = host.run("domain", "add", other.slug, host.domain, "--verified", "--json")

    assert refused.exit_code == 1
    assert "another organization has already verified" in refused.stderr
    assert json.loads(named)["verified"] is None
    assert json.loads(taken)["verified"] is not None


def test_domains_are_stored_in_the_form_of_the_dns(host: Inviting) -> None:
    name = f"Bücher-{uuid4().hex[:8]}.example"

    added = json.loads(host.run("domain", "add", host.slug, name, "--verified", "--json"))
    host.run("invite", host.slug, f"ada@{name}")

    assert added["domain"].startswith("xn--bcher-")
    for wrong in ("localhost", "a b.example", "-", "x..example", "a@b.example"):
        assert host.try_("domain", "add", host.slug, wrong).exit_code != 0
