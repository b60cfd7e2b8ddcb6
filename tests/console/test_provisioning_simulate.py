"""Simulations of files."""

import pytest

from scim_server.services.people import queries as members
from tests.console.conftest import Found
from tests.console.provisioning_steps import PEOPLE, PRICES, upload
from tests.console.visiting import OWNER, Place


@pytest.fixture
def place(new_place: Found) -> Place:
    """An organization that refuses people, with a contract."""
    return new_place({"standard": 5, "premium": 1}, prices=PRICES)


def test_a_file_is_simulated_and_nothing_is_written(place: Place) -> None:
    owner = upload(place.enter(), PEOPLE)

    assert (owner.status, "7 people simulated" in owner.words) == (200, True)
    # The owner has the premium seat, so all 5 standard seats are free.
    assert "Would be refused: 2 " in owner.words
    assert "Would get a seat: 5 " in owner.words
    # 2 x 240.00 x (9 months + 17 of 31 days) / 12 = 381.94
    assert "2 standard seats are missing for everyone." in owner.words
    assert "381.94 USD" in owner.words
    assert [one.user_name for one in members.page(place.context).data] == [OWNER]


def test_the_whole_result_of_a_simulation_is_a_file(place: Place) -> None:
    owner = upload(place.enter(), PEOPLE + b"=cmd@example.com,standard\n", **{"as": "csv"})

    lines = owner.page.removeprefix("\ufeff").splitlines()
    assert (owner.status, len(lines)) == (200, 9)
    assert lines[1] == "2,p0@example.com,,seated,standard,,"
    assert lines[8].startswith("9,'=cmd@example.com,,refused,")


def test_wrong_entries_are_named_and_left_out_on_demand(place: Place) -> None:
    content = b"userName,tier\nada@example.com,gold\ngrace@example.com,standard\n"

    refused = upload(place.enter(), content)
    assert (refused.status, "has the unknown tier 'gold'" in refused.words) == (400, True)
    simulated = upload(place.enter(), content, skip_bad="on")
    assert (simulated.status, "1 wrong entry was left out." in simulated.words) == (200, True)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_says_why(place: Place, content: bytes) -> None:
    owner = upload(place.enter(), content)

    assert (owner.status, 'role="alert"' in owner.page) == (400, True)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scim_server.bodies.MOST_UPLOADED", 1024 * 1024)

    owner = upload(place.enter(), b"userName\n" + b"x" * 1024 * 1024)

    assert (owner.status, "This is larger than 1 MB." in owner.words) == (413, True)
