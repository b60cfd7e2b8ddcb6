"""Invitations: many at once or none, with the price of missing seats; resent, revoked, found and listed."""

from collections.abc import Callable, Iterator

import pytest

from scim_server.services.invitations import commands, queries
from scim_server.services.invitations.send import Invitees
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from seat_policy.invitations import State
from seat_policy.roles import Role
from tests.console.conftest import Found
from tests.console.visiting import Place, Visit, counted

PRICES = {"standard": "240.00"}
ADDRESSES = "ada@invited.example, grace@invited.example\nalan@invited.example"


@pytest.fixture
def place(new_place: Found) -> Iterator[Place]:
    """An organization that invites, with three free seats."""
    place = new_place({"standard": 4}, prices=PRICES, overflow="queue")
    organizations.configure(place.context, Changes({"allow_invitations": True}))
    commands.add_domain(place.context, "invited.example", verified=True)
    yield place
    # Only one organization can have the domain.
    commands.remove_domain(place.context, "invited.example")


def _invite(place: Place, addresses: str, **fields: str) -> Visit:
    owner = place.enter().get("/invitations/new")
    return owner.post("/invitations", {"addresses": addresses, "role": "user", **fields})


def _states(place: Place) -> dict[str, State]:
    return {one.invitation.email: one.state for one in queries.every(place.context)}


def test_many_are_invited_at_once(place: Place) -> None:
    owner = _invite(place, ADDRESSES, role="admin", language="es")

    assert "3 people were invited." in owner.words
    assert owner.path == "/invitations?state=pending"
    assert _states(place) == dict.fromkeys(
        ("ada@invited.example", "grace@invited.example", "alan@invited.example"), State.PENDING
    )
    assert {(one.invitation.role, one.invitation.language) for one in queries.every(place.context)} == {
        ("admin", "es")
    }


def test_with_too_few_seats_nothing_is_sent_and_the_price_is_shown_and_the_text_is_kept(place: Place) -> None:
    owner = _invite(place, f"{ADDRESSES} tim@invited.example frances@invited.example")

    # 2 x 240.00 x (9 months + 17 of 31 days) / 12 = 381.94
    assert owner.status == 409
    assert (
        "Nothing was sent, because 2 standard seats are missing. They cost 381.94 USD today." in owner.words
    )
    assert "tim@invited.example frances@invited.example" in owner.words
    assert _states(place) == {}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"addresses": "ada"}, "is not an e-mail address"),
        ({"addresses": "ada@other.org"}, "is not a verified domain"),
        ({"addresses": " "}, "give 1 to 5000 addresses"),
        ({"role": "primary_owner"}, "Choose one of the roles."),
        ({"tier": "gold"}, "no tier 'gold'"),
        ({"language": "xx"}, "The language must be one of"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    place: Place, fields: dict[str, str], said: str
) -> None:
    owner = _invite(place, **{"addresses": "ada@invited.example", **fields})

    assert owner.status == 400
    assert said.lower() in owner.words.lower()
    assert _states(place) == {}


def test_an_invitation_is_resent_and_revoked_with_what_it_frees(
    place: Place, clock: Callable[[str], None]
) -> None:
    (ada,) = _sent(place, "ada@invited.example")
    assert place.create("p1@invited.example", "p2@invited.example", "grace@invited.example") == [
        201,
        201,
        201,
    ]
    clock("2026-03-16T09:00:00Z")
    owner = place.enter().get("/invitations")

    owner.post("/invitations/resend", {"id": ada})
    assert "ada@invited.example is invited again, until 2026-04-06 09:00 UTC." in owner.words
    owner.get(f"/invitations/revoke?id={ada}")
    assert (
        "Its standard seat is free again. grace@invited.example waits and gets a standard seat."
        in owner.words
    )
    owner.post("/invitations/revoke", {"id": ada})

    assert "was revoked. grace@invited.example got a standard seat." in owner.words
    assert _states(place) == {"ada@invited.example": State.REVOKED}
    owner.post("/invitations/revoke", {"id": ada})
    assert "is not pending" in owner.words


def _sent(place: Place, *addresses: str, role: Role = Role.USER) -> list[str]:
    sent = commands.invite(place.context, Invitees(addresses, role))
    assert isinstance(sent, list)
    return [one.id for one in sent]


def test_the_list_counts_searches_and_filters_and_an_expired_invitation_is_expired(
    place: Place, clock: Callable[[str], None]
) -> None:
    _sent(place, "ada@invited.example", "grace@invited.example")
    clock("2026-04-06T09:00:00Z")
    _sent(place, "alan@invited.example")
    owner = place.enter()

    every = owner.get("/invitations").words
    expired = owner.get("/invitations?state=expired&q=ADA").words

    assert "All (3) Pending (1) Accepted (0) Expired (2) Revoked (0)" in every
    assert ("ada@invited.example" in expired, "grace@invited.example" in expired) == (True, False)
    assert "1 to 1 of 1" in expired
    table = owner.get("/invitations.csv?state=expired").page.removeprefix("\ufeff").splitlines()
    assert [line.split(",")[0] for line in table] == [
        "address",
        "grace@invited.example",
        "ada@invited.example",
    ]
    assert "No invitation matches." in owner.get("/invitations?q=nobody").words


def test_the_page_says_that_the_mode_does_not_invite_and_where_to_change_it(new_place: Found) -> None:
    place = new_place({"standard": 3})
    owner, admin = place.enter(), place.enter(place.member("ada@invited.example", Role.ADMIN))

    assert "Change it in Provisioning" in owner.get("/invitations").words
    assert "An Owner can change it in Provisioning." in admin.get("/invitations").words
    owner.get("/invitations/new").post("/invitations", {"addresses": "x@invited.example", "role": "user"})
    assert (owner.status, "do not allow invitations" in owner.words) == (400, True)


def test_an_admin_invites_users_and_admins_but_no_owner(place: Place) -> None:
    admin = place.enter(place.member("admin@invited.example", Role.ADMIN))
    admin.get("/invitations/new")
    assert 'value="owner"' not in admin.page

    admin.post("/invitations", {"addresses": "own@invited.example", "role": "owner"})
    refused = (admin.status, "an Admin cannot make a person an Owner" in admin.words.replace("An A", "an A"))
    admin.get("/invitations/new").post("/invitations", {"addresses": "ada@invited.example", "role": "admin"})

    assert (refused, _states(place)) == ((400, True), {"ada@invited.example": State.PENDING})


def test_an_admin_neither_revokes_nor_resends_the_invitation_of_an_owner(place: Place) -> None:
    (new,) = _sent(place, "own@invited.example", role=Role.OWNER)
    admin = place.enter(place.member("admin@invited.example", Role.ADMIN)).get("/invitations")

    said = [admin.post(f"/invitations/{act}", {"id": new}).words for act in ("revoke", "resend")]

    assert ["An Admin cannot" in one for one in said] == [True, True]
    assert _states(place) == {"own@invited.example": State.PENDING}


def test_ids_that_do_not_exist_here_are_not_found(place: Place, new_place: Found) -> None:
    (ada,) = _sent(place, "ada@invited.example")
    owner = new_place({"standard": 2}).enter().get("/invitations")

    assert owner.get(f"/invitations/revoke?id={ada}").status == 404
    for action in ("revoke", "resend"):
        assert owner.get("/invitations").post(f"/invitations/{action}", {"id": ada}).status == 404
    assert _states(place) == {"ada@invited.example": State.PENDING}


def test_a_page_takes_the_same_number_of_statements_with_more_invitations(place: Place) -> None:
    owner = place.enter()
    _sent(place, "a0@invited.example")
    with counted(place.context.database) as few:
        owner.get("/invitations")
    _sent(place, "a1@invited.example", "a2@invited.example")
    with counted(place.context.database) as many:
        owner.get("/invitations")

    assert (owner.status, len(few)) == (200, len(many))
