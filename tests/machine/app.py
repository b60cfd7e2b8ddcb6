"""An app that keeps its own tables from a snapshot and the events after it, next to every random history."""

from hypothesis.stateful import invariant

from scim_server.services.context import Context
from scim_server.store.database.session import OPERATOR
from tests.machine.one_organization import Machine
from tests.support.oracles.app import App, check

READS_EVERY, BEGINS_AGAIN_EVERY = 5, 37
"""Steps. The app sees some events soon, and others only after further changes of the same people."""


class AppRules(Machine):
    app: App | None = None
    steps = 0

    @invariant()
    def the_app_reads_on(self) -> None:
        """Read some events now and then. At times, the app has lost its tables and takes a new snapshot."""
        self.steps += 1
        if self.app is None or self.steps % BEGINS_AGAIN_EVERY == 0:
            self.app = App.begin(self._here())
        elif self.steps % READS_EVERY == 0:
            self.app.read_on(self._here(), limit=self.steps % 7 + 1)

    def teardown(self) -> None:
        try:
            if self.app is not None:
                check(self.app, self._here())
        finally:
            super().teardown()

    def _here(self) -> Context:
        return Context(self.database, self.real.id, OPERATOR)
