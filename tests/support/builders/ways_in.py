"""The ways into the organization of the state machine, each method one request, as tests.model answers."""

import json
from collections.abc import Callable, Collection, Sequence

from sqlalchemy import text

from scim_server.protocol.attributes import JSON
from scim_server.protocol.normalise import user_name_key
from scim_server.services.context import Context
from scim_server.services.errors import ServiceError
from scim_server.services.invitations import commands as invitations
from scim_server.services.invitations.accept import CannotAcceptNow
from scim_server.services.invitations.eligibility import Shortfall
from scim_server.services.invitations.send import Invitees
from scim_server.services.left_out import commands as clearing
from scim_server.services.left_out.clear import Cleared
from scim_server.services.mappings import commands as mappings
from scim_server.services.mappings.effects import Saved, Stale
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as jit
from scim_server.services.people import queries as people_queries
from scim_server.services.people.sign_in import Answer, SignIn
from scim_server.store.database.session import OPERATOR, Actor
from scim_server.store.rows.invitations import Invitation
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import Role
from seat_policy.ways_in import WayIn
from tests.model.mappings import Effects
from tests.model.rows import Mapping
from tests.support.builders.customer import done
from tests.support.builders.organization import Organization

APP = Actor("app", WayIn.JIT, "request-2")
DOMAIN = "example.com"


class WaysIn(Organization):
    # Mappings; a preview gives the same answer and changes nothing

    def save_mapping(self, mapping: Mapping, *, preview: bool = False) -> Effects:
        role = None if mapping.role is None else Role(mapping.role)
        gives = GroupMapping(mapping.tier, role, mapping.priority)
        return _effects(
            mappings.save(Context(self.database, self.id, OPERATOR), mapping.name, gives, preview=preview)
        )

    def remove_mapping(self, name: str, *, preview: bool = False) -> Effects | str:
        try:
            saved = mappings.remove(Context(self.database, self.id, OPERATOR), name, preview=preview)
        except ServiceError:
            return "wrong"
        return _effects(saved)

    def choose_unmapped(self, choice: str, *, preview: bool = False) -> Effects:
        return _effects(
            mappings.choose_unmapped(
                Context(self.database, self.id, OPERATOR), Unmapped(choice), preview=preview
            )
        )

    # Modes and sign-ins

    def set_ways_in(self, mode: str, *, inviting: bool) -> None:
        settings = {"mode": mode, "allow_invitations": inviting}
        self.row = organizations.configure(Context(self.database, self.id, OPERATOR), Changes(settings))

    def suspend(self) -> bool:
        return organizations.suspend(Context(self.database, self.id, OPERATOR)).changed

    def resume(self) -> bool:
        return organizations.resume(Context(self.database, self.id, OPERATOR)).changed

    def sign_in(self, name: str, title: str, groups: Sequence[str] | None) -> tuple[str | None, ...]:
        document: dict[str, JSON] = {"userName": name, "title": title}
        signing = SignIn(user_name_key(name), document, groups)
        return _answer(jit.answer_sign_in(Context(self.database, self.id, APP), signing))

    def entitlement(self, key: str) -> tuple[str | None, ...]:
        answer = people_queries.entitlement(self.context(), self.person(key).id)
        assert answer is not None, f"{key} is not known"
        return _answer(answer)

    # Invitations; `which` is their place in the order in which they were sent first

    def prove_domain(self) -> None:
        """No two organizations of a database have verified the same domain; `forget_domain` releases it."""
        invitations.add_domain(Context(self.database, self.id, OPERATOR), DOMAIN, verified=True)
        self.sent: list[str] = []
        self.links: dict[tuple[int, int], str] = {}

    def forget_domain(self) -> None:
        invitations.remove_domain(Context(self.database, self.id, OPERATOR), DOMAIN)

    def invite(self, names: Sequence[str], role: str, tier: str | None) -> str:
        letters = [", ".join(names[:2]), *names[2:]]
        return self._sent(
            lambda: invitations.invite(
                Context(self.database, self.id, OPERATOR), Invitees(letters, role=Role(role), tier=tier)
            )
        )

    def resend(self, which: int) -> str:
        return self._sent(
            lambda: invitations.resend(Context(self.database, self.id, OPERATOR), self.sent[which])
        )

    def revoke(self, which: int) -> str:
        return self._perform(
            lambda: invitations.revoke(Context(self.database, self.id, OPERATOR), self.sent[which]),
            done="done",
        )

    def accept(self, which: int, link: int) -> str:
        try:
            shown = invitations.accept(self.database, self.links[which, link])
        except CannotAcceptNow:
            return "wrong"
        return "gone" if shown is None else shown.state.value

    def _sent(self, request: Callable[[], list[Invitation] | Invitation | Shortfall]) -> str:
        """The links of the letters are kept here: the database deletes them when an invitation ends."""
        try:
            answer = request()
        except ServiceError:
            return "wrong"
        if isinstance(answer, Shortfall):
            return "short"
        letters = answer if isinstance(answer, list) else [answer]
        for letter in letters:
            if letter.id not in self.sent:
                self.sent.append(letter.id)
            which = self.sent.index(letter.id)
            earlier = len([one for one, _ in self.links if one == which])
            self.links[which, earlier] = self._secret(letter.mail)
        return "done"

    def _secret(self, mail: int) -> str:
        statement = text("SELECT CAST(facts AS TEXT) FROM mails WHERE organization = :org AND id = :mail")
        with self.database.reader.connect() as connection:
            facts = connection.execute(statement, {"org": self.id, "mail": mail}).scalar_one()
        return str(json.loads(facts)["secret"])

    # Left-out people

    def dismiss(self, sequence: int, reason: str) -> str:
        return self._perform(lambda: clearing.dismiss(self.context(), str(sequence), reason), done="done")

    def clear_preview(self, chosen: Collection[int]) -> str | None:
        """The confirmation code of the review; None if nothing can be bought."""
        try:
            return done(clearing.buy(self.context(), {*map(str, chosen)}, preview=True)).confirmation
        except ServiceError:
            return None

    def clear(
        self, chosen: Collection[int], *, confirmation: str | None = None
    ) -> tuple[dict[str, int], list[str]] | str:
        """The missing seats, and the results for the refused people.

        Args:
            confirmation: of the review; what the review showed must happen.
        """
        try:
            outcome = clearing.buy(self.context(), {*map(str, chosen)}, confirmation=confirmation)
        except ServiceError:
            return "wrong"
        cleared = done(outcome).result
        return dict(cleared.order.adds), self._outcomes(cleared)

    def _outcomes(self, cleared: Cleared) -> list[str]:
        seated = self.seated()
        return [
            seated.get(str(one.user_name).lower(), "seated")
            if one.outcome == "seated"
            else "refused"
            if one.outcome == "rejected"
            else one.outcome.value
            for one in cleared.retried
        ]


def _effects(saved: Saved | Stale) -> Effects:
    assert isinstance(saved, Saved)
    return {
        one.after.user_name_key: (one.after.role, one.after.tier, one.after.wants, one.refused is not None)
        for one in saved.effects
    }


def _answer(answer: Answer) -> tuple[str | None, ...]:
    return answer.decision.value, answer.tier, answer.role, answer.reason
