"""Lookups of every write and every link use an index, on SQLite without its own statistics."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.dialects import sqlite

from scim_server.services.billing import due
from scim_server.store.database import schema
from scim_server.store.database.session import Database
from scim_server.store.tables import OWNS, PENDING, invitations, mails, people


def plan_of(database: Database, query: Select[Any]) -> str:
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    values = tuple(compiled.params[name] for name in compiled.positiontup or ())
    with database.snapshot() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
    return "; ".join(str(row[3]) for row in rows)


def test_pending_invitations_are_found_without_reading_closed_ones(
    new_url: Callable[[str], str],
) -> None:
    database = due.opened(new_url("sqlite"))
    schema.upgrade(database)
    here = invitations.c.organization == "o"

    queries: tuple[Select[Any], ...] = (
        select(literal(1)).where(here, PENDING),
        select(invitations).where(here, PENDING, invitations.c.email_key.in_(["a"])),
        select(invitations).where(here, PENDING, invitations.c.expires <= "2026"),
        select(invitations).where(here, invitations.c.digest == "d"),
        select(mails).where(mails.c.next_attempt.is_not(None), mails.c.next_attempt <= "2026"),
    )

    used = [plan_of(database, query).partition("INDEX ")[2].split()[0] for query in queries]

    database.close()
    assert used[0] in ("uq_invitations_one_pending", "ix_invitations_expiring")
    assert used[1:] == [
        "uq_invitations_one_pending",
        "ix_invitations_expiring",
        "sqlite_autoindex_invitations_2",
        "ix_mails_due",
    ]


def test_owners_and_mail_that_expires_are_found_without_reading_the_others(
    new_url: Callable[[str], str],
) -> None:
    database = due.opened(new_url("sqlite"))
    schema.upgrade(database)

    queries: tuple[Select[Any], ...] = (
        select(people).where(people.c.organization == "o", OWNS),
        select(mails).where(
            mails.c.organization == "o", mails.c.expires.is_not(None), mails.c.expires <= "2026"
        ),
    )

    used = [plan_of(database, query).partition("INDEX ")[2].split()[0] for query in queries]

    database.close()
    assert used == ["ix_people_owners", "ix_mails_expiring"]
