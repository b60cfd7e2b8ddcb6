"""An app of the vendor with its own tables, as docs/events.md tells it to keep them.

It knows only the representations of events and the lines of snapshots. It keeps people twice: from the key
`person`, and from the key `changes` alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from scim_server.representations.public_events import published
from scim_server.representations.snapshots import lines
from scim_server.services.context import Context
from scim_server.services.events import queries

Line = Mapping[str, Any]
USUAL = {"active": True, "tier": None, "waits_for": None, "role": "user"}
"""What a person begins with, unless an event says something else.

The priority is left out, because tests set it without an event.
"""
_SHOWN = ("user_name", "status", "tier", "waits_for", "role")
_COUNTS = ("purchased", "assigned", "held")


@dataclass
class App:
    """The tables of the app.

    Attributes:
        people: the person of the last event about each, by id.
        followed: the same people from changes alone, by id.
        groups: name and members by id.
        seats: the counts by tier.
        log: the events since the snapshot.
    """

    cursor: str | None = None
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    followed: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    seats: dict[str, dict[str, int]] = field(default_factory=dict)
    log: list[Line] = field(default_factory=list)

    @classmethod
    def begin(cls, context: Context) -> "App":
        """Fill the tables from a snapshot."""
        app = cls()
        for line in lines(queries.snapshot(context)):
            app._fill(line)
        return app

    def _fill(self, line: Line) -> None:
        match line["kind"]:
            case "snapshot":
                self.cursor = line["cursor"]
            case "seats":
                self.seats[line["tier"]] = {name: line[name] for name in _COUNTS}
            case "person":
                self.people[line["id"]] = shown(line)
                kept = {name: line[name] for name in (*USUAL, "user_name") if name in line}
                self.followed[line["id"]] = {**kept, "active": line["status"] != "inactive"}
            case "group":
                self.groups[line["id"]] = {"name": line["display_name"], "members": set()}
            case "members":
                self.groups[line["group"]]["members"] |= {*line["people"], *line["groups"]}

    def read_on(self, context: Context, limit: int = 200) -> bool:
        """Read the next events; return whether there are more."""
        found = queries.after(context, self.cursor, limit=limit)
        self.cursor = found.cursor
        for event in published(found.data):
            self.log.append(event)
            self._apply(event)
        return found.more

    def _apply(self, event: Line) -> None:
        for tier, delta in event["seats"].items():
            counts = self.seats.setdefault(tier, dict.fromkeys(_COUNTS, 0))
            for name in _COUNTS:
                counts[name] += delta[name]
        about = event["about"]
        if about["type"] == "person" and about["id"] is not None:
            self._apply_person(about["id"], event)
        elif about["type"] == "group":
            self._apply_group(about["id"], event)

    def _apply_person(self, id_: str, event: Line) -> None:
        if event["person"] is None:
            self.people.pop(id_, None)
        else:
            self.people[id_] = shown(event["person"])
        if event["type"] == "person.deleted":
            del self.followed[id_]
            self._leave_groups(id_)
            return
        known = id_ in self.followed
        values = self.followed.setdefault(id_, {**USUAL, "user_name": event["about"]["name"]})
        for name in event["changes"].keys() & values.keys():
            change = event["changes"][name]
            assert not known or change.get("from", values[name]) == values[name], (event, values)
            values[name] = change["to"]

    def _apply_group(self, id_: str, event: Line) -> None:
        if event["type"] == "group.deleted":
            del self.groups[id_]
            self._leave_groups(id_)
            return
        group = self.groups.setdefault(id_, {"name": None, "members": set()})
        for name, change in event["changes"].items():
            if name == "members":
                group["members"] |= ids(change["added"])
                group["members"] -= ids(change["removed"])
            else:
                assert change["from"] == group["name"]
                group["name"] = change["to"]

    def _leave_groups(self, id_: str) -> None:
        for group in self.groups.values():
            group["members"].discard(id_)


def ids(members: Iterable[Line]) -> set[str]:
    return {one["id"] for one in members}


def shown(person: Line) -> dict[str, Any]:
    return {name: person[name] for name in _SHOWN}


def expected(context: Context) -> App:
    """The tables as the product has them, read by separate SQL."""
    app, place = App(), {"org": context.organization}
    with context.database.reader.connect() as connection:

        def rows(query: str) -> Iterable[Any]:
            return connection.execute(text(f"{query} WHERE organization = :org"), place)

        for one in rows("SELECT id, user_name, active, tier, wants, role FROM people"):
            whole = {
                "user_name": one.user_name,
                "tier": one.tier,
                "waits_for": one.wants,
                "role": one.role,
            }
            inactive = "waiting" if one.wants else "none"
            status = "seated" if one.tier else inactive
            app.people[one.id] = {**whole, "status": status if one.active else "inactive"}
            app.followed[one.id] = {**whole, "active": bool(one.active)}
        for one in rows('SELECT id, display_name FROM "groups"'):
            app.groups[one.id] = {"name": one.display_name, "members": set()}
        for one in rows("SELECT group_id, person AS member FROM group_members"):
            app.groups[one.group_id]["members"].add(one.member)
        for one in rows("SELECT group_id, subgroup AS member FROM group_subgroups"):
            app.groups[one.group_id]["members"].add(one.member)
        for one in rows("SELECT tier, purchased, assigned, held FROM seat_pool"):
            app.seats[one.tier] = {name: getattr(one, name) for name in _COUNTS}
    return app


def check(app: App, context: Context) -> None:
    """Let the app read everything, and compare its tables with the product's."""
    while app.read_on(context):
        pass
    there = expected(context)
    for table in ("people", "followed", "groups", "seats"):
        mine, theirs = getattr(app, table), getattr(there, table)
        wrong = [key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)]
        faults = [f"{table} {key}: {mine.get(key)} instead of {theirs.get(key)}" for key in wrong]
        assert not faults, "\n".join([*faults, *(str(one) for one in app.log if one["about"]["id"] in wrong)])
