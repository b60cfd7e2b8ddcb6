"""Random histories of one organization, on the real databases, step by step beside the naive model.

After every step three accounts must agree: the answer, the rows, and what the model expects of both;
and the rows are counted again for every invariant of the seat rules.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from scim_server.protocol import patch
from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import Forbidden, Uniqueness, VersionMismatch
from scim_server.protocol.group import Group, MemberChange, parse_group
from scim_server.protocol.patch import Change, Kind
from scim_server.protocol.readers import group_reader, user_reader
from scim_server.protocol.user import User, parse_user
from scim_server.services import groups, log, organizations, people, seats
from scim_server.services.errors import OperatorError
from scim_server.services.modes import accepting_scim
from scim_server.services.people import Outcome, Refused
from scim_server.store import people as people_store
from scim_server.store.people import Person
from scim_server.store.session import OPERATOR, Actor, Database, Write
from tests import model
from tests.model import ANY, TIERS
from tests.recount import observed, recount

PROVIDER = Actor("okta", "scim", "request-1")
USERS = user_reader(seat_extension=False, strict=False)
GROUPS = group_reader(strict=False)
OWNER = "owner@example.com"

A_FEW = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.too_slow],
)

names = st.sampled_from([f"{name}@example.com" for name in ("ann", "ANN", "bob", "cy", "dee", "Eve", "fay")])
titles = st.sampled_from(["Engineer", "Artist"])
wishes = st.sampled_from([ANY, ANY, *TIERS])
overflows = st.sampled_from(["reject", "queue"])
whom = st.integers(0, 9)
quantities = st.dictionaries(st.sampled_from(TIERS), st.integers(1, 2), min_size=1)
totals = st.dictionaries(st.sampled_from(TIERS), st.integers(0, 4), min_size=1)


class Undone(Exception):
    pass


def described(name: str, title: str, *, backwards: bool = False, **more: JSON) -> User:
    body: dict[str, JSON] = {"userName": name, "title": title, **more}
    if name.lower() == OWNER:
        body["emails"] = [{"value": OWNER, "type": "work", "primary": True}]
    return parse_user(dict(reversed(body.items())) if backwards else body, USERS)


def replacing(**values: JSON) -> list[Change]:
    operations: list[JSON] = [
        {"op": "replace", "path": path, "value": value} for path, value in values.items()
    ]
    return patch.changes({"Operations": operations}, USERS)


def group(name: str) -> Group:
    return parse_group({"displayName": name}, GROUPS)[0]


class OneOrganization(RuleBasedStateMachine):
    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    @initialize(
        standard=st.integers(0, 3), premium=st.integers(0, 2), overflow=overflows, owner=st.booleans()
    )
    def found(self, standard: int, premium: int, overflow: str, owner: bool) -> None:  # noqa: FBT001
        purchased = {"standard": standard, "premium": premium}
        owner = owner and standard + premium > 0
        founded = organizations.create(
            self.database,
            OPERATOR,
            f"o-{uuid4().hex}",
            purchased,
            overflow=overflow,
            owner=OWNER if owner else None,
        )
        self.organization = founded.organization
        self.id = founded.organization.id
        self.model = model.Organization(purchased, overflow)
        self.model.events += [("organization.created", ""), ("token.created", "")]
        if owner:
            self.model.create(OWNER, "")
            self.model.people[0].owner = True

    # People

    @rule(
        name=names,
        title=titles,
        active=st.sampled_from([True, True, True, None, False]),
        wants=wishes,
    )
    def create(self, name: str, title: str, active: bool | None, wants: str) -> None:  # noqa: FBT001
        again = [entry for entry in self.model.open_refusals() if entry.key == name.lower()]
        # Which of two different wishes an entry keeps: test_log_of_refusals.
        wants = again[0].wants if again else wants
        user = described(name, title, active=active)

        outcome = self.told(
            lambda: (
                people.create(self.database, self.id, PROVIDER, user)
                if wants == ANY
                else self.write(
                    lambda write: people.create_in(write, accepting_scim(write), user, wants=wants)
                )
            )
        )

        assert outcome == self.model.create(name, title, active=active is not False, wants=wants)

    @precondition(lambda self: self.model.people)
    @rule(
        who=whom,
        title=titles,
        patched=st.booleans(),
        backwards=st.booleans(),
        named=st.none() | st.booleans(),
    )
    def describe(
        self,
        who: int,
        title: str,
        patched: bool,  # noqa: FBT001
        backwards: bool,  # noqa: FBT001
        named: bool | None,  # noqa: FBT001
    ) -> None:
        """The same values, in any order and with `active` as it is or not at all, are no change."""
        person = self.somebody(who)
        active = person.active if named else None
        sent = described(person.name, title, backwards=backwards, active=active)

        outcome = self.patched(person, title=title) if patched else self.replaced(person, sent)

        assert outcome == self.model.save(person.key, person.name, title)

    @precondition(lambda self: self.model.people)
    @rule(who=whom, name=names, patched=st.booleans())
    def rename(self, who: int, name: str, patched: bool) -> None:  # noqa: FBT001
        person = self.somebody(who)
        refused = {entry.key for entry in self.model.open_refusals()}
        if name.lower() != person.key and refused & {person.key, name.lower()}:
            return  # What becomes of the entry: test_log_of_refusals.

        sent = described(name, person.title)
        outcome = self.patched(person, userName=name) if patched else self.replaced(person, sent)

        assert outcome == self.model.save(person.key, name, person.title)

    @precondition(lambda self: self.model.people)
    @rule(who=whom, title=titles, patched=st.booleans())
    def deactivate(self, who: int, title: str, patched: bool) -> None:  # noqa: FBT001
        person = self.somebody(who)
        sent = described(person.name, title, active=False)

        outcome = self.patched(person, active=False, title=title) if patched else self.replaced(person, sent)

        assert outcome == self.model.save(person.key, person.name, title, active=False)

    @precondition(lambda self: self.model.people)
    @rule(who=whom, title=titles, patched=st.booleans(), inactive=st.booleans())
    def activate(self, who: int, title: str, patched: bool, inactive: bool) -> None:  # noqa: FBT001
        person = self.somebody(who, status="inactive" if inactive else None)
        sent = described(person.name, title, active=True)

        outcome = self.patched(person, active="True", title=title) if patched else self.replaced(person, sent)

        assert outcome == self.model.save(person.key, person.name, title, active=True)

    @precondition(lambda self: self.model.people)
    @rule(who=whom, wants=st.sampled_from(TIERS))
    def activate_on(self, who: int, wants: str) -> None:
        person = self.somebody(who, status="inactive")
        again = [entry for entry in self.model.open_refusals() if entry.key == person.key]
        wants = again[0].wants if again else wants
        sent = described(person.name, person.title, active=True)

        def work(write: Write) -> Outcome:
            return people.save_in(write, accepting_scim(write), self.row(person.key), sent, wants=wants)

        outcome = self.told(lambda: self.write(work))

        assert outcome == self.model.save(person.key, person.name, person.title, active=True, wants=wants)

    @precondition(lambda self: self.model.people)
    @rule(who=whom)
    def delete(self, who: int) -> None:
        person = self.somebody(who)
        row = self.row(person.key)

        outcome = self.told(lambda: people.delete(self.database, self.id, PROVIDER, row.id), done="deleted")

        assert outcome == self.model.delete(person.key)

    @precondition(lambda self: self.model.people)
    @rule(who=whom, priority=st.sampled_from([1, 100, 900]))
    def prioritise(self, who: int, priority: int) -> None:
        """No service sets it yet; the queue obeys it all the same."""
        person = self.somebody(who, status="waiting")
        statement = text("UPDATE people SET priority = :p WHERE organization = :org AND user_name_key = :key")
        values = {"p": priority, "org": self.id, "key": person.key}

        self.write(lambda write: write.connection.execute(statement, values) and None)

        self.model.prioritise(person.key, priority)

    # The plan: nothing here takes a seat from anybody (I9)

    @rule(added=quantities, named=st.lists(whom, max_size=2), preview=st.sampled_from([False, False, True]))
    def add_seats(self, added: dict[str, int], named: list[int], preview: bool) -> None:  # noqa: FBT001
        keys = [self.somebody(who, status="waiting").key for who in named] if self.model.people else []
        before, events = self.seated(), len(self.model.events)

        outcome = self.told(
            lambda: (
                seats.add(self.database, self.id, OPERATOR, added, for_people=keys, preview=preview).promoted
            ),
            done="done",
        )

        if preview:
            return
        assert outcome == self.model.add(added, keys)
        assert before.items() <= self.seated().items(), "I9: somebody lost a seat"
        promoted = [event for event, _ in self.model.events[events:] if event == "person.promoted"]
        assert outcome == "wrong" or self.answer == len(promoted)

    @rule(totals=totals)
    def grant(self, totals: dict[str, int]) -> None:
        before = self.seated()

        outcome = self.told(lambda: seats.grant(self.database, self.id, OPERATOR, totals), done="done")

        assert outcome == self.model.grant(totals)
        assert before.items() <= self.seated().items(), "I9: somebody lost a seat"

    @rule(overflow=overflows)
    def change_overflow(self, overflow: str) -> None:
        before = self.seated()

        organizations.change(self.database, self.id, OPERATOR, {"overflow": overflow})

        self.model.set_overflow(overflow)
        assert before == self.seated(), "I9: somebody's seat changed"

    # The log of refusals

    @precondition(lambda self: self.model.open_refusals())
    @rule(which=whom)
    def retry_one(self, which: int) -> None:
        entries = log.entries(self.database, self.id, only_open=True)
        entry = entries[which % len(entries)]
        assert entry.user_name is not None
        found = [refusal for refusal in self.model.open_refusals() if refusal.key == entry.user_name.lower()]

        retried = log.retry(self.database, self.organization, OPERATOR, entry.sequence)

        assert [self.retried(one) for one in retried] == [self.model.retry(found[0])]

    # Who is tried after a refusal when wishes differ: test_log_of_refusals.
    @precondition(lambda self: len({entry.wants for entry in self.model.open_refusals()}) == 1)
    @rule()
    def retry_all(self) -> None:
        retried = log.retry(self.database, self.organization, OPERATOR, None)

        assert [self.retried(one) for one in retried] == self.model.retry_all()

    # Groups take no seats, but share the history and the versions

    @rule(name=st.sampled_from(["Sales", "Support"]), members=st.sets(whom, max_size=4))
    def create_group(self, name: str, members: set[int]) -> None:
        keys = self.keys(members)
        if name in [existing.name for existing in self.model.groups]:
            return

        groups.create(self.database, self.id, PROVIDER, group(name), [self.row(key).id for key in keys])

        self.model.create_group(name, keys)

    @precondition(lambda self: self.model.groups)
    @rule(
        which=whom,
        add=st.sets(whom, max_size=3),
        remove=st.sets(whom, max_size=3),
        renamed=st.sampled_from([False, False, True]),
    )
    def change_group(self, which: int, add: set[int], remove: set[int], renamed: bool) -> None:  # noqa: FBT001
        changed = self.model.groups[which % len(self.model.groups)]
        removed = self.keys(remove)
        added = [key for key in self.keys(add) if key not in removed]
        name = f"{changed.name}+" if renamed else changed.name
        own = patch.changes({"Operations": [{"op": "replace", "path": "displayName", "value": name}]}, GROUPS)
        members = [
            MemberChange(Kind.REMOVE, tuple(self.row(key).id for key in removed)),
            MemberChange(Kind.ADD, tuple(self.row(key).id for key in added)),
        ]

        groups.patch_group(
            self.database, self.id, PROVIDER, self.group_id(changed.name), own, members, GROUPS
        )

        self.model.change_group(changed, name, added, removed)

    @precondition(lambda self: self.model.groups)
    @rule(which=whom)
    def delete_group(self, which: int) -> None:
        gone = self.model.groups[which % len(self.model.groups)]

        groups.delete(self.database, self.id, PROVIDER, self.group_id(gone.name))

        self.model.delete_group(gone)

    # A failed request is all or nothing (I8): the model does not move, so nothing else may

    @rule(name=names, wants=wishes)
    def create_and_undo(self, name: str, wants: str) -> None:
        user = described(name, "Ghost")
        self.undone(lambda write: people.create_in(write, accepting_scim(write), user, wants=wants))

    @precondition(lambda self: self.model.people)
    @rule(who=whom, active=st.booleans())
    def save_and_undo(self, who: int, active: bool) -> None:  # noqa: FBT001
        person = self.somebody(who)
        sent, row = described(person.name, "Ghost", active=active), self.row(person.key)
        self.undone(lambda write: people.save_in(write, accepting_scim(write), row, sent))

    @rule(added=quantities)
    def add_seats_and_undo(self, added: dict[str, int]) -> None:
        self.undone(lambda write: seats.add_in(write, added, ()))

    @precondition(lambda self: self.model.people)
    @rule(who=whom)
    def write_on_an_old_version(self, who: int) -> None:
        person = self.somebody(who)
        sent = described(person.name, "Ghost", active=not person.active)

        with pytest.raises(VersionMismatch):
            people.replace_person(
                self.database, self.id, PROVIDER, self.row(person.key).id, sent, if_match='W/"0"'
            )

    # After every step

    @invariant()
    def the_rows_are_what_the_rules_say(self) -> None:
        with self.database.reader.connect() as connection:
            rows = observed(connection, self.id)

        assert rows == self.model.state()

    @invariant()
    def the_numbers_add_up(self) -> None:
        with self.database.reader.connect() as connection:
            recount(connection, self.id)

    # Speaking to the product

    def told(self, request: Callable[[], Any], *, done: str = "") -> str:
        """What the product answers, in the words of the model; what it acknowledges is there to read (I3)."""
        try:
            self.answer = request()
        except Uniqueness:
            return "taken"
        except Forbidden:
            return "forbidden"
        except OperatorError:
            return "wrong"
        if done:
            return done
        if isinstance(self.answer, Refused):
            return "refused"
        person = self.answer.person
        with self.database.read(self.id) as read:
            assert people_store.get(read, person.id) == person, "I3: the answer cannot be read"
        return f"seated on {person.tier}" if person.status == "seated" else str(person.status)

    def retried(self, one: log.Retried) -> str:
        if one.outcome == "rejected":
            return "refused"
        return (
            self.seated()[one.user_name.lower()] if one.outcome == "seated" and one.user_name else one.outcome
        )

    def replaced(self, person: model.Person, sent: User) -> str:
        row = self.row(person.key)
        return self.told(lambda: people.replace_person(self.database, self.id, PROVIDER, row.id, sent))

    def patched(self, person: model.Person, **values: JSON) -> str:
        row, changes = self.row(person.key), replacing(**values)
        return self.told(
            lambda: people.patch_person(self.database, self.id, PROVIDER, row.id, changes, USERS)
        )

    def write(self, work: Callable[[Write], Outcome | None]) -> Outcome | None:
        return self.database.write(self.id, PROVIDER, work)

    def undone(self, work: Callable[[Write], object]) -> None:
        def unit(write: Write) -> None:
            work(write)
            raise Undone

        with pytest.raises((Undone, Uniqueness, Forbidden)):
            self.database.write(self.id, PROVIDER, unit)

    # Choosing from what is there

    def somebody(self, who: int, *, status: str | None = None) -> model.Person:
        """Someone of that status where there is one."""
        like = [person for person in self.model.people if person.status == status] or self.model.people
        note(f"  person {who} is {like[who % len(like)].name}")
        return like[who % len(like)]

    def keys(self, whose: set[int]) -> list[str]:
        return sorted({self.somebody(who).key for who in whose}) if self.model.people else []

    def row(self, key: str) -> Person:
        with self.database.read(self.id) as read:
            found = people_store.by_key(read, key)
        assert found is not None
        return found

    def group_id(self, name: str) -> str:
        statement = text('SELECT id FROM "groups" WHERE organization = :org AND display_name = :name')
        with self.database.reader.connect() as connection:
            return str(connection.execute(statement, {"org": self.id, "name": name}).scalar_one())

    def seated(self) -> dict[str, str]:
        statement = text(
            "SELECT user_name_key, tier FROM people WHERE organization = :org AND tier IS NOT NULL"
        )
        with self.database.reader.connect() as connection:
            rows = connection.execute(statement, {"org": self.id}).all()
        return {row.user_name_key: f"seated on {row.tier}" for row in rows}


def test_any_history_of_an_organization_goes_as_the_seat_rules_say(database: Database) -> None:
    campaign = settings.get_current_profile_name() == "campaign"

    run_state_machine_as_test(
        lambda: OneOrganization(database),  # type: ignore[arg-type,return-value]
        settings=settings.get_profile("campaign") if campaign else A_FEW,
    )
