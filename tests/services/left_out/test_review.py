"""The review of a purchase for everyone changes nothing, and shows exactly what the purchase then does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from scim_server.services.confirmations import Stale
from scim_server.services.errors import ServiceError
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.send import Invitees
from scim_server.services.left_out import commands, queries
from scim_server.services.left_out.clear import Cleared
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.store.database.session import Database
from seat_policy.mapping import Unmapped
from tests.console.visiting import counted
from tests.support.builders.customer import done, terms
from tests.support.builders.mapped import Mapped

NAMES = tuple("abcdefgh")
TIERS = ("standard", "premium")
GROUPS = ("Gold", "Silver")
DOMAIN = "example.com"
OF_MEMBERS = ("deactivate", "activate", "group", "ungroup")


class Company(Mapped):
    """A customer whose groups give tiers, and whose people come and go in every way."""

    groups: dict[str, str]

    def act(self, kind: str, name: str, choice: int) -> None:
        """Do one thing; what is not possible now is not done."""
        address, tier = f"{name}@example.com", TIERS[choice % 2]
        member = self.person(name) is not None
        if (kind in OF_MEMBERS and not member) or (kind == "provision" and member):
            return
        acts: dict[str, Callable[[], object]] = {
            "provision": lambda: self.provision(name),
            "deactivate": lambda: self.set_active(name, active=False),
            "activate": lambda: self.set_active(name, active=True),
            "unassign": lambda: people.unassign(self.context(), address),
            "group": lambda: self.change_group(self.groups[GROUPS[choice % 2]], add=[name]),
            "ungroup": lambda: self.change_group(self.groups[GROUPS[choice % 2]], remove=[name]),
            "invite": lambda: invitations.invite(self.context(), Invitees([address])),
            "buy": lambda: self.buy(**{tier: 1}),
            "overflow": lambda: self.configure(overflow=("reject", "reject", "queue", "fallback")[choice]),
            "unmapped": lambda: self.unmapped(list(Unmapped)[choice % 3]),
            "map": lambda: self.map("Silver", tier=tier),
        }
        try:
            acts[kind]()
        except ServiceError:
            event(f"not possible: {kind}")

    def configure(self, **settings: object) -> None:
        organizations.configure(self.context(), Changes(settings))


@contextmanager
def company(database: Database) -> Iterator[Company]:
    """A company with prices, whose group Gold gives premium; it may invite people of example.com."""
    acme = Company(database, "2026-03-15", terms(), {"standard": 2, "premium": 1}, overflow="reject")
    # A domain is verified by one organization of a database.
    invitations.add_domain(acme.context(), DOMAIN, verified=True)
    acme.configure(allow_invitations=True)
    acme.map("Gold", tier="premium")
    acme.groups = {name: acme.group(name) for name in GROUPS}
    try:
        yield acme
    finally:
        invitations.remove_domain(acme.context(), DOMAIN)


KINDS = (
    *("provision",) * 6,
    *("group",) * 3,
    *("deactivate", "activate", "activate", "unassign", "ungroup", "invite", "buy"),
    *("overflow", "unmapped", "map"),
)
acts = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(NAMES), st.integers(0, 3)), min_size=8, max_size=30
)


def _review(acme: Company) -> commands.Done[Cleared] | str:
    try:
        return done(commands.buy(acme.context(), preview=True))
    except ServiceError as error:
        return str(error)


@given(history=acts)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_purchase_does_what_the_review_showed(
    database: Database, history: list[tuple[str, str, int]]
) -> None:
    with company(database) as acme:
        for kind, name, choice in history:
            acme.act(kind, name, choice)
        _compare(acme)


def _compare(acme: Company) -> None:
    """Check the review, buy, and compare."""
    before, banner = acme.events(), queries.summary(acme.context())

    review = _review(acme)

    assert acme.events() == before
    if isinstance(review, str):
        event("nobody is left out")
        with pytest.raises(ServiceError):
            commands.buy(acme.context())
        return
    seen = review.result
    bill = None if seen.purchase is None else seen.purchase.bill
    event(f"{len(seen.let_in)} from the queue, {len(seen.retried)} refused")
    assert (seen.order.adds, bill) == (banner.missing, banner.bill)

    real = done(commands.buy(acme.context(), confirmation=review.confirmation)).result

    bought = None if real.purchase is None else replace(real.purchase, invoice=None)
    assert replace(real, purchase=bought, preview=True, retried=()) == replace(seen, retried=())
    assert [_result(one) for one in real.retried] == [_result(one) for one in seen.retried]
    acme.recount()


def _result(one: commands.Retried) -> tuple[object, ...]:
    return one.reference, one.user_name, one.outcome


@pytest.fixture
def acme(database: Database) -> Iterator[Company]:
    """Two people are refused, and one of two members of Gold has the one premium seat."""
    with company(database) as acme:
        acme.provision("a", "b", "c", "d", "e")
        acme.change_group(acme.groups["Gold"], add=["a", "b"])
        yield acme


def test_the_review_sends_the_same_number_of_statements_for_more_people(acme: Company) -> None:
    with counted(acme.database) as few:
        commands.buy(acme.context(), preview=True)
    acme.provision("f", "g", "h")

    with counted(acme.database) as many:
        review = done(commands.buy(acme.context(), preview=True)).result

    assert len(review.retried) == 5
    assert len(many) == len(few)


def test_the_review_does_not_wait_for_a_writer_of_the_organization(acme: Company) -> None:
    inside = []

    acme.context().write(lambda _: inside.append(commands.buy(acme.context(), preview=True)))

    assert len(inside) == 1


def test_a_purchase_that_would_let_in_other_people_says_who_they_are_and_buys_nothing(acme: Company) -> None:
    review = done(commands.buy(acme.context(), preview=True))
    acme.provision("f")

    stale = commands.buy(acme.context(), confirmation=review.confirmation)

    assert isinstance(stale, Stale)
    assert [one.name for one in stale.changed] == ["the missing seats are", "the price is"]
    assert acme.invoices() == []
    again = commands.buy(acme.context(), confirmation=stale.instead.confirmation)
    assert len(done(again).result.retried) == 3
