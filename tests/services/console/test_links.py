"""To which address a sign-in link is sent, and to which it is not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from scim_server.services.console import commands
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.send import Invitees
from scim_server.services.organizations import commands as organizations
from scim_server.services.people import commands as people
from scim_server.store.rows.mails import SECRET
from seat_policy.roles import Role
from tests.api.wire import PATCH_OP
from tests.console.visiting import OWNER, Place


@pytest.fixture
def place(new_place: Callable[..., Place]) -> Place:
    """An organization with free seats, a Primary Owner, and an Admin in a domain that nobody verified."""
    made = new_place({"standard": 9})
    made.member(f"ada@{made.domain}", Role.ADMIN)
    return made


def mailed(place: Place, address: str) -> list[Any]:
    """The sign-in mails to an address, after its owner asked for one: recipient and facts."""
    commands.mail_link(place.context, address, "en")
    query = text(
        "SELECT recipient, facts FROM mails WHERE organization = :here AND kind = 'sign_in' ORDER BY id"
    )
    with place.context.read() as read:
        rows = read.connection.execute(query, {"here": place.context.organization}).all()
    return [(row[0], json.loads(row[1]) if isinstance(row[1], str) else row[1]) for row in rows]


def test_the_primary_owner_gets_a_link_that_signs_in(place: Place) -> None:
    [(recipient, facts)] = mailed(place, OWNER.upper())

    owner = place.stranger().post(f"/console/{place.slug}/sign-in/{facts[SECRET]}")

    assert recipient == OWNER.upper()
    assert (owner.status, owner.path) == (200, "")


def test_a_second_link_within_a_minute_is_not_sent(place: Place, clock: Callable[[str], None]) -> None:
    first, second = len(mailed(place, OWNER)), len(mailed(place, OWNER))
    clock("2026-03-15T09:01:01Z")

    assert (first, second, len(mailed(place, OWNER))) == (1, 1, 2)


def test_a_user_name_counts_only_in_a_verified_domain(place: Place) -> None:
    admin = f"ada@{place.domain}"
    before = mailed(place, admin)
    invitations.add_domain(place.context, place.domain, verified=True)

    assert (before, [recipient for recipient, _ in mailed(place, admin)]) == ([], [admin])


def test_a_person_whose_provider_wrote_the_address_of_the_owner_gets_no_link(place: Place) -> None:
    invitations.add_domain(place.context, place.domain, verified=True)
    address = f"boss@{place.domain}"
    with place.provider() as provider:
        body = {"userName": "eve@evil.example", "emails": [{"value": address, "primary": True}]}
        assert provider.post("/Users", json=body).status_code == 201
    people.set_role(place.context, "eve@evil.example", Role.ADMIN)

    assert mailed(place, address) == []


def test_two_people_who_have_proved_one_address_get_no_link(place: Place) -> None:
    address, renamed = f"new@{place.domain}", f"newer@{place.domain}"
    organizations.configure(place.context, organizations.Changes({"allow_invitations": True}))
    invitations.add_domain(place.context, place.domain, verified=True)
    invitations.invite(place.context, Invitees([address], role=Role.ADMIN))
    place.enter(address)
    with place.provider() as provider:
        found = provider.get("/Users", params={"filter": f'userName eq "{address}"'}).json()
        path = f"/Users/{found['Resources'][0]['id']}"
        change = {"op": "replace", "path": "userName", "value": renamed}
        assert provider.patch(path, json={"schemas": [PATCH_OP], "Operations": [change]}).status_code == 200
    alone = [recipient for recipient, _ in mailed(place, address)]

    place.member(address, Role.ADMIN)

    assert alone == [address]
    assert len(mailed(place, address)) == 1


@pytest.mark.parametrize("name", ["nobody@{}", "", "no address", "x" * 5_000, "user@{}"])
def test_everybody_else_gets_nothing(place: Place, name: str) -> None:
    place.member(f"user@{place.domain}")
    invitations.add_domain(place.context, place.domain, verified=True)

    assert mailed(place, name.format(place.domain)) == []
