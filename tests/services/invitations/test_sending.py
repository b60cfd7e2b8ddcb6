"""Sending invitations: held seats, missing seats, and the people who can be invited."""

import pytest

from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.accept import CannotAcceptNow
from scim_server.services.invitations.send import Invitees
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as members
from scim_server.store.database.session import OPERATOR, Database
from tests.support.builders.customer import PRICES, terms
from tests.support.builders.inviting import Host, sent, shortfall


def test_several_invitees_get_held_seats_from_the_highest_tier_down(database: Database) -> None:
    host = Host(database, {"standard": 2, "premium": 1})
    names = ("ada", "grace", "kay")

    text_ = ", ".join(map(host.address, names[:2])) + "\n" + host.address("kay") + "\n" + host.address("ADA")
    letters = sent(invitations.invite(Context(database, host.id, OPERATOR), Invitees([text_])))

    assert [one.held for one in letters] == ["premium", "standard", "standard"]
    assert len(host.rows("SELECT id FROM mails")) == 3
    host.recount()


def test_with_too_few_seats_no_invitation_is_sent_and_the_price_is_reported(database: Database) -> None:
    host = Host(database, {"standard": 2}, terms=terms())
    before = host.everything()

    refused = shortfall(host.ask_to_invite("ada", "grace", "kay", "joan"))

    assert (refused.short.missing, refused.short.tier) == (2, "standard")
    assert refused.bill is not None
    assert str(refused.bill.total) == "400.00"
    assert host.everything() == before


@pytest.mark.parametrize("tier", [None, "standard"])
def test_the_reported_missing_seats_suffice_when_people_wait(database: Database, tier: str | None) -> None:
    host = Host(database, {"standard": 1}, terms=terms())
    assert host.provision("a", "b", "c") == ["standard", "waiting", "waiting"]

    refused = shortfall(host.ask_to_invite("ada", tier=tier), "3 more standard seats are needed")
    host.buy(standard=2)
    shortfall(host.ask_to_invite("ada", tier=tier), "1 more standard seat is needed")
    host.buy(standard=1)
    host.invite("ada", tier=tier)

    assert "for 600.00 USD now (free seats: 0; waiting people who get seats first: 2)" in refused.detail
    assert host.whereabouts("a", "b", "c") == ["standard"] * 3
    assert host.invited() == {"ada": ("pending", "standard")}
    host.recount()


def test_if_the_lowest_tier_has_no_price_the_shortfall_names_a_priced_tier(database: Database) -> None:
    host = Host(database, {"standard": 0, "premium": 0}, terms=terms(prices={"premium": PRICES["premium"]}))

    shortfall(host.ask_to_invite("ada"), "1 more premium seat is needed")
    host.buy(premium=1)

    assert host.invite("ada")[0].held == "premium"


def test_an_invitation_holds_a_seat_of_the_requested_tier(database: Database) -> None:
    host = Host(database, {"standard": 1, "premium": 1})

    host.invite("ada", tier="standard")

    assert host.pool() == {"standard": (1, 0, 1), "premium": (1, 0, 0)}
    shortfall(host.ask_to_invite("grace", tier="standard"))
    host.recount()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("seated",), "is already a member"),
        (("waiting",), "already a member and waits for a seat"),
        (("none",), "already a member without a seat"),
        (("pending",), "is already invited"),
        (("new", "seated"), "is already a member"),
    ],
)
def test_an_existing_or_already_invited_person_cannot_be_invited(
    database: Database, names: tuple[str, ...], said: str
) -> None:
    host = Host(database, {"standard": 3, "premium": 0})
    for name in ("seated", "none"):
        host.provision_person(name)
    members.unassign(Context(database, host.id, OPERATOR), host.address("none"))
    host.invite("pending", tier="standard")
    host.invite("filler", tier="standard")
    host.provision_person("waiting")
    before = host.everything()

    with pytest.raises(ServiceError, match=said):
        host.invite(*names)

    assert host.everything() == before
    host.recount()


@pytest.mark.parametrize(
    "text_", ["ada@elsewhere.example", "ada", "ada@", "@x.example", "a b@x", "ada@x\r\nBcc: y"]
)
def test_only_addresses_in_verified_domains_are_invited(database: Database, text_: str) -> None:
    host = Host(database, {"standard": 3})
    before = host.everything()

    with pytest.raises(ServiceError):
        invitations.invite(Context(database, host.id, OPERATOR), Invitees([text_]))

    assert host.everything() == before


def test_in_the_mode_scim_inviting_must_be_allowed(database: Database) -> None:
    host = Host(database, {"standard": 3}, allowed=False)

    with pytest.raises(ServiceError, match="do not allow invitations"):
        host.invite("ada")
    organizations.configure(Context(database, host.id, OPERATOR), Changes({"mode": "manual"}))

    assert host.invite("ada")[0].held == "standard"


def test_a_suspended_organization_neither_invites_nor_admits_people(database: Database) -> None:
    host = Host(database, {"standard": 3})
    host.invite("ada")
    token = host.token("ada")
    organizations.suspend(Context(database, host.id, OPERATOR))
    before = host.everything()

    with pytest.raises(ServiceError, match="suspended"):
        host.invite("grace")
    with pytest.raises(CannotAcceptNow, match="suspended"):
        invitations.accept(database, token)
    assert host.provision_person("kay") == "refused"
    with pytest.raises(ServiceError):
        invitations.resend(Context(database, host.id, OPERATOR), host.address("ada"))

    assert host.everything()[1:4] == before[1:4]
    organizations.resume(Context(database, host.id, OPERATOR))
    host.accept("ada")
    host.recount()


def test_outside_the_contract_no_person_is_invited_or_admitted(database: Database) -> None:
    host = Host(database, {"standard": 3}, today="2026-12-20", terms=terms(auto_renew=False))
    host.invite("ada")

    host.today = "2027-01-01T00:00:00"

    with pytest.raises(CannotAcceptNow, match="contract ended"):
        host.accept("ada")
    with pytest.raises(ServiceError, match="contract ended"):
        host.invite("grace")
    host.recount()
