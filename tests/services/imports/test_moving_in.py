"""People and groups that move in: their ids, seats, managers and members."""

from pathlib import Path

import pytest

from scim_server.services.context import Context
from scim_server.services.imports import queries
from scim_server.services.left_out import commands as left_out
from scim_server.services.mappings import commands as mappings
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import Role
from tests.support.builders.customer import done
from tests.support.builders.importing import (
    ENTERPRISE,
    answers,
    finished,
    group,
    imported,
    lines,
    names,
    person,
    read,
)
from tests.support.builders.organization import Organization
from tests.support.oracles.recount import recount

MOVED = "2024-05-06T07:08:09.000000Z"


def acme(database: Database, overflow: str = "reject", **seats: int) -> Organization:
    return Organization(database, seats or {"standard": 10}, overflow)


def test_people_and_groups_keep_ids_dates_managers_members_and_nesting(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database)
    file = lines(
        tmp_path / "people.jsonl",
        [
            group("everyone", "Everyone", "engineers"),
            person("1", "ann", displayName="Ann", meta={"created": "2024-05-06T07:08:09Z"}),
            person("2", "bob", active=False, **{ENTERPRISE: {"manager": {"value": "1"}}}),
            group("engineers", "Engineers", "1", "2", meta={"created": "2024-05-06T09:08:09+02:00"}),
        ],
    )

    report = imported(there.context(), file)

    found = answers(there.context())
    assert set(found) == {"1", "2", "everyone", "engineers"}
    assert (found["1"]["meta"]["created"], found["engineers"]["meta"]["created"]) == (MOVED, MOVED)
    assert found["2"]["active"] is False
    assert found["2"][ENTERPRISE]["manager"] == {
        "value": "1",
        "$ref": "/Users/1",
        "displayName": "Ann",
    }
    assert [(one["value"], one["type"]) for one in found["2"]["groups"]] == [
        ("everyone", "indirect"),
        ("engineers", "direct"),
    ]
    assert [one["value"] for one in found["everyone"]["members"]] == ["engineers"]
    assert dict(report.job.counts) == {
        "groups.created": 2,
        "members.added": 3,
        "people.created": 2,
        "people.inactive": 1,
        "people.seated": 1,
    }
    with database.snapshot() as connection:
        recount(connection, there.id)


def test_without_kept_ids_managers_and_members_are_found_by_their_new_ids(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database)
    people = [person("1", "ann", **{ENTERPRISE: {"manager": {"value": "2"}}}), person("2", "bob")]
    file = lines(tmp_path / "people.jsonl", [*people, group("g", "Engineers", "1")])

    imported(there.context(), file, keep_ids=False)

    ann, bob = there.person("ann@example.com"), there.person("bob@example.com")
    found = answers(there.context())
    assert not {"1", "2", "g"} & set(found)
    assert found[ann.id][ENTERPRISE]["manager"]["value"] == bob.id
    assert [one["display"] for one in found[ann.id]["groups"]] == ["Engineers"]


def test_people_get_seats_in_the_order_of_the_source_and_inactive_people_take_none(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database, standard=2)
    file = lines(
        tmp_path / "people.jsonl",
        [person("1", "ann", active=False), *(person(str(n), f"p{n}") for n in range(2, 6))],
    )

    report = imported(there.context(), file)

    assert names(report) == ["p4@example.com", "p5@example.com"]
    assert {one.outcome for one in report.left_out} == {"refused"}
    assert [there.person(f"p{n}@example.com").tier for n in (2, 3)] == ["standard"] * 2
    assert report.summary.missing == {"standard": 2}


def test_a_full_queue_organization_lets_people_wait_in_the_order_of_the_source(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database, "queue", standard=1)
    file = lines(tmp_path / "people.jsonl", [person(str(n), f"p{n}") for n in (3, 1, 2)])

    report = imported(there.context(), file)

    waiting = [there.person(f"p{n}@example.com") for n in (1, 2)]
    assert names(report) == ["p1@example.com", "p2@example.com"]
    assert [one.wants for one in waiting] == ["any", "any"]
    assert waiting[0].arrival < waiting[1].arrival  # type: ignore[operator]
    assert set(answers(there.context())) == {"1", "2", "3"}


def test_a_refused_person_who_is_let_in_later_has_the_kept_id_and_groups(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database, standard=1)
    there.sign()
    people = [person("1", "ann"), person("2", "bob", meta={"created": "2024-05-06T07:08:09Z"})]
    imported(there.context(), lines(tmp_path / "p.jsonl", [*people, group("g", "Engineers", "1", "2")]))

    done(left_out.buy(there.context()))

    found = answers(there.context())
    assert set(found) == {"1", "2", "g"}
    assert found["2"]["meta"]["created"] == MOVED
    assert [one["value"] for one in found["2"]["groups"]] == ["g"]
    assert [one["value"] for one in found["g"]["members"]] == ["1", "2"]


IDS = {
    "a b": "cannot be a part of a URL",
    "a/b": "cannot be a part of a URL",
    "..": "cannot be a part of a URL",
    ".search": "cannot be a part of a URL",
    "bulkId:1": "RFC 7643 reserves",
    "x" * 256: "at most 255",
    "taken": "belongs to zoe@example.com",
    "gone": "belonged to a person who was deleted",
    "group": "belongs to a group",
}


@pytest.mark.parametrize("id_", IDS)
def test_an_id_that_cannot_be_kept_is_an_error_and_others_are_imported(
    database: Database, tmp_path: Path, id_: str
) -> None:
    there = acme(database)
    before = [person("taken", "zoe"), person("gone", "yan"), group("group", "Group")]
    imported(there.context(), lines(tmp_path / "before.jsonl", before))
    there.delete("yan@example.com")

    report = imported(there.context(), lines(tmp_path / "p.jsonl", [person(id_, "ann"), person("2", "bob")]))

    (problem,) = report.problems
    assert (problem.key, problem.line) == ("ann@example.com", 1)
    assert IDS[id_] in str(problem.detail)
    assert set(answers(there.context())) == {"taken", "group", "2"}


def test_two_organizations_may_have_people_with_the_same_ids_and_do_not_see_each_other(
    database: Database, tmp_path: Path
) -> None:
    one, other = acme(database), acme(database)
    imported(one.context(), lines(tmp_path / "1.jsonl", [person("1", "ann"), group("g", "G", "1")]))

    report = imported(other.context(), lines(tmp_path / "2.jsonl", [person("1", "bob"), group("g", "H")]))

    assert report.problems == ()
    assert answers(one.context())["1"]["userName"] == "ann@example.com"
    assert answers(other.context())["1"]["userName"] == "bob@example.com"
    assert "members" not in answers(other.context())["g"]


def test_people_who_are_here_are_recognised_and_changed_only_by_an_update(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database)
    people = [person("1", "ann", title="Engineer"), person("2", "bob"), person("3", "cy", externalId="x")]
    imported(there.context(), lines(tmp_path / "p.jsonl", [*people, group("g", "G", "1")]))
    changed = [
        person("1", "ann", title="Director"),
        person("2", "bob", active=False),
        person("3", "cyrus", externalId="x"),
        person("4", "dee"),
        group("g", "G", "2"),
    ]
    file = lines(tmp_path / "q.jsonl", changed)
    before = answers(there.context())

    report = imported(there.context(), file)

    assert [(one.key, one.detail) for one in report.different] == [
        ("ann@example.com", "title"),
        ("bob@example.com", "active"),
        ("cyrus@example.com", "userName"),
        ("g", "members"),
    ]
    found = answers(there.context())
    assert {id_: found[id_] for id_ in before} == before
    assert found["4"]["userName"] == "dee@example.com"

    report = imported(there.context(), file, update=True)

    assert dict(report.job.counts) == {
        "groups.here": 1,
        "members.added": 1,
        "members.removed": 1,
        "people.here": 1,
        "people.updated": 3,
    }
    found = answers(there.context())
    assert (found["1"]["title"], found["2"]["active"], found["3"]["userName"]) == (
        "Director",
        False,
        "cyrus@example.com",
    )
    assert [one["value"] for one in found["g"]["members"]] == ["2"]
    assert there.person("bob@example.com").tier is None


def test_another_person_with_the_same_number_is_not_taken_for_a_renamed_one(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database)
    imported(there.context(), lines(tmp_path / "p.jsonl", [person("1", "ann", externalId="a")]))

    report = imported(
        there.context(), lines(tmp_path / "q.jsonl", [person("1", "bob", externalId="b")]), update=True
    )

    assert [one.detail for one in report.problems] == ["the id 1 belongs to ann@example.com here"]
    assert set(answers(there.context())) == {"1"}


def test_people_of_an_earlier_import_who_left_the_source_are_listed_and_stay(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database)
    imported(there.context(), lines(tmp_path / "p.jsonl", [person("1", "ann"), person("2", "bob")]))

    report = imported(there.context(), lines(tmp_path / "q.jsonl", [person("1", "ann")]), update=True)

    assert [one.user_name for one in report.gone] == ["bob@example.com"]
    assert set(answers(there.context())) == {"1", "2"}


def test_wrong_entries_are_reported_by_line_and_the_others_are_imported(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database)
    file = tmp_path / "p.jsonl"
    good = lines(tmp_path / "good", [person("1", "ann"), person("2", "bob"), person("3", "ANN")]).read_text()
    ann, bob, again = good.splitlines()
    nul = '{"id": "4", "userName": "a\\u0000b"}'
    half = '{"id": "5", "userName": "cy@example.com", "title": "\\ud800"}'
    wrong = '{"id": "6", "userName": "dee@example.com", "active": [1]}'
    nameless = '{"schemas": [], "id": "7"}'
    file.write_text(f"{ann}\n{{\n\n{bob}\n{again}\n{nul}\n{half}\n{wrong}\n{nameless}")

    report = imported(there.context(), file)

    assert set(answers(there.context())) == {"1", "2"}
    assert [one.line for one in report.problems] == [2, 5, 6, 7, 8, 9]
    assert "like line 1" in str(report.problems[1].detail)


def test_members_that_do_not_exist_or_make_a_circle_are_counted_and_left_out(
    database: Database, tmp_path: Path
) -> None:
    there = acme(database)
    groups = [group("a", "A", "b", "1", "ghost"), group("b", "B", "a"), group("c", "C", "c")]

    report = imported(there.context(), lines(tmp_path / "p.jsonl", [person("1", "ann"), *groups]))

    found = answers(there.context())
    assert [one["value"] for one in found["a"]["members"]] == ["1", "b"]
    assert "members" not in found["b"]
    assert "members" not in found["c"]
    counts = report.job.counts
    assert (counts["members.added"], counts["members.circular"], counts["members.unknown"]) == (2, 2, 1)


def test_members_without_ids_are_found_by_their_reference_or_name(database: Database, tmp_path: Path) -> None:
    there = acme(database)
    members = [{"$ref": "https://scim.example.com/v2/Users/1"}, {"display": "bob@example.com"}]
    listed = [person("1", "ann"), person("2", "bob"), {**group("g", "G"), "members": members}]

    imported(there.context(), lines(tmp_path / "p.jsonl", listed))

    assert [one["value"] for one in answers(there.context())["g"]["members"]] == ["1", "2"]


def test_a_table_creates_the_groups_that_its_people_name(database: Database, tmp_path: Path) -> None:
    there = acme(database, standard=2, premium=1)
    file = tmp_path / "people.csv"
    file.write_text(
        "userName,id,groups,tier\nann@example.com,1,Engineers;Sales,standard\nbob@example.com,,engineers,\n"
        "cy@example.com,,,premium\ndee@example.com,,,gold\n"
    )

    report = imported(there.context(), file)

    ann, bob = there.person("ann@example.com"), there.person("bob@example.com")
    found = answers(there.context())
    assert (ann.id, ann.tier, bob.tier) == ("1", "standard", "premium")
    assert names(report) == ["cy@example.com"]
    assert [(one.line, one.given_id) for one in report.problems] == [(5, None)]
    assert [[one["display"] for one in found[id_]["groups"]] for id_ in ("1", bob.id)] == [
        ["Engineers", "Sales"],
        ["Engineers"],
    ]


def test_groups_give_tiers_and_roles_from_the_first_moment(database: Database, tmp_path: Path) -> None:
    there = acme(database, standard=5, premium=1)
    context = Context(database, there.id, OPERATOR)
    mappings.save(context, "Everyone", GroupMapping(tier="standard"))
    mappings.save(context, "Directors", GroupMapping(tier="premium", role=Role.ADMIN))
    mappings.choose_unmapped(context, Unmapped.NONE)
    people = [person("1", "ann"), person("2", "bob"), person("3", "cy")]
    groups = [group("e", "Everyone", "1", "d"), group("d", "Directors", "2")]
    file = lines(tmp_path / "p.jsonl", [*people, *groups])
    job = read(there.context(), file)
    foreseen = queries.preview(there.context(), job).seats

    report = finished(there.context(), job)

    ann, bob, cy = (there.person(f"{name}@example.com") for name in ("ann", "bob", "cy"))
    assert (ann.tier, bob.tier, bob.role, cy.tier, cy.unseated) == (
        "standard",
        "premium",
        "admin",
        None,
        "awaiting_group",
    )
    assert report.left_out == ()
    assert [(one.tier, one.outcome.value) for one in foreseen.people] == [
        ("standard", "seated"),
        ("premium", "seated"),
        (None, "none"),
    ]
    with database.snapshot() as connection:
        recount(connection, there.id)
        moves = connection.exec_driver_sql(
            f"SELECT count(*) FROM events WHERE organization = '{there.id}' AND type = 'person.moved'"
        ).scalar()
    assert moves == 0


def test_a_preview_writes_nothing_and_foresees_the_result(database: Database, tmp_path: Path) -> None:
    there = acme(database, standard=2)
    there.sign()
    imported(there.context(), lines(tmp_path / "p.jsonl", [person("1", "ann")]))
    people = [person("1", "ann", title="Director"), *(person(str(n), f"p{n}") for n in range(2, 5))]
    job = read(there.context(), lines(tmp_path / "q.jsonl", [*people, person("bulkId", "eve")]))
    before = answers(there.context())

    found = queries.preview(there.context(), job)

    assert answers(there.context()) == before
    assert dict(found.people) == {"different": 1, "new": 3, "errors": 1}
    counted = {outcome.value: count for outcome, count in found.seats.counted.items() if count}
    assert counted == {"seated": 1, "refused": 2}
    report = finished(there.context(), job)
    assert found.seats.missing == report.summary.missing == {"standard": 2}
    assert found.seats.price == report.summary.bill
