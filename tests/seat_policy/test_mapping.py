"""Entitlements from several groups: the highest tier, role and priority."""

import pytest

from seat_policy.contract import ANY, DEFAULT_TIERS
from seat_policy.mapping import Entitlement, GroupMapping, Unmapped, entitlement
from seat_policy.roles import Role


def test_several_groups_give_the_highest_tier_the_highest_role_and_the_best_priority() -> None:
    given = [
        GroupMapping(tier="standard", role=Role.OWNER, priority=50),
        GroupMapping(tier="premium", priority=5),
        GroupMapping(role=Role.ADMIN),
    ]

    assert entitlement(given, DEFAULT_TIERS, Unmapped.NONE) == Entitlement(
        "premium", Role.OWNER, 5, mapped=True
    )


@pytest.mark.parametrize(
    ("unmapped", "wants"),
    [(None, ANY), (Unmapped.HIGHEST, ANY), (Unmapped.LOWEST, "standard"), (Unmapped.NONE, None)],
)
def test_if_no_group_gives_a_tier_the_setting_for_unmapped_people_applies(
    unmapped: Unmapped | None, wants: str | None
) -> None:
    found = entitlement([GroupMapping(role=Role.ADMIN)], DEFAULT_TIERS, unmapped)

    assert found == Entitlement(wants, Role.ADMIN, 100, mapped=False)


def test_a_mapping_to_a_removed_tier_gives_no_tier() -> None:
    assert entitlement([GroupMapping(tier="gold")], DEFAULT_TIERS, Unmapped.LOWEST).wants == "standard"
