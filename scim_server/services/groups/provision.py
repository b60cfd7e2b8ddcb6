"""Changes of groups. Each function takes an open transaction."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from orjson import loads

from scim_server.history import LISTED, GroupCreated, GroupDeleted, GroupUpdated, MappingGroupGone
from scim_server.protocol.change import Kind
from scim_server.protocol.errors import InvalidValue, NoTarget, NotFound, VersionMismatch
from scim_server.protocol.etag import matches
from scim_server.protocol.group import Group, MemberChange, apply_own
from scim_server.services.entitlements import apply as entitlements
from scim_server.services.notifications import owner_mail as owners
from scim_server.services.scim.schemas import directory_of
from scim_server.store.database.session import Read, Write
from scim_server.store.rows import events, group_members, groups, mappings, memberships
from scim_server.store.rows.group_members import NOBODY, Candidates, Members
from scim_server.store.rows.groups import StoredGroup
from scim_server.store.rows.mappings import Mapped
from scim_server.store.rows.organizations import Organization


def create(
    write: Write,
    organization: Organization,
    group: Group,
    members: Sequence[str],
    *,
    id_: str | None = None,
    created: str | None = None,
) -> StoredGroup:
    """Create a group.

    Args:
        id_: an id that was assigned before; None for a new id.
        created: when the group was created elsewhere; None for now.
    """
    group_id = id_ or str(uuid4())
    found = _fitting(write, group_id, members)
    stored = StoredGroup(
        id=group_id,
        sequence=write.reserve(),
        display_name=group.display_name,
        display_name_key=group.display_name_key,
        external_id=group.external_id,
        members=len(members),
        created=write.at if created is None else min(created, write.at),
        modified=write.at,
        version=1,
        document=group.document,
    )
    event = GroupCreated(
        group=stored.id,
        status=HTTPStatus.CREATED,
        display_name=group.display_name,
        added=len(members),
        **_listed(added=found.new),
    )
    events.append(write, event, stored.sequence)
    groups.add(write, stored, group)
    if members:
        group_members.add(write, stored.id, found.new)
        memberships.touch(write, stored.id, found.new, NOBODY)
        if organization.maps_groups:
            entitlements.follow(write, organization, mappings.people_under(write, [stored.id]))
    return stored


def delete(write: Write, organization: Organization, before: StoredGroup) -> None:
    """Delete a group; its members lose what the group gave (SEATS 23)."""
    concerned = mappings.people_under(write, [before.id]) if organization.maps_groups else set()
    event = GroupDeleted(
        group=before.id,
        status=HTTPStatus.NO_CONTENT,
        display_name=before.display_name,
        removed=before.members,
    )
    events.append(write, event)
    if organization.maps_groups:
        _alert(write, _mappings_of(write, before), before, "deleted")
    groups.remove(write, before)
    if concerned:
        entitlements.follow(write, organization, concerned)


def _mappings_of(read: Read, group: StoredGroup) -> list[Mapped]:
    return mappings.matching(read, group.display_name_key, group.external_id)


def _alert(write: Write, lost: Sequence[Mapped], before: StoredGroup, why: str) -> None:
    """Notify Owners if a mapped group was deleted or renamed, because its mapping no longer applies."""
    for mapped in lost:
        owners.notify(write, MappingGroupGone(group=before.id, reason=why, name=mapped.name, why=why))


def existing(write: Write, group_id: str, if_match: str | None) -> StoredGroup:
    """The group with the given id; its version must be the one that the client expects.

    Raises:
        NotFound, VersionMismatch: see these classes.
    """
    found = groups.get(write, group_id)
    if found is None:
        raise NotFound(f"Group {group_id} does not exist.")
    if if_match is not None and not matches(if_match, found.version):
        raise VersionMismatch(f"The Group {group_id} has changed. Its version is now {found.version}.")
    return found


def _fitting(write: Write, group_id: str, ids: Sequence[str]) -> Candidates:
    """The given members, which must be people or groups of the organization; no group may contain itself."""
    found = group_members.candidates(write, group_id, ids)
    if found.unknown:
        more = f" and {len(found.unknown) - 1} more" if len(found.unknown) > 1 else ""
        raise InvalidValue(
            f"members: this organization has no User or Group with the id {found.unknown[0][:100]}{more}."
        )
    if found.circular is not None:
        raise InvalidValue(
            f"members: the group {found.circular} contains this group, "
            "so it cannot be a member of this group."
        )
    return found


def save(
    write: Write,
    organization: Organization,
    before: StoredGroup,
    group: Group,
    changes: Sequence[MemberChange],
    *,
    follows: bool = True,
) -> StoredGroup:
    """Write a group's new values and members. If nothing changes, nothing is written.

    Args:
        follows: whether people get what their groups now give; false if the caller applies that later,
            because more changes of their groups come.
    """
    renamed = (before.display_name_key, before.external_id) != (group.display_name_key, group.external_id)
    added, removed = NOBODY, NOBODY
    for change in changes:
        new, gone = _change_members(write, before.id, change)
        # A person who is removed and added again in one request has not changed.
        added, removed = (added | (new - removed)) - gone, (removed | (gone - added)) - new
    if not added and not removed and loads(group.document) == loads(before.document):
        return before
    event = GroupUpdated(
        group=before.id,
        status=HTTPStatus.OK,
        display_name=group.display_name,
        added=len(added),
        removed=len(removed),
        earlier_name=None if group.display_name == before.display_name else before.display_name,
        **_listed(added=added, removed=removed),
    )
    events.append(write, event)
    if added or removed:
        memberships.touch(write, before.id, added, removed)
    after = groups.change(write, before, group, before.members + len(added) - len(removed))
    if organization.maps_groups and renamed:
        still = _mappings_of(write, after)
        lost = [one for one in _mappings_of(write, before) if one not in still]
        _alert(write, lost, before, "renamed")
    if organization.maps_groups and follows:
        touched = added.ids | removed.ids
        concerned = touched | mappings.people_under(write, {*touched, before.id} if renamed else touched)
        entitlements.follow(write, organization, concerned)
    return after


def _listed(**changed: Members) -> dict[str, Any]:
    """The ids of added and removed members, for an event; not listed if there are too many."""
    if sum(map(len, changed.values())) > LISTED:
        return {"unlisted": True}
    people = {f"people_{way}": sorted(some.people) for way, some in changed.items() if some.people}
    return people | {f"groups_{way}": sorted(some.groups) for way, some in changed.items() if some.groups}


def join(write: Write, organization: Organization, group_id: str, ids: Sequence[str]) -> None:
    """Add people as members of a group, if it still exists."""
    before = groups.get(write, group_id)
    if before is not None:
        reader = directory_of(write, organization).group_reader(strict=organization.strict)
        group = apply_own(before.document, (), reader)
        save(write, organization, before, group, [MemberChange(Kind.ADD, tuple(ids))])


def _change_members(write: Write, group_id: str, change: MemberChange) -> tuple[Members, Members]:
    """Make one change; return the added and the removed members."""
    if change.kind is Kind.REMOVE:
        ids = _looked_for(write, group_id, change) if change.looks else change.ids
        gone = group_members.present(write, group_id, ids)
        group_members.remove(write, group_id, gone)
        return NOBODY, gone
    found = _fitting(write, group_id, change.ids or ())
    gone = NOBODY
    if change.kind is Kind.REPLACE:
        gone = group_members.present(write, group_id, None) - found.present
        group_members.remove(write, group_id, gone)
    group_members.add(write, group_id, found.new)
    return found.new, gone


def _looked_for(write: Write, group_id: str, change: MemberChange) -> tuple[str, ...]:
    """The members that a change selects with a filter, not only with ids.

    Raises:
        NoTarget: the change requires a match, and none exists.
    """
    if change.among is not None:
        members = group_members.among(write, group_id, change.among)
    else:
        members = group_members.of(write, group_id)
    ids = tuple(member.id for member in members if change.meets(member))
    if change.demanded and not ids:
        raise NoTarget("No member of the group matches the path.")
    return ids
