"""Invitations in the simple model (tests.model): each holds a seat until it is answered or over."""

from collections.abc import Sequence

from tests.model.entitlements import ROLES
from tests.model.mappings import Mappings
from tests.model.rows import ANY, LIFE, TIERS, Invitation, Person
from tests.model.seats import request


class Invitations(Mappings):
    @request
    def invite(self, names: Sequence[str], role: str, tier: str | None) -> str:
        """Invite all of them or none."""
        keys = {name.lower() for name in names}
        members = [person for person in self.people if person.key in keys and person.active]
        invited = [one for one in self.invitations if one.pending and one.key in keys]
        if not self.invites() or members or invited:
            return "wrong"
        tiers = self._seats_to_hold(tier or ANY)[: len(names)]
        if len(tiers) < len(names):
            return "short"
        for name, held in zip(names, tiers, strict=True):
            self._record("invitation.sent", name)
            self.invitations.append(Invitation(name, role, tier or ANY, held, self.now + LIFE))
        return "done"

    @request
    def resend(self, invitation: Invitation) -> str:
        """A new link and a new 21 days; an expired one, or one of an inactive person, takes a seat again."""
        expired = invitation.state == "expired"
        newer = [one for one in self.invitations if one.pending and one.key == invitation.key and expired]
        if not self.invites() or newer or not (expired or invitation.pending):
            return "wrong"
        arrived = invitation.person if invitation.person in self.people else None
        member = self.find(invitation.key)
        if arrived and arrived is not member:
            return "wrong"  # renamed since
        is_here = member is not None and member.active
        if is_here and not invitation.person:
            return "wrong"
        if not is_here and not invitation.held:
            tiers = self._seats_to_hold(invitation.wants)
            if not tiers:
                return "short"
            invitation.held, invitation.person = tiers[0], None
        self._record("invitation.resent", invitation.name)
        invitation.state, invitation.expires = "pending", self.now + LIFE
        invitation.link += 1
        return "done"

    @request
    def revoke(self, invitation: Invitation) -> str:
        if not invitation.pending:
            return "wrong"
        self._record("invitation.revoked", invitation.name)
        invitation.state, invitation.held = "revoked", None
        self._promote()
        return "done"

    def invites(self) -> bool:
        return (self.inviting or self.mode == "manual") and not self.suspended

    def _seats_to_hold(self, wants: str) -> list[str]:
        """The tier of each free seat for which no person waits, the highest first."""
        tiers = [tier for tier in TIERS if wants in (tier, ANY)]
        waiting = {tier: [one for one in self.queue() if one.wants in (tier, ANY)] for tier in tiers}
        return [tier for tier in tiers for _ in range(self.free(tier) - len(waiting[tier]))]

    def _awaited(self, person: Person) -> Invitation | None:
        """The invitation that holds a seat for a new person, by their userName or else their address.

        A role above user is for the very userName; and a suspended organization gives no seat.
        """
        holding = [one for one in self.invitations if one.held and not self.suspended]
        named = [one for one in holding if one.key == person.key]
        reached = [one for one in holding if person.email and one.key == person.email.lower()]
        return next(iter(named + [one for one in reached if one.role == "user"]), None)

    def _newly_awaited(self, person: Person, said: Person) -> Invitation | None:
        """The invitation of an address that is new to a member. Without effect if an admin took the seat."""
        before = {person.key, (person.email or "").lower()}
        invitation = (
            self._awaited(said) if person.active and person.unseated in (None, "awaiting_group") else None
        )
        return invitation if invitation and invitation.key not in before else None

    def _take(self, invitation: Invitation, person: Person, name: str) -> None:
        """Seat a person on the seat that was held for them."""
        tier, invitation.held = invitation.held, None
        self._seat(person, tier)
        self._record("person.provisioned", name)

    def _answered(self, invitation: Invitation, person: Person, *, by_themselves: bool) -> None:
        """Admit the invitee; a role above theirs waits for their own answer."""
        invitation.person, invitation.held = person, None
        if not by_themselves and _is_above(invitation.role, person.role):
            self._record("invitation.taken_over", invitation.name)
        else:
            self._record("invitation.accepted", invitation.name)
            invitation.state = "accepted"

    def _give_invited_role(self, person: Person, role: str) -> None:
        """Accepting removes no role, and a role from a group stays."""
        if _is_above(role, person.role) and not person.mapped:
            self._give(person, role)
            person.version += 1


def _is_above(role: str, other: str) -> bool:
    ranked = (*ROLES, "primary_owner")
    return ranked.index(role) > ranked.index(other)
