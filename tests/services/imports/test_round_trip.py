"""An export that is imported elsewhere gives the same answers of SCIM."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scim_server.protocol.attributes import JSON
from scim_server.protocol.directory import STANDARD
from scim_server.protocol.group import parse_group
from scim_server.protocol.resource import Described
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.errors import UnreadableFile
from scim_server.services.exports import queries as exports
from scim_server.services.groups import commands as groups
from scim_server.services.mappings import commands as mappings
from scim_server.services.organizations import queries as organizations
from scim_server.services.people import commands as people
from scim_server.services.people.provision import Saved
from scim_server.services.schemas import commands as schemas
from scim_server.services.scim import commands as resources
from scim_server.services.scim.queries import directory
from scim_server.store.database.session import Database
from seat_policy.mapping import GroupMapping
from tests.support.builders.importing import ENTERPRISE, answers, export_to, imported, lines, person
from tests.support.builders.organization import PROVIDER, Organization, described
from tests.support.oracles.recount import recount

SEAT = "urn:scim-seats:params:scim:schemas:extension:seat:1.0:User"
BADGE = "urn:example:badge"
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
PERSON = st.fixed_dictionaries(
    {"active": st.sampled_from([True, True, True, False])},
    optional={
        "displayName": WORDS,
        "externalId": WORDS,
        "name": st.fixed_dictionaries({"givenName": WORDS, "familyName": WORDS}),
        "emails": st.lists(
            st.fixed_dictionaries({"value": WORDS}, optional={"type": WORDS, "primary": st.booleans()}),
            max_size=2,
        ),
        "title": WORDS,
        BADGE: st.fixed_dictionaries({"number": st.integers(0, 9)}),
    },
)


@st.composite
def directories(draw: st.DrawFn) -> dict[str, Any]:
    """People, their managers, and groups that contain people and later groups."""
    found = draw(st.lists(PERSON, min_size=1, max_size=8))
    managers = draw(st.dictionaries(st.integers(0, len(found) - 1), st.integers(0, len(found) - 1)))
    count = draw(st.integers(0, 4))
    members = [
        (draw(st.sets(st.integers(0, len(found) - 1))), draw(st.sets(st.integers(one + 1, 5), max_size=2)))
        for one in range(count)
    ]
    names = draw(st.lists(WORDS, min_size=count, max_size=count))
    left = draw(st.sets(st.integers(0, len(found) - 1), max_size=2))
    return {"people": found, "managers": managers, "members": members, "names": names, "left": left}


def built(database: Database, drawn: dict[str, Any]) -> Organization:
    """An organization with this directory, in which some people lost their seats afterwards."""
    there = Organization(database, {"standard": 3, "premium": 2}, "queue")
    context = Context(database, there.id, PROVIDER)
    number: JSON = {"name": "number", "type": "integer"}
    schemas.add(
        context, schemas.read_definitions({"id": BADGE, "name": "Badge", "attributes": [number]}), "User"
    )
    reader = directory(context, organizations.show(context).organization).user_reader(
        seats=True, strict=False
    )
    ids = []
    for one, values in enumerate(drawn["people"]):
        saved = people.create(context, parse_user({"userName": f"p{one}@example.com", **values}, reader))
        assert isinstance(saved, Saved)
        ids.append(saved.person.id)
    for one, manager in drawn["managers"].items():
        body = {**drawn["people"][one], "userName": f"p{one}@example.com"}
        body[ENTERPRISE] = {"manager": {"value": ids[manager]}}
        people.replace(context, ids[one], parse_user(body, reader))
    created: dict[int, str] = {}
    for one in reversed(range(len(drawn["names"]))):
        persons, inner = drawn["members"][one]
        named, _ = parse_group({"displayName": drawn["names"][one]}, STANDARD.group_reader(strict=False))
        members = [*(ids[n] for n in sorted(persons)), *(created[n] for n in sorted(inner) if n in created)]
        created[one] = groups.create(context, named, members).group.id
    for one in drawn["left"]:
        if drawn["people"][one]["active"]:
            there.unassign(f"p{one}@example.com")
    return there


def told(there: Organization) -> dict[str, Any]:
    """What SCIM answers, except when a wait began."""
    found = answers(there.context())
    for one in found.values():
        one.get(SEAT, {}).pop("waitingSince", None)
    return found


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(directories())
def test_an_import_of_an_export_gives_the_same_answers(
    own_database: Database, tmp_path: Path, drawn: dict[str, Any]
) -> None:
    here, there = (
        built(own_database, drawn),
        Organization(own_database, {"standard": 3, "premium": 2}, "queue"),
    )

    report = imported(there.context(), export_to(here.context(), tmp_path / "export.jsonl"))

    assert (report.problems, report.different) == ((), ())
    assert told(there) == told(here)
    with own_database.snapshot() as connection:
        recount(connection, there.id)


def test_an_export_has_everything_except_secrets(database: Database, tmp_path: Path) -> None:
    there = Organization(database, {"standard": 1}, "queue", owner="owner@example.com")
    there.sign()
    mappings.save(there.context(), "Engineers", GroupMapping(tier="standard"))
    imported(there.context(), lines(tmp_path / "p.jsonl", [person("1", "ann")]))

    found = list(exports.lines(there.context()))

    (organization, mapping, owner, ann, end) = found
    assert (organization["organization"], organization["people"]) == (there.row.slug, 2)
    assert organization["tiers"][0] == {
        "tier": "standard",
        "rank": 1,
        "purchased": 1,
        "assigned": 1,
        "held": 0,
        "waiting": 0,
        "overflow": None,
        "ceiling": None,
    }
    assert organization["contract"]["prices"]["standard"]["amount"] == "20.00"
    assert (mapping["group"], mapping["tier"]) == ("Engineers", "standard")
    assert (owner["role"], owner["seat"]["tier"]) == ("primary_owner", "standard")
    assert (ann["scim"]["id"], ann["seat"]["status"], ann["seat"]["waits_for"]) == ("1", "waiting", "any")
    assert end == {"type": "end", "lines": 4}
    written = json.dumps(found)
    with database.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT digest FROM tokens").scalars()
        secrets = [*rows, *connection.exec_driver_sql("SELECT cursor_key FROM organizations").scalars()]
    assert not [one for one in secrets if str(one) in written]


def test_an_export_shows_one_state_although_people_are_created_while_it_is_written(
    database: Database,
) -> None:
    there = Organization(database, {"standard": 10}, "reject")
    lines_ = exports.lines(there.context())
    first = next(lines_)

    there.create(described("ann@example.com", "Engineer"))

    assert [one["type"] for one in [first, *lines_]] == ["organization", "end"]


def test_a_cut_off_export_is_refused_and_nothing_of_it_is_kept(database: Database, tmp_path: Path) -> None:
    here, there = (Organization(database, {"standard": 10}, "reject") for _ in range(2))
    file = export_to(here.context(), tmp_path / "export.jsonl")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))

    with pytest.raises(UnreadableFile, match="cut off"):
        imported(there.context(), file)

    assert answers(there.context()) == {}


def test_custom_types_and_the_primary_owner_move_too(database: Database, tmp_path: Path) -> None:
    here, there = (Organization(database, {"standard": 3}, "reject") for _ in range(2))
    owned = Organization(database, {"standard": 3}, "reject", owner="owner@example.com")
    context = Context(database, owned.id, PROVIDER)
    device: dict[str, JSON] = {
        "Resources": [
            {
                "id": "urn:example:device",
                "name": "Device",
                "attributes": [{"name": "serial", "type": "string"}],
            },
            {"name": "Device", "endpoint": "/Devices", "schema": "urn:example:device"},
        ]
    }
    schemas.add(context, schemas.read_definitions(device), "User")
    kind = directory(context, organizations.show(context).organization).own("Device")
    made = resources.create(context, kind, Described.of({"serial": "x1"}, kind))
    file = export_to(owned.context(), tmp_path / "export.jsonl")

    imported(there.context(), file)
    imported(here.context(), file)

    for moved in (here, there):
        assert moved.person("owner@example.com").role == "primary_owner"
        listed = [one for one in exports.lines(moved.context()) if one["type"] == "resource"]
        assert [(one["scim"]["id"], one["scim"]["serial"]) for one in listed] == [(made.id, "x1")]
