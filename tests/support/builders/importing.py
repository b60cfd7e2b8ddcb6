"""Directories that move in, and what SCIM answers about them afterwards."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scim_server.protocol.group import render_group
from scim_server.protocol.projection import EVERYTHING
from scim_server.protocol.user import render_user
from scim_server.services.context import Context
from scim_server.services.exports import queries as exports
from scim_server.services.imports import commands, queries
from scim_server.services.imports.commands import Options
from scim_server.services.imports.queries import Report
from scim_server.services.scim.search import shown, shown_groups
from scim_server.store.rows import exported

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
Resource = Mapping[str, Any]


def person(id_: str, name: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - SCIM values
    """A person as another server lists it."""
    user_name = name if "@" in name else f"{name}@example.com"
    return {"schemas": [USER], "id": id_, "userName": user_name, **values}


def group(id_: str, name: str, *members: str, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - SCIM values
    """A group as another server lists it."""
    listed = [{"value": member} for member in members]
    return {"schemas": [GROUP], "id": id_, "displayName": name, "members": listed, **values}


def lines(path: Path, resources: Iterable[Resource]) -> Path:
    """A file in JSON Lines."""
    path.write_text("".join(f"{json.dumps(one)}\n" for one in resources))
    return path


def read(context: Context, path: Path, *, keep_ids: bool = True, update: bool = False) -> str:
    """Read a file; return the id of its import."""
    return commands.read_file(context, path, Options(keep_ids, update), lambda *_: None).id


def imported(context: Context, path: Path, *, keep_ids: bool = True, update: bool = False) -> Report:
    """Import a file."""
    return finished(context, read(context, path, keep_ids=keep_ids, update=update))


def finished(context: Context, job: str) -> Report:
    """Carry out an import to its end."""
    for _ in commands.run(context, job):
        pass
    return queries.report(context, job)


def export_to(context: Context, path: Path) -> Path:
    return lines(path, exports.lines(context))


def answers(context: Context) -> dict[str, Resource]:
    """What SCIM answers about every person and group, except what each server gives itself."""
    with context.read() as read:
        people = exported.people_after(read, 0, 10_000) + exported.waiting_after(read, None, 10_000)
        groups = exported.groups_after(read, 0, 10_000)
        found = [render_user(one, "") for one in shown(read, people, EVERYTHING, seats=True)]
        found += [render_group(one, "") for one in shown_groups(read, groups, EVERYTHING)]
    return {str(one["id"]): _portable(one) for one in found}


def _portable(resource: dict[str, Any]) -> Resource:
    meta = {name: value for name, value in resource["meta"].items() if name in ("resourceType", "created")}
    return {**resource, "meta": meta}


def names(report: Report, kind: str = "left_out") -> Sequence[str | None]:
    return [one.key for one in getattr(report, kind)]
