"""The settings of an organization in an open transaction."""

from collections.abc import Mapping

from scim_server.history import OrganizationUpdated
from scim_server.store.database.session import Write
from scim_server.store.rows import events, organizations


def change(write: Write, settings: Mapping[str, object]) -> None:
    """Write the changed settings. If nothing changes, nothing is written."""
    before = organizations.get(write)
    changed = {name: value for name, value in settings.items() if getattr(before, name) != value}
    if changed:
        organizations.change(write, changed)
        changes = {name: {"from": getattr(before, name), "to": value} for name, value in changed.items()}
        events.append(write, OrganizationUpdated(changes=changes))
