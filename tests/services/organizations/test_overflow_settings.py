"""The policy `buy` is set only where it can buy, and settings are set together or not at all."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from scim_server.services.billing.contracts import Terms
from scim_server.services.context import Context
from scim_server.services.errors import BuyNeedsCeiling, BuyNeedsContract, ServiceError
from scim_server.services.organizations import commands, queries
from scim_server.services.organizations.commands import Changes
from scim_server.services.organizations.create import NewOrganization
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import Per
from seat_policy.overflow import Overflow

SIGNED = Terms(prices={"standard": ("20.00", Per.MONTH), "premium": ("100.00", Per.MONTH)})
BUY = {"overflow": Overflow.BUY}
TIER_BUYS = {"premium": Overflow.BUY}
STANDARD_WAITS = {"standard": Overflow.QUEUE}


def new(**more: Any) -> NewOrganization:  # noqa: ANN401 - any field of it
    """An organization with a contract."""
    plain = NewOrganization(f"o{uuid4().hex}", {"standard": 2, "premium": 1}, terms=SIGNED)
    return replace(plain, **more)


def created(database: Database, **more: Any) -> Context:  # noqa: ANN401 - any field of it
    founded = commands.create(database, OPERATOR, new(**more))
    return Context(database, founded.organization.id, OPERATOR)


@pytest.mark.parametrize(
    ("terms", "changes", "refusal"),
    [
        (None, Changes(BUY), BuyNeedsContract),
        (None, Changes(policies=TIER_BUYS), BuyNeedsContract),
        (None, Changes(BUY, ceilings={"standard": 5}), BuyNeedsContract),
        (None, Changes(ceilings={"standard": 5}), BuyNeedsContract),
        (SIGNED, Changes(BUY), BuyNeedsCeiling),
        (SIGNED, Changes(BUY, ceilings={"standard": 0, "premium": 0}), BuyNeedsCeiling),
        (SIGNED, Changes(policies=TIER_BUYS), BuyNeedsCeiling),
        (SIGNED, Changes(policies=TIER_BUYS, ceilings={"standard": 5}), BuyNeedsCeiling),
        (
            SIGNED,
            Changes(BUY, policies={"standard": Overflow.QUEUE}, ceilings={"standard": 5}),
            BuyNeedsCeiling,
        ),
    ],
)
def test_the_policy_buy_without_a_contract_or_a_ceiling_is_refused(
    database: Database, terms: Terms | None, changes: Changes, refusal: type[ServiceError]
) -> None:
    context = created(database, terms=terms)
    before = queries.show(context)

    with pytest.raises(refusal):
        commands.configure(context, changes)

    assert queries.show(context) == before


@pytest.mark.parametrize(
    "changes",
    [
        Changes(BUY, ceilings={"standard": 5}),
        Changes(policies=TIER_BUYS, ceilings={"premium": 1}),
        Changes(BUY, policies=dict.fromkeys(("standard", "premium"), Overflow.QUEUE)),
    ],
)
def test_the_policy_buy_is_accepted_with_a_contract_and_a_ceiling(
    database: Database, changes: Changes
) -> None:
    context = created(database)

    commands.configure(context, changes)

    shown = queries.show(context)
    assert shown.organization.overflow == changes.settings.get("overflow", "reject")
    assert {tier: one.ceiling for tier, one in shown.tiers.items() if one.ceiling} == changes.ceilings


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (Changes(BUY, ceilings={"standard": 5}), Changes(ceilings={"standard": 0})),
        (Changes(policies=TIER_BUYS, ceilings={"premium": 5}), Changes(ceilings={"premium": 0})),
        (Changes(BUY, ceilings={"standard": 5}), Changes(policies={"standard": Overflow.QUEUE})),
    ],
)
def test_the_last_ceiling_of_the_policy_buy_cannot_be_removed(
    database: Database, first: Changes, then: Changes
) -> None:
    context = created(database)
    commands.configure(context, first)

    with pytest.raises(BuyNeedsCeiling):
        commands.configure(context, then)


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"terms": None, "overflow": Overflow.BUY}, BuyNeedsContract),
        ({"terms": None, "policies": TIER_BUYS, "ceilings": {"premium": 3}}, BuyNeedsContract),
        ({"overflow": Overflow.BUY}, BuyNeedsCeiling),
        ({"policies": TIER_BUYS}, BuyNeedsCeiling),
    ],
)
def test_an_organization_with_the_policy_buy_that_could_not_buy_is_not_created(
    database: Database, more: Mapping[str, Any], refusal: type[ServiceError]
) -> None:
    wanted = new(**more)

    with pytest.raises(refusal):
        commands.create(database, OPERATOR, wanted)

    assert queries.look_up(database, wanted.slug) is None


def test_an_organization_can_be_created_with_the_policy_buy_and_a_ceiling(database: Database) -> None:
    context = created(database, overflow=Overflow.BUY, ceilings={"standard": 7})

    shown = queries.show(context)

    assert (shown.organization.overflow, shown.tiers["standard"].ceiling) == ("buy", 7)


@pytest.mark.parametrize(
    "wrong",
    [
        Changes({"overflow": "queue", "mode": "manual"}, totals={"standard": -1}),
        Changes({"strict": True}, totals={"standard": 5}, policies={"gold": Overflow.QUEUE}),
        Changes({"strict": True, **BUY}, totals={"standard": 5}),
        Changes({"mode": "jit"}, totals={"standard": 5}, ceilings={"premium": 1}),
    ],
)
def test_settings_are_set_together_or_not_at_all(database: Database, wrong: Changes) -> None:
    context = created(database, terms=None)
    before = queries.show(context)

    with pytest.raises(ServiceError):
        commands.configure(context, wrong)

    assert queries.show(context) == before


@pytest.mark.parametrize("typed", ["acne", "Acme", "acme-inc", "acm"])
def test_a_mistyped_slug_gets_a_suggestion(database: Database, typed: str) -> None:
    if queries.look_up(database, "acme") is None:
        commands.create(database, OPERATOR, replace(new(), slug="acme"))

    with pytest.raises(ServiceError, match="did you mean 'acme'"):
        queries.find(database, typed)


def test_a_slug_unlike_all_others_gets_no_suggestion(database: Database) -> None:
    with pytest.raises(ServiceError, match=r"^the organization 'zzzzqqqq' does not exist$"):
        queries.find(database, "zzzzqqqq")


def test_suspending_and_resuming_can_be_previewed(database: Database) -> None:
    context = created(database)

    preview = commands.suspend(context, preview=True)
    untouched = queries.show(context).suspended
    done = commands.suspend(context)
    again = commands.suspend(context)
    resumed = [commands.resume(context, preview=True), commands.resume(context), commands.resume(context)]

    assert (preview.changed, untouched, done.changed, again.changed) == (True, None, True, False)
    assert [one.changed for one in resumed] == [True, True, False]
    assert queries.show(context).suspended is None
