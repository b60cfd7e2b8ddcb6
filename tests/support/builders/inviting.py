"""A customer who invites people, with queries of the database."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from scim_server.protocol.user import parse_user
from scim_server.services.billing.contracts import Terms
from scim_server.services.context import Context
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.accept import Shown
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.send import Invitees
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import OPERATOR, Database
from scim_server.store.rows.invitations import Invitation
from seat_policy.contract import DEFAULT_TIERS, Tier
from seat_policy.roles import Role
from tests.support.builders.customer import OKTA, USERS, Customer
from tests.support.oracles.rows import ALERTS

Answer = TypeVar("Answer")

SENT = "2026-03-01T12:00:00"
LAST_MOMENT = "2026-03-22T11:59:59.999999"
EXPIRY = "2026-03-22T12:00:00"
"""An invitation that is sent, the last moment of its validity, and its expiry."""


def sent(answer: Answer | Shortfall) -> Answer:
    """The sent invitations, after a check that there were enough seats."""
    assert not isinstance(answer, Shortfall), answer.detail
    return answer


def shortfall(answer: object, detail: str = "") -> Shortfall:
    """The shortfall, after a check that there were too few seats."""
    assert isinstance(answer, Shortfall)
    assert detail in answer.detail
    return answer


class Host(Customer):
    """An organization that verified `example.com` and invites; every method is one use."""

    def events(self) -> list[str]:
        """The events, without alerts."""
        return [type_ for type_ in super().events() if type_ not in ALERTS]

    def __init__(
        self,
        database: Database,
        seats: Mapping[str, int],
        *,
        today: str = "2026-03-01",
        terms: Terms | None = None,
        overflow: str = "queue",
        allowed: bool = True,
        tiers: Sequence[Tier] = DEFAULT_TIERS,
        ceilings: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(database, today, terms, seats, overflow=overflow, tiers=tiers, ceilings=ceilings)
        if allowed:
            organizations.configure(
                Context(database, self.id, OPERATOR), Changes({"allow_invitations": True})
            )
        # A domain belongs to one organization, and there are many here: each verifies its own.
        self.domain = f"{self.slug}.example"
        invitations.add_domain(Context(database, self.id, OPERATOR), self.domain, verified=True)

    def address(self, name: str) -> str:
        return f"{name}@{self.domain}"

    def invite(self, *names: str, role: Role = Role.USER, tier: str | None = None) -> list[Invitation]:
        return sent(self.ask_to_invite(*names, role=role, tier=tier))

    def ask_to_invite(
        self, *names: str, role: Role = Role.USER, tier: str | None = None
    ) -> list[Invitation] | Shortfall:
        texts = [self.address(name) for name in names]
        return invitations.invite(
            Context(self.database, self.id, OPERATOR), Invitees(texts, role=role, tier=tier)
        )

    def token(self, name: str) -> str:
        """The text of the newest mail to a person."""
        rows = self.rows("SELECT id, recipient, facts FROM mails")
        newest = max(
            (row for row in rows if row.recipient == self.address(name)), key=lambda row: int(row.id)
        )
        facts = newest.facts if isinstance(newest.facts, dict) else json.loads(newest.facts)
        return str(facts["secret"])

    def accept(self, name: str) -> Shown | None:
        return invitations.accept(self.database, self.token(name))

    def provision_person(self, name: str, *, active: bool | None = None, **more: Any) -> str:  # noqa: ANN401 - SCIM values
        """A person whom the provider creates: their tier, their status, or `refused`."""
        body = {"userName": self.address(name), "active": active, **more}
        outcome = people.create(Context(self.database, self.id, OKTA), parse_user(body, USERS))
        return "refused" if isinstance(outcome, Refused) else outcome.person.tier or outcome.person.status

    def invited(self) -> dict[str, tuple[str, str | None]]:
        """State and held tier of everyone's invitation, as stored."""
        rows = self.rows("SELECT email, state, held FROM invitations")
        return {row.email.partition("@")[0]: (row.state, row.held) for row in rows}

    def pool(self) -> dict[str, tuple[int, int, int]]:
        """Purchased, assigned and held, by tier."""
        rows = self.rows("SELECT tier, purchased, assigned, held FROM seat_pool")
        return {row.tier: (row.purchased, row.assigned, row.held) for row in rows}

    def member(self, name: str) -> Any:  # noqa: ANN401 - a row
        """Tier, role, way in and status of a member."""
        rows = self.rows("SELECT user_name, tier, role, way_in, active FROM people")
        (row,) = (row for row in rows if row.user_name == self.address(name))
        return (row.tier, row.role, row.way_in, bool(row.active))

    def everything(self) -> list[Any]:
        """The state that a refused request may not change."""
        return [
            sorted(map(str, self.rows(f"SELECT {columns} FROM {table}")))
            for table, columns in (
                ("events", "sequence, type"),
                ("invitations", "id, state, held, expires, digest, mail"),
                ("mails", "id, recipient"),
                ("people", "id, tier, role, version"),
                ("seat_pool", "tier, purchased, assigned, held, waiting"),
                ("organization_clock", "sequence, people, due"),
            )
        ]

    def id_of(self, name: str) -> str:
        """The id of a member."""
        rows = self.rows("SELECT id, user_name FROM people")
        return next(str(row.id) for row in rows if row.user_name == self.address(name))

    def rename(self, name: str, other: str) -> None:
        """The provider gives a person another userName."""
        user = parse_user({"userName": self.address(other)}, USERS)
        people.replace(Context(self.database, self.id, OKTA), self.id_of(name), user)
