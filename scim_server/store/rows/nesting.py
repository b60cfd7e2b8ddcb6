"""Groups inside groups: a table of all groups that each group contains, at any depth."""

from sqlalchemy import delete, insert, literal, select

from scim_server.store.database.session import Write
from scim_server.store.tables import Key, group_closure, group_subgroups


def add(write: Write, group: str) -> None:
    """Insert the pair of a new group with itself."""
    row = {"organization": write.organization, "ancestor": group, "descendant": group}
    write.connection.execute(insert(group_closure).values(row))


def rebuild(write: Write) -> None:
    """Compute the table again after a change of nesting, with two statements."""
    proper = group_closure.c.ancestor != group_closure.c.descendant
    write.connection.execute(
        delete(group_closure).where(group_closure.c.organization == write.organization, proper)
    )
    nested = group_subgroups.c
    below = (
        select(nested.group_id.label("ancestor"), nested.subgroup.label("descendant"))
        .where(nested.organization == write.organization)
        .cte("below", recursive=True)
    )
    deeper = select(below.c.ancestor, nested.subgroup).join(
        group_subgroups,
        (nested.organization == write.organization) & (nested.group_id == below.c.descendant),
    )
    below = below.union(deeper)
    rows = select(literal(write.organization, Key), below.c.ancestor, below.c.descendant)
    write.connection.execute(
        insert(group_closure).from_select(["organization", "ancestor", "descendant"], rows)
    )
