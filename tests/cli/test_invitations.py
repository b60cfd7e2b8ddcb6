"""From the verification of a domain to the button on the page: real DNS, mail, server and commands."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner, Result

from scim_server.cli import main
from scim_server.services.billing import due
from tests.support.servers.dns_and_smtp import Dns, Post, dns_server, post_office
from tests.support.servers.running import SCIM_SEATS, Organization, Server

FORM = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def resolver() -> Iterator[Dns]:
    with dns_server() as running:
        yield running


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    with post_office() as running:
        yield running


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


@pytest.fixture
def host(server: Server, resolver: Dns, post: Post) -> Inviting:
    return Inviting(server, resolver, post)


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
    assert "verified by another organization" in refused.stderr
    assert json.loads(named)["verified"] is None
    assert json.loads(taken)["verified"] is not None


def test_domains_are_stored_in_the_form_of_the_dns(host: Inviting) -> None:
    name = f"Bücher-{uuid4().hex[:8]}.example"

    added = json.loads(host.run("domain", "add", host.slug, name, "--verified", "--json"))
    host.run("invite", host.slug, f"ada@{name}")

    assert added["domain"].startswith("xn--bcher-")
    for wrong in ("localhost", "a b.example", "-", "x..example", "a@b.example"):
        assert host.try_("domain", "add", host.slug, wrong).exit_code != 0


@pytest.mark.parametrize(("language", "subject"), [("en", "You are invited to"), ("es", "Invitación a")])
def test_an_invitation_is_mailed_and_its_secret_is_deleted(
    host: Inviting, language: str, subject: str
) -> None:
    link = host.invited("ada", "--language", language, "--role", "admin")

    mail = host.post.received[-1]
    assert (mail["From"], mail["To"]) == ("Acme <seats@example.com>", host.address("ada"))
    assert mail["Subject"] == f"{subject} {host.slug}"
    assert re.fullmatch(rf"{host.server.url}/invitations/{host.slug}\.[\w-]{{43}}", link)
    assert host.secrets_stored() == []
    assert host.listed() == {"ada": ("pending", "sent")}


def test_a_temporarily_refused_mail_is_tried_again_later(host: Inviting) -> None:
    host.post.refuse = "451 later please, LINK"

    host.run("invite", host.slug, host.address("ada"))
    host.run("worker", "--once")
    host.run("worker", "--once")

    ((state, mail),) = host.listed().values()
    assert state == "pending"
    assert mail.startswith("tried again: 451 later please")
    assert len(host.secrets_stored()) == 1
    assert f"{host.slug}." not in mail


def test_a_permanently_refused_mail_is_not_tried_again(host: Inviting) -> None:
    host.post.refuse = "550 no such person"

    host.run("invite", host.slug, host.address("ada"))
    host.run("worker", "--once")

    assert host.listed() == {"ada": ("pending", "failed: 550 no such person")}
    assert host.secrets_stored() == []


def test_mail_waits_while_the_mail_server_cannot_be_reached(host: Inviting) -> None:
    host.run("invite", host.slug, host.address("ada"))

    done = host.try_("worker", "--once", SCIM_SEATS_SMTP_URL="smtp://user:very-secret@127.0.0.1:1")

    assert done.exit_code == 0
    assert "very-secret" not in done.output + done.stderr
    assert host.listed()["ada"][1].startswith("tried again: ConnectionRefusedError")


def test_opening_the_page_changes_nothing_and_its_button_accepts(host: Inviting) -> None:
    link = host.invited("ada", "--role", "admin")

    looked = [httpx.get(link, trust_env=False) for _ in range(2)]
    before = host.listed()
    accepted = [httpx.post(link, headers=FORM, trust_env=False) for _ in range(2)]

    assert [page.status_code for page in looked + accepted] == [200] * 4
    assert f"You are invited to {host.slug}" in looked[0].text
    assert "as an Admin" in looked[0].text
    assert "<button>Accept the invitation</button>" in looked[0].text
    assert before["ada"][0] == "pending"
    assert f"Welcome to {host.slug}" in accepted[0].text
    assert accepted[0].text == accepted[1].text
    (person,) = json.loads(host.run("people", "list", host.slug, "--json"))["data"]
    assert (person["user_name"], person["role"], person["tier"], person["way_in"]) == (
        host.address("ada"),
        "admin",
        "premium",
        "invitation",
    )
    assert json.loads(host.run("db", "check", "--json"))["problems"] == []


def test_the_pages_security_policy_allows_only_its_form(host: Inviting) -> None:
    page = httpx.get(host.invited("ada"), trust_env=False)

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "<script" not in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_another_site_cannot_accept_an_invitation(
    host: Inviting, headers: dict[str, str]
) -> None:
    link = host.invited("ada")

    page = httpx.post(link, headers=headers, trust_env=False)

    assert page.status_code == 403
    assert host.listed()["ada"][0] == "pending"
    own = {"Origin": host.server.url}
    assert httpx.post(link, headers=own, trust_env=False).status_code == 200


def brought(host: Inviting, name: str) -> str:
    """The id of a person whom the provider creates."""
    with host.organization.client() as provider:
        created = provider.post("/Users", json={"userName": host.address(name)})
    assert created.status_code == 201, created.text
    return str(created.json()["id"])


def sent(host: Inviting, person: str, **values: object) -> None:
    """Change a person as their provider does; without changes, delete them."""
    with host.organization.client() as provider:
        if values:
            operation = {"op": "replace", "value": values}
            answer = provider.patch(f"/Users/{person}", json={"Operations": [operation]})
        else:
            answer = provider.delete(f"/Users/{person}")
    assert answer.is_success, answer.text


@pytest.mark.parametrize(
    ("language", "values", "said"),
    [
        ("en", {"active": False}, ("was deactivated", "send the invitation again")),
        ("en", {}, ("was removed", "send the invitation again")),
        ("en", {"userName": "other@example.com"}, ("has another address", "can no longer be accepted")),
        ("es", {"active": False}, ("se ha desactivado", "la invitación de nuevo")),
    ],
)
def test_the_page_explains_why_a_taken_over_invitation_cannot_be_accepted(
    host: Inviting, language: str, values: dict[str, object], said: tuple[str, str]
) -> None:
    link = host.invited("ada", "--role", "admin", "--language", language)
    sent(host, brought(host, "ada"), **values)

    page = httpx.post(link, headers=FORM, trust_env=False)

    assert page.status_code == 409
    assert all(words in page.text for words in said)


def test_an_invitation_of_an_inactive_person_is_resent_and_holds_a_seat(host: Inviting) -> None:
    host.invited("ada", "--role", "admin")
    sent(host, brought(host, "ada"), active=False)

    again = json.loads(host.run("invitation", "resend", host.slug, host.address("ada"), "--json"))
    host.run("worker", "--once")
    page = httpx.post(host.post.links_to(host.address("ada"))[-1], headers=FORM, trust_env=False)

    assert again["held"] == "premium"
    assert page.status_code == 200
    assert "as an Admin" in page.text
    assert "You can sign in as usual" in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "You do not have a seat, so you cannot sign in yet. Ask an Admin"), ("es", "Está sin asiento")],
)
def test_the_page_warns_an_invitee_without_a_seat_that_they_cannot_sign_in(
    host: Inviting, language: str, said: str
) -> None:
    link = host.invited("ada", "--role", "admin", "--language", language)
    person = brought(host, "ada")
    host.run("people", "unassign", host.slug, host.address("ada"), "--yes")

    pages = [httpx.post(link, headers=FORM, trust_env=False), httpx.get(link, trust_env=False)]
    sent(host, person)
    afterwards = httpx.get(link, trust_env=False)

    assert [page.status_code for page in pages] == [200, 200]
    assert all(said in page.text for page in pages)
    assert pages[0].text == pages[1].text
    assert f"{host.address('ada')} " in afterwards.text
    assert "Welcome" not in afterwards.text


def test_every_link_without_an_open_invitation_gives_the_same_404_page(host: Inviting) -> None:
    link = host.invited("ada")
    host.run("invitation", "revoke", host.slug, host.address("ada"), "--yes")
    links = [link, link[:-1], f"{host.server.url}/invitations/x", f"{host.server.url}/invitations/a.b%00c"]

    pages = [httpx.get(one, trust_env=False) for one in links]
    pages += [httpx.post(one, headers=FORM, trust_env=False) for one in links]

    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert "This invitation is not open" in pages[0].text


def test_no_log_contains_the_link(host: Inviting) -> None:
    link = host.invited("ada")
    httpx.get(link, trust_env=False)
    httpx.get(link + "/more", trust_env=False)
    httpx.post(link, headers=FORM, trust_env=False)

    log = (host.server.folder / "stderr.txt").read_text()

    assert "/invitations/..." in log
    assert link.rpartition(".")[2] not in log


def test_missing_seats_are_reported_with_their_price(host: Inviting) -> None:
    host.run("contract", "set", host.slug, "--price", "standard=20.00", "--price", "premium=100.00")
    addresses = ",\n".join(host.address(f"p{number}") for number in range(5))

    done = host.try_("invite", host.slug, addresses, "--json")

    assert done.exit_code == 1
    assert "2 more standard seats are needed (3 free), 480.00 USD now; add them: " in done.stderr
    shortfall = json.loads(done.stdout)["shortfall"]
    assert (shortfall["tier"], shortfall["missing"], shortfall["free"]) == ("standard", 2, 3)
    assert shortfall["price"]["total"] == {"amount": "480.00", "currency": "USD"}
    assert host.listed() == {}


def test_an_invitation_can_be_listed_resent_and_revoked(host: Inviting) -> None:
    first = host.invited("ada")

    again = json.loads(host.run("invitation", "resend", host.slug, host.address("ada"), "--json"))
    host.run("worker", "--once")
    second = host.post.links_to(host.address("ada"))[-1]
    looked = [httpx.get(link, trust_env=False).status_code for link in (first, second)]
    back = json.loads(host.run("invitation", "revoke", host.slug, host.address("ada"), "--yes", "--json"))

    assert looked == [404, 200]
    assert (again["state"], back["state"], back["held"]) == ("pending", "revoked", None)
    assert "No invitations." in host.run("invitation", "list", host.slug, "--state", "pending")


def test_without_a_mail_server_setting_the_output_says_that_the_worker_sends_mail(host: Inviting) -> None:
    """The hint does not say that mail cannot be sent, because the server may have the setting."""
    lines = [
        host.try_("invite", host.slug, host.address("ada"), SCIM_SEATS_SMTP_URL=""),
        host.try_("invitation", "resend", host.slug, host.address("ada"), SCIM_SEATS_SMTP_URL=""),
        host.try_("invitation", "resend", host.slug, host.address("ada")),
    ]

    assert [one.exit_code for one in lines] == [0, 0, 0]
    words = "The worker sends the mail. SCIM_SEATS_SMTP_URL is not set in this shell: make sure"
    assert [words in one.stderr for one in lines] == [True, True, False]


def test_a_worker_runs_until_it_receives_a_signal(host: Inviting) -> None:
    environment = {**host.server.environment, "SCIM_SEATS_SMTP_URL": host.post.url}
    worker = subprocess.Popen([SCIM_SEATS, "worker"], env=environment, stderr=subprocess.DEVNULL)
    host.run("invite", host.slug, host.address("ada"))
    deadline = time.monotonic() + 20
    while not host.post.links_to(host.address("ada")) and time.monotonic() < deadline:
        time.sleep(0.1)
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(20) == 0
    assert len(host.post.links_to(host.address("ada"))) == 1


@pytest.mark.parametrize(
    ("language", "subject", "role"),
    [
        ("en", "You are invited to", "as its Primary Owner"),
        ("es", "Invitación a", "como propietario principal"),
    ],
)
def test_the_first_primary_owner_joins_by_the_link_in_their_mail(
    host: Inviting, language: str, subject: str, role: str
) -> None:
    slug, address = f"o{uuid4().hex}", f"boss@{uuid4().hex}.example"
    host.run("org", "create", slug, "--seats", "standard=5", "--owner", address, "--language", language)
    host.run("worker", "--once")
    (link,) = host.post.links_to(address)

    page = httpx.get(link, trust_env=False)
    joined = httpx.post(link, headers=FORM, trust_env=False)

    assert host.post.received[-1]["Subject"] == f"{subject} {slug}"
    assert (page.status_code, joined.status_code) == (200, 200)
    assert all(role in html for html in (page.text, joined.text))
    shown = json.loads(host.run("people", "list", slug, "--json"))["data"]
    assert [(one["user_name"], one["role"], one["tier"]) for one in shown] == [
        (address, "primary_owner", "standard")
    ]


def test_after_a_revoked_invitation_another_primary_owner_can_be_invited(host: Inviting) -> None:
    slug = f"o{uuid4().hex}"
    host.run("org", "create", slug, "--seats", "standard=5", "--owner", "wrong@x.example")

    second = host.try_("invite", slug, "right@y.example", "--role", "primary_owner")
    host.run("invitation", "revoke", slug, "wrong@x.example", "--yes")
    many = host.try_("invite", slug, "a@y.example", "b@y.example", "--role", "primary_owner")
    host.run("invite", slug, "right@y.example", "--role", "primary_owner")

    assert (second.exit_code, many.exit_code) == (1, 2)
    assert "already invited as Primary Owner" in second.stderr


def test_owners_receive_alerts_by_smtp(host: Inviting) -> None:
    slug = f"o{uuid4().hex}"
    host.run("org", "create", slug, "--seats", "standard=1", "--owner", f"{slug}@x.example", "--active")

    host.run("worker", "--once")

    (mail,) = (one for one in host.post.received if one["To"] == f"{slug}@x.example")
    text = mail.get_body(("plain",))
    assert text is not None
    assert mail["Subject"] == f"{slug}: no standard seat is free"
    assert f"scim-seats seats add {slug} standard=5" in text.get_content()
