import pytest

from seat_policy.availability import Availability, TierSeats
from seat_policy.contract import ANY, DEFAULT_TIERS, Tier
from seat_policy.errors import PolicyError

STANDARD, PREMIUM = DEFAULT_TIERS


def test_seats_that_are_neither_assigned_nor_held_are_free() -> None:
    seats = TierSeats(STANDARD, purchased=10, assigned=6, held=3, waiting=2)

    assert seats.free == 1


def test_tiers_are_listed_from_the_highest_rank_down_in_whatever_order_they_are_given() -> None:
    enterprise = Tier("enterprise", 7)

    availability = Availability(tuple(TierSeats(tier, 1) for tier in (STANDARD, enterprise, PREMIUM)))

    assert [seats.tier for seats in availability.tiers] == [enterprise, PREMIUM, STANDARD]


def test_a_request_for_any_tier_considers_all_tiers_and_one_for_a_tier_only_that_tier() -> None:
    standard, premium = TierSeats(STANDARD, 5), TierSeats(PREMIUM, 2)
    availability = Availability((standard, premium))

    wanted = [availability.wanted(wants) for wants in (ANY, "standard", "premium")]

    assert wanted == [(premium, standard), (standard,), (premium,)]


def test_people_who_wait_for_any_tier_count_for_every_tier() -> None:
    standard = TierSeats(STANDARD, 5, waiting=2)
    availability = Availability((standard, TierSeats(PREMIUM, 0)), waiting_any=3)

    assert availability.wanting(standard) == 5


@pytest.mark.parametrize("name", ["gold", "", "Standard", ANY])
def test_the_error_about_an_unknown_tier_names_the_existing_ones(name: str) -> None:
    availability = Availability((TierSeats(STANDARD, 5), TierSeats(PREMIUM, 2)))

    with pytest.raises(
        PolicyError, match=r"this organization has no tier '.*'. Its tiers are: premium, standard"
    ):
        availability.of(name)


def test_the_tier_name_any_is_refused() -> None:
    with pytest.raises(PolicyError, match="a tier cannot be called 'any'"):
        Tier(ANY, 3)
