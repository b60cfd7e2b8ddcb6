"""Requests for seats at the console: beside the person, approved after a review, or declined."""

from collections.abc import Callable

import httpx
import orjson
import pytest
from sqlalchemy import text

from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.send import Invitees
from scim_server.services.invoicing import queries as invoices
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations import queries as organization_queries
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.services.people import queries as members
from scim_server.services.seat_requests import commands, queries
from scim_server.services.seat_requests.queries import Listed, RequestState
from seat_policy.requests import RequestPolicy
from seat_policy.roles import Role
from tests.api.in_process import PUBLIC_URL
from tests.console.conftest import Found
from tests.console.visiting import OWNER, Place, counted

PRICES = {"standard": "240.00", "premium": "1200.00"}
ADMIN = "admin@example.com"


@pytest.fixture
def place(new_place: Found) -> Place:
    """Three standard seats: of the Owner, an Admin and ada; grace waits."""
    place = new_place({"standard": 3}, prices=PRICES, overflow="queue")
    place.member(ADMIN, Role.ADMIN)
    place.member("ada@example.com")
    assert place.create("grace@example.com") == [201]
    return place


def asked(place: Place, name: str, tier: str | None = None) -> Listed:
    return commands.ask(place.context, f"{name}@example.com", f"{name} needs <b>it</b>", tier)


def tier_of(place: Place, name: str) -> str | None:
    return members.history(place.context, f"{name}@example.com").person.tier


def states(place: Place) -> list[RequestState]:
    return [one.request.state for one in queries.page(place.context).data]


def test_a_request_is_shown_beside_the_person_and_in_the_list_of_all_requests(place: Place) -> None:
    first, second = asked(place, "grace"), asked(place, "ada")
    owner = place.enter()

    assert "2 people ask for a seat or a better tier." in owner.words
    assert "2 ask" not in owner.words
    for address, one in (
        ("/left-out?kind=waiting", first),
        ("/left-out?kind=better", second),
        ("/left-out?kind=asked", first),
        ("/left-out?kind=asked", second),
        (f"/people/{second.request.person}", second),
    ):
        owner.get(address)
        assert f"{one.request.user_name.partition('@')[0]} needs <b>it</b>" in owner.words, address
        assert f"/left-out/requests/{one.reference}/approve" in owner.page, address
    owner.get("/left-out?kind=asked&q=grace")
    assert ("grace needs" in owner.words, "ada needs" in owner.words) == (True, False)
    owner.get("/left-out?kind=asked&wants=premium")
    assert ("grace needs" in owner.words, "ada needs" in owner.words) == (False, True)
    owner.get("/left-out?kind=waiting")
    assert [kind in owner.words for kind in ("Waiting (1)", "Want a better tier (1)", "Asked (2)")] == [
        True
    ] * 3


def test_a_refused_person_asks_beside_the_refusal(new_place: Found) -> None:
    place = new_place({"standard": 1}, prices=PRICES)
    assert place.create("grace@example.com") == [403]
    one = asked(place, "grace")
    owner = place.enter().get("/left-out?kind=refused")
    assert f"/left-out/requests/{one.reference}/approve" in owner.page

    owner.get(f"/left-out/requests/{one.reference}/approve")
    assert "Add 1 standard seat" in owner.words
    owner.post(f"/left-out/requests/{one.reference}/buy", {"confirmation": owner.hidden("confirmation")})

    assert "grace@example.com has a standard seat now." in owner.words
    assert tier_of(place, "grace") == "standard"


def test_an_owner_buys_what_the_review_showed(place: Place) -> None:
    one = asked(place, "ada")
    owner = place.enter().get(f"/left-out/requests/{one.reference}/approve")

    # (1200 - 240) for nine months and 17 of 31 days of twelve months: 80 x (9 + 17/31) = 763.87
    assert "Upgrade 1 standard seat to premium" in owner.words
    assert "Approve and bill 763.87 USD" in owner.words
    assert "People who get the seat that becomes free" not in owner.words
    owner.post(f"/left-out/requests/{one.reference}/buy", {"confirmation": owner.hidden("confirmation")})

    [invoice] = [listed.invoice for listed in invoices.every(place.context).data]
    assert f"ada@example.com has a premium seat now. Invoice {invoice.reference}: 763.87 USD." in owner.words
    assert (tier_of(place, "ada"), owner.path, states(place)) == (
        "premium",
        "/left-out?kind=asked",
        [RequestState.APPROVED],
    )


def test_an_admin_buys_nothing(place: Place) -> None:
    address = f"/left-out/requests/{asked(place, 'grace').reference}"
    admin = place.enter(ADMIN).get(f"{address}/approve")
    assert "An Owner can buy one" in admin.words
    admin.get(f"{address}/decline")

    approved = admin.post(f"{address}/approve").status
    bought = admin.get(f"{address}/decline").post(f"{address}/buy", {"confirmation": "x"}).status

    assert (approved, bought, tier_of(place, "grace")) == (409, 403, None)
    assert states(place) == [RequestState.OPEN]


def test_an_admin_approves_when_a_seat_is_free(place: Place) -> None:
    people.unassign(place.context, "grace@example.com")
    one = asked(place, "grace")
    people.deactivate(place.context, "ada@example.com")
    admin = place.enter(ADMIN).get(f"/left-out/requests/{one.reference}/approve")

    assert "A standard seat is free" in admin.words
    assert "1 asks" in admin.words
    admin.post(f"/left-out/requests/{one.reference}/approve", {"confirmation": admin.hidden("confirmation")})

    assert "grace@example.com has a standard seat now." in admin.words
    assert invoices.every(place.context).data == ()


def test_two_owners_who_approve_at_once_buy_once(place: Place) -> None:
    one = asked(place, "ada")
    address = f"/left-out/requests/{one.reference}"
    first, second = (place.enter().get(f"{address}/approve") for _ in range(2))
    first.post(f"{address}/buy", {"confirmation": first.hidden("confirmation")})

    second.post(f"{address}/buy", {"confirmation": second.hidden("confirmation")})

    assert "is approved already." in second.words
    assert len(invoices.every(place.context).data) == 1


def test_a_review_that_no_longer_fits_buys_nothing_and_shows_the_new_price(
    place: Place, clock: Callable[[str], None]
) -> None:
    one = asked(place, "ada")
    owner = place.enter().get(f"/left-out/requests/{one.reference}/approve")
    given = owner.hidden("confirmation")
    clock("2026-03-16T09:00:00Z")
    owner = place.enter().get(f"/left-out/requests/{one.reference}/decline")

    owner.post(f"/left-out/requests/{one.reference}/buy", {"confirmation": given})

    assert (owner.status, "Something changed since you opened this page" in owner.words) == (409, True)
    assert (states(place), invoices.every(place.context).data) == ([RequestState.OPEN], ())


def test_a_request_is_declined_with_a_reason(place: Place) -> None:
    one = asked(place, "grace")
    admin = place.enter(ADMIN).get(f"/left-out/requests/{one.reference}/decline")
    admin.post(f"/left-out/requests/{one.reference}/decline", {"why": " "})
    assert (admin.status, "Give a reason. The person gets it by mail." in admin.words) == (400, True)

    admin.post(f"/left-out/requests/{one.reference}/decline", {"why": "use the shared seat"})

    assert "The request of grace@example.com was declined." in admin.words
    assert states(place) == [RequestState.DECLINED]
    admin.get(f"/people/{one.request.person}")
    assert "The request of grace@example.com for a seat was declined: use the shared seat" in admin.words


@pytest.mark.parametrize("reference", ["999", "x", "acme-1"])
@pytest.mark.parametrize("act", ["approve", "decline"])
def test_a_request_that_does_not_exist_here_is_not_found(place: Place, reference: str, act: str) -> None:
    owner = place.enter().get(f"/left-out/requests/{reference}/{act}")

    assert owner.status == 404


def test_lists_of_requests_send_as_many_statements_for_many_people_as_for_one(place: Place) -> None:
    owner = place.enter()
    found = []
    for names in (("grace",), [f"person{number}" for number in range(12)]):
        if "grace" not in names:
            place.create(*(f"{name}@example.com" for name in names))
        for name in names:
            asked(place, name)
        owner.get("/left-out?kind=asked")
        for kind in ("asked", "waiting"):
            with counted(place.context.database) as statements:
                owner.get(f"/left-out?kind={kind}")
            found.append(len(statements))

    assert found[:2] == found[2:]


def test_an_owner_sets_what_happens_with_requests(place: Place) -> None:
    owner = place.enter().get("/provisioning")
    form = {"mode": "scim", "overflow": "queue", "seat_requests": "if_free"}
    owner.get("/provisioning/review?" + "&".join(f"{name}={value}" for name, value in form.items()))
    assert "Give a free seat at once" in owner.words

    owner.post("/provisioning", {**form, "confirmation": owner.hidden("confirmation")})

    assert "The settings were saved." in owner.words
    found = organization_queries.show(place.context).organization
    assert found.seat_requests is RequestPolicy.IF_FREE


class Invitee:
    """A browser of an invited person at the page of the invitation."""

    def __init__(self, place: Place, name: str, language: str = "en") -> None:
        address = f"{name}@{place.domain}"
        organizations.configure(place.context, Changes({"allow_invitations": True}))
        invitations.add_domain(place.context, place.domain, verified=True)
        invitations.invite(place.context, Invitees([address], language=language))
        with place.context.database.reader.connect() as connection:
            query = text("SELECT facts FROM mails WHERE organization = :org AND kind = 'invitation'")
            (facts,) = connection.execute(query, {"org": place.context.organization}).scalars()
        secret = (facts if isinstance(facts, dict) else orjson.loads(facts))["secret"]
        self.path, self.address = f"/invitations/{secret}", address
        self.client = httpx.Client(
            transport=httpx.WSGITransport(place.app), base_url=PUBLIC_URL, headers={"Origin": PUBLIC_URL}
        )

    def get(self) -> httpx.Response:
        return self.client.get(self.path)

    def accept(self) -> httpx.Response:
        return self.client.post(self.path)

    def ask(self, reason: str, **headers: str) -> httpx.Response:
        return self.client.post(f"{self.path}/request", data={"reason": reason}, headers=headers)


def test_an_invitee_without_a_seat_asks_on_the_page_of_the_invitation(new_place: Found) -> None:
    place = new_place({"standard": 2}, prices=PRICES, overflow="queue")
    ada = Invitee(place, "ada")
    early = ada.ask("before accepting")
    assert "You can sign in as usual." in ada.accept().text
    seated = ada.ask("with a seat")
    people.unassign(place.context, ada.address)
    assert "Why do you need a seat?" in ada.get().text

    empty, sent, again = ada.ask("  "), ada.ask("I <i>work</i> here"), ada.ask("once more")

    assert (early.status_code, seated.status_code) == (404, 200)
    assert "Why do you need a seat?" not in seated.text
    assert (empty.status_code, "at most 500 characters" in empty.text) == (400, True)
    assert "I &lt;i&gt;work&lt;/i&gt; here" in sent.text
    assert "You get the answer by mail." in sent.text
    assert "<textarea" not in sent.text
    assert again.text == sent.text
    (one,) = queries.page(place.context).data
    assert (one.request.reason, one.request.actor, one.request.way_in) == (
        "I <i>work</i> here",
        "invitee",
        "invitation",
    )
    commands.decline(place.context, str(one.reference), "no budget")
    assert ("no budget" in ada.get().text, "<textarea" in ada.get().text) == (True, True)


def test_another_site_or_another_token_asks_for_nobody(new_place: Found) -> None:
    place = new_place({"standard": 2}, prices=PRICES, overflow="queue")
    ada = Invitee(place, "ada", "es")
    ada.accept()
    people.unassign(place.context, ada.address)

    foreign = ada.ask("why", Origin="https://evil.example")
    ada.path = ada.path[:-1] + ("A" if ada.path[-1] != "A" else "B")
    guessed = ada.ask("why")

    assert (foreign.status_code, guessed.status_code) == (403, 404)
    assert queries.page(place.context).data == ()


def test_the_page_is_in_the_language_of_the_invitation(new_place: Found) -> None:
    place = new_place({"standard": 2}, prices=PRICES, overflow="queue")
    ada = Invitee(place, "ada", "es")
    ada.accept()
    people.unassign(place.context, ada.address)

    assert "¿Para qué necesita un asiento?" in ada.get().text
    assert "Recibirá la respuesta por correo." in ada.ask("un proyecto").text
    (one,) = queries.page(place.context).data
    commands.decline(place.context, str(one.reference), "no hay presupuesto")
    with place.context.database.reader.connect() as connection:
        query = text(
            "SELECT recipient, language FROM mails WHERE organization = :org AND kind = 'seat_request'"
        )
        assert connection.execute(query, {"org": place.context.organization}).all() == [(ada.address, "es")]


def test_the_owner_sees_who_a_waiting_person_passes_and_undoes_it_exactly(place: Place) -> None:
    assert place.create("hugo@example.com", "ivy@example.com") == [201, 201]
    ivy = members.history(place.context, "ivy@example.com").person
    owner = place.enter().get("/left-out?kind=waiting")
    assert f"/people/{ivy.id}/priority" in owner.page

    owner.get(f"/people/{ivy.id}/priority?priority=50")
    assert "has the place 1 in the queue, not 3." in owner.words
    assert "Passes 2 people grace@example.com hugo@example.com" in owner.words
    form = {name: owner.hidden(name) for name in ("priority", "confirmation")}
    owner.post(f"/people/{ivy.id}/priority", form)

    assert "ivy@example.com has the place 1 in the queue now." in owner.words
    assert owner.words.index("ivy@example.com", owner.words.index("Priority")) < owner.words.index("hugo@")
    owner.post(f"/people/{ivy.id}/priority", {"priority": owner.hidden("priority")})
    after = members.history(place.context, "ivy@example.com").person
    assert (after.priority, after.prioritised, after.seat) == (100, False, ivy.seat)


@pytest.mark.parametrize("given", ["0", "1001", "-5", "x", "99999999999", "1.5"])
def test_a_priority_that_makes_no_sense_is_refused(place: Place, given: str) -> None:
    grace = members.history(place.context, "grace@example.com").person
    owner = place.enter().get(f"/people/{grace.id}/priority?priority={given}")

    assert (owner.status, "A priority is a whole number from 1 to 1000" in owner.words) == (400, True)
    owner.post(f"/people/{grace.id}/priority", {"priority": given})
    assert members.history(place.context, "grace@example.com").person.priority == 100


def test_a_person_who_does_not_wait_has_no_priority_to_change(place: Place) -> None:
    owner_id = members.history(place.context, OWNER).person.id
    owner = place.enter().get(f"/people/{owner_id}/priority?priority=50")

    assert "does not wait for a seat." in owner.words
