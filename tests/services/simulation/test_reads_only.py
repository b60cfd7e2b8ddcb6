"""A simulation only reads: it writes nothing, takes no lock, and sends few statements."""

from typing import Any

import pytest
from sqlalchemy import event

from scim_server.store.database.session import Database
from tests.support.builders.arriving import Simulated, Stage
from tests.support.builders.staging import ANN, BOB, CY, DEE, of_group, staged


@pytest.mark.parametrize("today", ["2026-03-01", "2026-03-25"])
def test_a_simulation_writes_nothing_even_with_due_changes(database: Database, today: str) -> None:
    acme = staged(database, "buy", standard=2, ceilings={"standard": 1})
    acme.invite("ann")
    acme.provision_person("bob")
    acme.deactivate("bob")
    acme.group("Sales", "bob")
    acme.today = today
    before = acme.everything_written()

    acme.foresee(ANN, BOB, CY, DEE)
    of_group(acme, "Sales")

    assert acme.everything_written() == before
    assert [row.sequence for row in acme.rows("SELECT sequence FROM organization_clock")]


def test_a_simulation_takes_no_lock(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = staged(database, standard=1)

    def locked(*_: object, **__: object) -> None:
        raise AssertionError("the organization's clock was taken")

    monkeypatch.setattr(Database, "write", locked)

    assert [one.outcome for one in acme.foresee(ANN, BOB).people] == ["seated", "refused"]


def test_the_number_of_statements_does_not_depend_on_the_number_of_people(database: Database) -> None:
    acme = staged(database, standard=10)
    few = [Simulated(f"p{number}", groups=("Sales",)) for number in range(3)]
    many = [Simulated(f"p{number}", groups=("Sales",)) for number in range(1_000)]

    assert statements(acme, *few) == statements(acme, *many)


def statements(acme: Stage, *simulated: Simulated) -> int:
    sent: list[str] = []

    def count(*arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        sent.append(arguments[2])

    event.listen(acme.database.reader, "before_cursor_execute", count)
    try:
        acme.foresee(*simulated)
    finally:
        event.remove(acme.database.reader, "before_cursor_execute", count)
    return len(sent)
