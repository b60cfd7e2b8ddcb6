"""A simulation predicts the real result: for each person, every counter, and the price.

Any organization and any arriving people: newcomers, members who are inactive, wait, or await a
group, and invited people, by groups or for a tier, under every overflow policy.

Longer: pytest tests/services/simulation --hypothesis-profile=campaign
"""

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from scim_server.services.billing import due
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.left_out import commands as clearing
from scim_server.services.left_out import queries as left_out_queries
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import Per, Tier
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.overflow import Overflow
from seat_policy.roles import Role
from tests.support.builders.arriving import Simulated, Stage, counts_of, fate_of
from tests.support.builders.customer import done, terms

TIERS = ("basic", "standard", "premium")
RANKED = [Tier(name, rank) for rank, name in enumerate(TIERS, start=1)]
NAMES = [f"p{number}" for number in range(7)]
GROUPS = ("Engineering", "Sales", "Interns")
PRICES = {name: (price, Per.MONTH) for name, price in zip(TIERS, ("9.99", "20.00", "100.00"), strict=True)}

A_FEW = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
EXAMPLES = settings.get_profile("campaign") if settings.get_current_profile_name() == "campaign" else A_FEW

names = st.sampled_from(NAMES)
own = st.sampled_from([None, None, *Overflow])
tiers = st.sampled_from([None, None, "any", *TIERS])
given_by_groups = st.builds(
    GroupMapping, st.sampled_from([None, *TIERS]), st.none(), st.sampled_from([None, 5, 300])
)
simulated = st.builds(
    Simulated,
    names,
    active=st.sampled_from([True, True, True, False]),
    groups=st.one_of(
        st.none(), st.lists(st.sampled_from([*GROUPS, "sales", "Nobody's"]), max_size=2).map(tuple)
    ),
    wants=tiers,
    emails=st.lists(names, max_size=2).map(tuple),
)
lives = st.sampled_from(["", "", "inactive", "inactive", "unassigned", "left", "left"])
organization = st.fixed_dictionaries(
    {
        "seats": st.fixed_dictionaries({name: st.integers(0, 3) for name in TIERS}),
        "overflow": st.sampled_from([*Overflow]),
        "own": st.tuples(own, own, own),
        "ceilings": st.tuples(*[st.integers(0, 2)] * 3),
        "signed": st.booleans(),
        "renews": st.booleans(),
        "mapped": st.dictionaries(st.sampled_from(GROUPS), given_by_groups, min_size=1),
        "unmapped": st.sampled_from(Unmapped),
        "invited": st.lists(st.tuples(names, tiers, st.sampled_from([Role.USER, Role.ADMIN])), max_size=3),
        "here": st.dictionaries(
            names, st.tuples(lives, st.sets(st.sampled_from(GROUPS))), min_size=1, max_size=5
        ),
        "then": st.sampled_from(["", "", "", "", "suspended", "2026-03-25", "2027-02-01"]),
    }
)


def founded(database: Database, chosen: dict[str, Any]) -> Stage:
    """The organization of an example, up to the moment at which people arrive."""
    signed = terms(prices=PRICES, auto_renew=chosen["renews"]) if chosen["signed"] else None
    acme = Stage(database, chosen["seats"], terms=signed, overflow=Overflow.REJECT, tiers=RANKED)
    overflow = {"overflow": chosen["overflow"]}
    policies = dict(zip(TIERS, chosen["own"], strict=True))
    ceilings = dict(zip(TIERS, chosen["ceilings"], strict=True)) if signed else {}
    for changes in (Changes(ceilings=ceilings), Changes(overflow), Changes(policies=policies)):
        with suppress(ServiceError):  # the policy `buy` could never buy a seat
            organizations.configure(acme.context(), changes)
    mappings.choose_unmapped(Context(database, acme.id, OPERATOR), chosen["unmapped"])
    for group, gives in chosen["mapped"].items():
        with suppress(ServiceError):  # it gives nothing
            mappings.save(Context(database, acme.id, OPERATOR), group, gives)
    for name, tier, role in chosen["invited"]:
        with suppress(ServiceError):  # no seat is free for it
            acme.ask_to_invite(name, tier=None if tier == "any" else tier, role=role)
    populate(acme, chosen["here"])
    for refusal in left_out_queries.left_out(
        Context(database, acme.id, OPERATOR)
    ).rejected:  # buying would let them in too
        clearing.dismiss(Context(database, acme.id, OPERATOR), str(refusal.reference), "not of these")
    if chosen["then"] == "suspended":
        organizations.suspend(Context(database, acme.id, OPERATOR))
    elif chosen["then"]:
        acme.today = chosen["then"]
    return acme


def populate(acme: Stage, here: dict[str, tuple[str, set[str]]]) -> None:
    there = [name for name in here if acme.provision_person(name) != "refused"]
    groups = {
        group: acme.group(group, *(name for name in there if group in here[name][1])) for group in GROUPS
    }
    for name in there:
        if here[name][0] == "inactive":
            acme.deactivate(name)
        elif here[name][0] == "left":  # the groups, perhaps the queue with them
            for group in here[name][1]:
                acme.leave(groups[group], name)
        elif here[name][0]:
            with suppress(ServiceError):  # they have neither a seat nor a place
                acme.unassign(name)


@EXAMPLES
@given(
    chosen=organization, everybody=st.lists(simulated, min_size=1, max_size=6, unique_by=lambda one: one.name)
)
def test_a_simulation_predicts_the_real_results(
    database: Database, chosen: dict[str, Any], everybody: list[Simulated]
) -> None:
    acme = founded(database, chosen)

    foreseen = acme.foresee(*everybody)
    due.catch_up(database, acme.id)  # as the first person who arrives does
    there = [acme.now(one.name) for one in everybody]
    happened = [acme.take_in(one)[0] for one in everybody]

    for fate in happened:
        event(fate)
    # A seat that a person gives back on the way may go to a person who came before.
    fates = {one: acme.now(one.name) for one, fate in zip(everybody, happened, strict=True) if has(fate)}
    assert {one: fate_of(seen) for one, seen in zip(everybody, foreseen.people, strict=True)} == {
        one: fates.get(one) or (fate, *before[1:])
        for one, fate, before in zip(everybody, happened, there, strict=True)
    }
    assert counts_of(foreseen) == acme.counts()
    acme.recount()


@EXAMPLES
@given(
    chosen=organization, everybody=st.lists(simulated, min_size=1, max_size=6, unique_by=lambda one: one.name)
)
def test_buying_the_missing_seats_admits_all_people_at_the_predicted_price(
    database: Database, chosen: dict[str, Any], everybody: list[Simulated]
) -> None:
    acme = founded(database, chosen)
    foreseen = acme.foresee(*everybody)
    for one in everybody:
        acme.take_in(one)
    left = [one.name for one, fate in zip(everybody, foreseen.people, strict=True) if left_out(fate_of(fate))]
    if not foreseen.missing:
        assert not left or foreseen.standstill
        return

    cleared = done(clearing.buy(Context(database, acme.id, OPERATOR))).result

    event(f"{len(foreseen.missing)} tiers were missing")
    assert cleared.purchase is not None
    assert (foreseen.missing, foreseen.price) == (cleared.order.adds, cleared.purchase.bill)
    assert [name for name in left if left_out(acme.now(name))] == []
    acme.recount()


def has(outcome: str) -> bool:
    return outcome in ("seated", "waiting")


def left_out(fate: tuple[str, str | None, str | None]) -> bool:
    return fate[0] in ("waiting", "refused") or (fate[0] == "seated" and fate[2] is not None)
