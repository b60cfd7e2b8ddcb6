"""A page of the console sends as many statements among 20,000 people as among 20."""

import httpx
import pytest
from sqlalchemy import event

from scim_server.store.database import check
from scim_server.store.database.session import Database, timestamp
from tests.api.in_process import PUBLIC_URL
from tests.console.addresses import Map, walked
from tests.console.conftest import MORNING
from tests.console.crowd import MIDDLE, SMALL, crowd
from tests.console.visiting import Place


class Counted:
    """The statements of a database while pages are opened."""

    def __init__(self, place: Place) -> None:
        self.place, self.statements = place, list[str]()
        self.owner = place.enter()

    def note(self, *given: object) -> None:
        self.statements.append(str(given[2]))

    def get(self, path: str) -> httpx.Response:
        return self.owner.client.get(f"{PUBLIC_URL}{path}", follow_redirects=True)

    def sent(self, path: str) -> list[str]:
        """The statements of a second visit: the first notes that the session was used."""
        database = self.place.context.database
        self.get(path)
        self.statements.clear()
        engines = {database.writer, database.reader, database.single}
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self.note)
        try:
            assert self.get(path).status_code == 200
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", self.note)
        return self.statements.copy()

    def pages(self) -> Map:
        return walked(self.get, self.place.slug)


def test_a_page_sends_the_same_number_of_statements_in_any_size_of_organization(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "now", lambda: MORNING)
    small, large = Counted(crowd(database, SMALL)), Counted(crowd(database, MIDDLE))
    with database.snapshot() as connection:
        assert check.problems(connection, timestamp(MORNING)) == []

    few = {endpoint: [len(small.sent(one)) for one in at] for endpoint, at in small.pages().pages.items()}
    many = {endpoint: [len(large.sent(one)) for one in at] for endpoint, at in large.pages().pages.items()}

    # The overview sends fewer: it does not count idle people itself when there are many.
    assert many.pop("console_overview.show") < few.pop("console_overview.show")
    assert few == many
    assert all(count > 0 for counts in many.values() for count in counts)
