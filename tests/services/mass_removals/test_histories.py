"""Random histories of removed, returning and restored people, recounted after every step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from scim_server.services.holds import mass_removal
from scim_server.services.mass_removals import commands as removals
from scim_server.store.database.session import Database
from seat_policy import mass_removal as mass_removal_rule
from tests.support.builders.removing import RemovalCustomer, names

EVERYBODY = names(1, 9)
few = st.lists(st.sampled_from(EVERYBODY), min_size=1, max_size=4, unique=True)
many = st.lists(st.sampled_from(EVERYBODY), min_size=3, max_size=7, unique=True)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["deactivate", "delete"]), many),
        st.tuples(st.sampled_from(["activate", "activate", "create"]), few),
        st.tuples(st.sampled_from(["newcomer", "newcomer", "wait", "confirm"]), st.just([])),
        st.tuples(st.sampled_from(["restore", "restore", "ask"]), st.just([])),
    ),
    min_size=6,
    max_size=16,
)


@pytest.fixture
def three_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """With twenty people a removal would be rare in these histories."""
    monkeypatch.setattr(mass_removal_rule, "LEAST", 3)
    monkeypatch.setattr(mass_removal, "LEAST", 3)


@dataclass
class History:
    """The test's own record: the seat of each person before their removal."""

    acme: RemovalCustomer
    had: dict[str, str] = field(default_factory=dict)
    new_people: int = 0

    def present(self, name: str) -> bool:
        return self.acme.person(name) is not None

    def active(self, name: str) -> bool:
        return self.present(name) and self.acme.person(name).active

    def step(self, kind: str, listed: list[str]) -> None:
        if kind in ("deactivate", "delete"):
            self._leave(kind, [name for name in listed if self.active(name)])
        elif kind == "activate":
            self.acme.activate([name for name in listed if self.present(name) and not self.active(name)])
        elif kind == "create":
            self.acme.provision(*[name for name in listed if not self.present(name)])
        elif kind == "newcomer":
            self.new_people += 1
            self.acme.provision(f"q{self.new_people}")
        elif kind == "wait":
            self.acme.database.now = _later(self.acme)
        else:
            self._end(kind)

    def _leave(self, kind: str, listed: list[str]) -> None:
        for name in listed:
            self.had[name] = self.acme.whereabouts(name)[0]
            (self.acme.deactivate if kind == "deactivate" else self.acme.delete)([name])

    def _end(self, kind: str) -> None:
        open_ones = [one for one in self.acme.removals() if one.removal.state == "open"]
        if not open_ones:
            return
        removal = open_ones[0]
        event(f"{kind} of {'held' if any(one.held for one in removal.people) else 'nothing held'}")
        gone = [one.user_name.partition("@")[0] for one in removal.people if one.person not in removal.back]
        before = self._sitting()
        where = (self.acme.context(), str(removal.reference))
        if kind == "confirm":
            removals.confirm(*where)
        else:
            removals.restore(*where, buys=kind == "restore")
        after = self._sitting()
        assert all(after.get(name) == tier for name, tier in before.items()), "I9: a person lost a seat"
        if kind == "restore":
            now = dict(zip(gone, self.acme.whereabouts(*gone), strict=True))
            had = {name: self.had[name] for name in gone if self.had[name] != "waiting"}
            assert {name: now[name] for name in had} == had, "a person did not get back what they had"
        (closed,) = [one for one in self.acme.removals() if one.removal.id == removal.removal.id]
        assert [one.held for one in closed.people if one.held] == []

    def _sitting(self) -> dict[str, str]:
        rows = self.acme.rows("SELECT user_name, tier FROM people")
        return {row.user_name: row.tier for row in rows if row.tier is not None}


def _later(acme: RemovalCustomer) -> Callable[[], datetime]:
    moment = acme.database.now() + timedelta(minutes=11)
    return lambda: moment


@pytest.mark.usefixtures("three_are_many")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seats=st.fixed_dictionaries({"premium": st.integers(0, 3), "standard": st.integers(1, 5)}),
    overflow=st.sampled_from(["queue", "queue", "reject", "fallback", "queue, not held"]),
    history=steps,
)
def test_random_histories_of_removals_are_sound_and_restore_earlier_seats(
    database: Database,
    seats: dict[str, int],
    overflow: str,
    history: list[tuple[str, list[str]]],
) -> None:
    policy, _, not_held = overflow.partition(", ")
    acme = RemovalCustomer(database, seats, holds=not not_held, overflow=policy)
    acme.provision(*EVERYBODY)
    known = History(acme)

    for kind, listed in history:
        known.step(kind, listed)
        acme.recount()
