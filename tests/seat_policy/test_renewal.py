"""The number of seats of the next term, and their price (SEATS 6)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_policy.availability import Availability, TierSeats
from seat_policy.bill import Kind, whole_term
from seat_policy.contract import DEFAULT_TIERS, Contract, Per, Price, Renewal, Tier
from seat_policy.money import Money
from seat_policy.renewal import TierRenewal, renewed_seats

STANDARD, PREMIUM = DEFAULT_TIERS
ENTERPRISE = Tier("enterprise", 3)


def contract(*, minimum: int = 0, renewal: Renewal = Renewal.IN_USE) -> Contract:
    """A second year, which began on 2027-01-01, at the prices of the table."""
    prices = {
        "standard": Price(Money(2000, "USD"), Per.MONTH),
        "premium": Price(Money(10000, "USD"), Per.MONTH),
    }
    return Contract(date(2026, 1, 1), 12, "USD", prices, minimum=minimum, renewal=renewal, term=2)


def seats(*, standard: tuple[int, ...] = (0,), premium: tuple[int, ...] = (0,)) -> Availability:
    """Each tier as (purchased, assigned, held, waiting), from the left as far as it matters."""
    return Availability((TierSeats(PREMIUM, *premium), TierSeats(STANDARD, *standard)))


def test_a_tier_renews_its_assigned_and_held_seats() -> None:
    availability = seats(standard=(105, 90, 7, 3), premium=(10, 4, 1))

    tiers = renewed_seats(availability, contract(), {})

    assert tiers == (
        TierRenewal("standard", purchased=105, in_use=97, scheduled=None, renewed=97),
        TierRenewal("premium", purchased=10, in_use=5, scheduled=None, renewed=5),
    )


def test_a_contract_may_renew_all_purchased_seats() -> None:
    availability = seats(standard=(105, 90, 7), premium=(10, 4))

    tiers = renewed_seats(availability, contract(renewal=Renewal.PURCHASED), {})

    assert tiers == (
        TierRenewal("standard", purchased=105, in_use=97, scheduled=None, renewed=105),
        TierRenewal("premium", purchased=10, in_use=4, scheduled=None, renewed=10),
    )


@pytest.mark.parametrize("rule", list(Renewal))
@pytest.mark.parametrize("scheduled", [97, 98, 100, 105])
def test_a_scheduled_number_overrides_either_renewal_rule(rule: Renewal, scheduled: int) -> None:
    availability = seats(standard=(105, 97))

    tiers = renewed_seats(availability, contract(renewal=rule), {"standard": scheduled})

    assert tiers == (
        TierRenewal("standard", purchased=105, in_use=97, scheduled=scheduled, renewed=scheduled),
        TierRenewal("premium", purchased=0, in_use=0, scheduled=None, renewed=0),
    )
    assert not tiers[0].clamped


@pytest.mark.parametrize("rule", list(Renewal))
@pytest.mark.parametrize("scheduled", [0, 1, 96])
def test_a_scheduled_number_below_the_seats_in_use_is_raised_and_reported(
    rule: Renewal, scheduled: int
) -> None:
    availability = seats(standard=(105, 90, 7))

    tiers = renewed_seats(availability, contract(renewal=rule), {"standard": scheduled})

    assert tiers[0] == TierRenewal("standard", purchased=105, in_use=97, scheduled=scheduled, renewed=97)
    assert [tier.clamped for tier in tiers] == [True, False]


def test_a_tier_without_seats_in_use_can_be_reduced_to_zero() -> None:
    availability = seats(standard=(5, 5), premium=(3,))

    tiers = renewed_seats(availability, contract(renewal=Renewal.PURCHASED), {"premium": 0})

    assert [tier.renewed for tier in tiers] == [5, 0]
    assert not any(tier.clamped for tier in tiers)


def test_the_lowest_tier_is_increased_until_the_total_reaches_the_contract_minimum() -> None:
    availability = seats(standard=(105, 60), premium=(20, 15))

    tiers = renewed_seats(availability, contract(minimum=100), {"standard": 50})

    assert tiers == (
        TierRenewal("standard", purchased=105, in_use=60, scheduled=50, renewed=85, padding=25),
        TierRenewal("premium", purchased=20, in_use=15, scheduled=None, renewed=15),
    )
    assert tiers[0].clamped


@pytest.mark.parametrize(("minimum", "padding"), [(0, 0), (74, 0), (75, 0), (76, 1), (10_000_000, 9_999_925)])
def test_a_renewal_adds_exactly_the_seats_below_the_minimum(minimum: int, padding: int) -> None:
    availability = seats(standard=(105, 60), premium=(20, 15))

    tiers = renewed_seats(availability, contract(minimum=minimum), {})

    assert [(tier.renewed, tier.padding) for tier in tiers] == [(60 + padding, padding), (15, 0)]


def test_the_tier_with_the_lowest_rank_is_increased_to_the_minimum() -> None:
    availability = Availability((TierSeats(STANDARD, 1), TierSeats(ENTERPRISE, 1), TierSeats(PREMIUM, 1)))

    tiers = renewed_seats(availability, contract(minimum=10), {})

    assert [(tier.tier, tier.renewed) for tier in tiers] == [
        ("standard", 10),
        ("premium", 0),
        ("enterprise", 0),
    ]


@pytest.mark.parametrize(("rule", "amount"), [(Renewal.IN_USE, "23280.00"), (Renewal.PURCHASED, "25200.00")])
def test_renewals_cost_the_amounts_of_the_price_table(rule: Renewal, amount: str) -> None:
    # 97 x 240.00 and 105 x 240.00.
    availability, signed = seats(standard=(105, 97)), contract(renewal=rule)

    tiers = renewed_seats(availability, signed, {})
    bill = whole_term(signed, Kind.RENEWED, {tier.tier: tier.renewed for tier in tiers})

    (line,) = bill.lines
    assert (line.kind, line.fraction, str(line.net)) == (Kind.RENEWED, Fraction(1), amount)
    assert (bill.since, bill.term.end) == (date(2027, 1, 1), date(2028, 1, 1))
    assert str(bill.total) == amount


counts = st.integers(0, 30)


@given(
    counts, counts, counts, counts, st.none() | counts, st.none() | counts, counts, st.sampled_from(Renewal)
)
def test_a_renewal_keeps_all_seats_in_use_and_the_minimum(
    standard: int,
    premium: int,
    free: int,
    held: int,
    less: int | None,
    fewer: int | None,
    minimum: int,
    rule: Renewal,
) -> None:
    availability = seats(standard=(standard + free + held, standard, held), premium=(premium + free, premium))
    chosen = {"standard": less, "premium": fewer}
    scheduled = {tier: number for tier, number in chosen.items() if number is not None}

    tiers = renewed_seats(availability, contract(minimum=minimum, renewal=rule), scheduled)

    assert all(tier.renewed >= tier.in_use for tier in tiers)
    assert sum(tier.renewed for tier in tiers) >= minimum
    for tier in tiers:
        usual = tier.in_use if rule is Renewal.IN_USE else tier.purchased
        asked = chosen[tier.tier]
        assert tier.renewed - tier.padding == max(
            usual if asked is None else min(asked, tier.purchased), tier.in_use
        )
