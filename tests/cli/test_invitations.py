"""Invitations by the operator's commands, with a real mail server."""

import json
import re
import signal
import subprocess
import time
from uuid import uuid4

import httpx
import pytest

from tests.cli.inviting import Inviting
from tests.support.servers.running import SCIM_SEATS


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
    assert mail.startswith("failed, will be tried again: 451 later please")
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
    assert host.listed()["ada"][1].startswith("failed, will be tried again: ConnectionRefusedError")


def test_missing_seats_are_reported_with_their_price(host: Inviting) -> None:
    host.run("contract", "set", host.slug, "--price", "standard=20.00", "--price", "premium=100.00")
    addresses = ",\n".join(host.address(f"p{number}") for number in range(5))

    done = host.try_("invite", host.slug, addresses, "--json")

    assert done.exit_code == 1
    assert (
        "2 more standard seats are needed, for 480.00 USD now (free seats: 3). Add them with: " in done.stderr
    )
    shortfall = json.loads(done.stdout)["shortfall"]
    assert (shortfall["tier"], shortfall["missing"], shortfall["free"]) == ("standard", 2, 3)
    assert shortfall["price"]["total"] == {"amount": "480.00", "currency": "USD"}
    assert host.listed() == {}


def test_an_invitation_can_be_listed_resent_and_revoked(host: Inviting) -> None:
    first = host.invited("ada")

    again = json.loads(host.run("invitation", "resend", host.slug, host.address("ada"), "--json"))
    host.run("worker", "--once")
    second = host.post.links_to(host.address("ada"))[-1]
    looked = [httpx.get(link, trust_env=False, verify=False).status_code for link in (first, second)]
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
    words = "The worker sends the mail. SCIM_SEATS_SMTP_URL is not set in this shell. Make sure"
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
