"""A customer with a contract, on a real database whose clock the test moves."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import text

from scim_server.protocol.directory import STANDARD
from scim_server.protocol.user import parse_user
from scim_server.services.billing import commands
from scim_server.services.billing.commands import Renewal
from scim_server.services.billing.contracts import Signed, Terms
from scim_server.services.billing.purchases import Purchase, Request
from scim_server.services.billing.renewal import Ended, Renewed
from scim_server.services.confirmations import Done, Stale
from scim_server.services.context import Context
from scim_server.services.invoicing import commands as invoicing
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.create import NewOrganization
from scim_server.services.people import commands as people
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import OPERATOR, Actor, Database
from scim_server.store.rows import people as people_store
from scim_server.store.rows.invoices import Invoice
from seat_policy.bill import Order, Upgrade
from seat_policy.contract import DEFAULT_TIERS, Per, Tier
from seat_policy.overflow import Overflow
from seat_policy.ways_in import WayIn
from tests.support.oracles.recount import recount

OKTA = Actor("okta", WayIn.SCIM, "request-1")
USERS = STANDARD.user_reader(seats=False, strict=False)
T = TypeVar("T")
PRICES = {"standard": ("20.00", Per.MONTH), "premium": ("100.00", Per.MONTH)}


def at(text_: str) -> datetime:
    """A moment; without a zone in UTC, without a time at noon."""
    moment = datetime.fromisoformat(text_ if "T" in text_ else f"{text_}T12:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def moved(database: Database) -> Iterator[None]:
    """Give the clock back afterwards."""
    real = database.now
    yield
    database.now = real


def done(outcome: Done[T] | Stale) -> Done[T]:
    """The result, after a check that the confirmation was not stale."""
    assert isinstance(outcome, Done), outcome
    return outcome


class Customer:
    """One organization; every method is one use."""

    def __init__(
        self,
        database: Database,
        today: str,
        terms: Terms | None,
        seats: Mapping[str, int],
        *,
        overflow: str = "queue",
        tiers: Sequence[Tier] = DEFAULT_TIERS,
        bill_opening: bool = False,
        ceilings: Mapping[str, int] | None = None,
    ) -> None:
        self.database = database
        self.today = today
        self.founded = organizations.create(
            database,
            OPERATOR,
            NewOrganization(
                f"c-{uuid4().hex}",
                seats,
                tiers=tiers,
                overflow=Overflow(overflow),
                terms=terms,
                bill_opening=bill_opening,
                ceilings=ceilings or {},
            ),
        )
        self.id = self.founded.organization.id
        self.slug = self.founded.organization.slug

    def context(self, actor: Actor = OPERATOR) -> Context:
        """Where commands and queries are carried out."""
        return Context(self.database, self.id, actor)

    @property
    def today(self) -> str:
        """Set the day or the time."""
        return timestamp_of(self.database)

    @today.setter
    def today(self, text_: str) -> None:
        self.database.now = lambda: at(text_)

    def provision(self, *names: str) -> list[str]:
        """Create people by SCIM; returns the result for each: a tier, `waiting`, or `refused`."""
        found = []
        for name in names:
            user = parse_user({"userName": f"{name}@example.com"}, USERS)
            outcome = people.create(Context(self.database, self.id, OKTA), user)
            if isinstance(outcome, Refused):
                found.append(f"refused: {outcome.detail.partition('. Reference')[0]}")
            else:
                found.append(outcome.person.tier or outcome.person.status)
        return found

    def remove(self, name: str) -> None:
        people.delete(Context(self.database, self.id, OKTA), self.person(name).id)

    def person(self, name: str) -> Any:  # noqa: ANN401 - an existing person
        with self.database.read(self.id) as read:
            return people_store.by_key(read, f"{name}@example.com")

    def whereabouts(self, *names: str) -> list[str]:
        return [self.person(name).tier or self.person(name).status for name in names]

    def order(
        self,
        *upgrades: tuple[int, str, str],
        preview: bool = False,
        confirmation: str | None = None,
        **wanted: Any,  # noqa: ANN401 - seats by tier, and what a request takes
    ) -> Done[Purchase] | Stale:
        """Order seats by tier, and upgrades; other words are those of a request."""
        extra = {name: wanted.pop(name) for name in ("for_people", "on", "key") if name in wanted}
        extra["for_people"] = tuple(f"{name}@example.com" for name in extra.get("for_people", ()))
        request = Request(Order(wanted, tuple(Upgrade(*one) for one in upgrades)), **extra)
        return commands.buy(self.context(), request, preview=preview, confirmation=confirmation)

    def buy(self, *upgrades: tuple[int, str, str], **wanted: Any) -> Purchase:  # noqa: ANN401
        """The same, where the confirmation is not stale."""
        return done(self.order(*upgrades, **wanted)).result

    def seen(self, *upgrades: tuple[int, str, str], **wanted: Any) -> Done[Purchase]:  # noqa: ANN401
        """The preview of an order."""
        return done(self.order(*upgrades, preview=True, **wanted))

    def credit(self, number: int, *positions: int, reason: str = "a mistake") -> Invoice:
        """A credit note for an invoice, or for some of its lines."""
        return done(invoicing.credit(self.context(), number, reason=reason, positions=positions)).result

    def sign(self, terms: Terms, *, bill_opening: bool = False) -> Signed:
        return commands.set_contract(self.context(), terms, bill_opening=bill_opening)

    def schedule(self, **quantities: int | None) -> Signed:
        return commands.schedule(self.context(), quantities)

    def renewal(
        self, as_of: str | None = None, *, preview: bool = False, confirmation: str | None = None
    ) -> Done[Renewal] | Stale:
        """The changes due by a day, applied or previewed."""
        day = None if as_of is None else date.fromisoformat(as_of)
        return commands.renew(self.context(), day, preview=preview, confirmation=confirmation)

    def renew(self, as_of: str | None = None, *, preview: bool = False) -> tuple[Renewed | Ended, ...]:
        return done(self.renewal(as_of, preview=preview)).result.steps

    def seats(self) -> dict[str, tuple[int, int]]:
        """Purchased and assigned, by tier."""
        rows = self.rows("SELECT tier, purchased, assigned FROM seat_pool")
        return {row.tier: (row.purchased, row.assigned) for row in rows}

    def invoices(self) -> list[tuple[int, str, int]]:
        """Number, reason and total in minor units."""
        rows = self.rows("SELECT number, reason, total FROM invoices")
        return sorted((row.number, row.reason, row.total) for row in rows)

    def events(self) -> list[str]:
        rows = self.rows("SELECT sequence, type FROM events")
        return [row.type for row in sorted(rows, key=lambda row: int(row.sequence))]

    def rows(self, query: str) -> Sequence[Any]:
        with self.database.reader.connect() as connection:
            return connection.execute(text(f"{query} WHERE organization = :org"), {"org": self.id}).all()

    def recount(self) -> None:
        with self.database.reader.connect() as connection:
            recount(connection, self.id, self.database.now())


def timestamp_of(database: Database) -> str:
    return database.now().isoformat()


def terms(start: str = "2026-01-01", **said: Any) -> Terms:  # noqa: ANN401
    """The contract of the vectors: USD, 12 months, standard 20.00 and premium 100.00 a month."""
    return Terms(start=date.fromisoformat(start), **{"prices": PRICES, **said})
