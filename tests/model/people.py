"""How people are created, changed and removed in the simple model (tests.model), by any way in."""

from collections.abc import Sequence

from tests.model.entitlements import Entitlement
from tests.model.invitations import Invitations
from tests.model.rows import Invitation, Person
from tests.model.seats import request


class People(Invitations):
    # A provider, by SCIM

    @request
    def create(
        self,
        name: str,
        title: str,
        email: str | None = None,
        *,
        active: bool = True,
        wants: str | None = None,
    ) -> str:
        if self.mode != "scim":
            return "forbidden"
        return self._create(Person(name, title, active=active, email=email), wants=wants)

    @request
    def save(
        self,
        key: str,
        name: str,
        title: str,
        *,
        active: bool | None = None,
        wants: str | None = None,
        email: str | None = None,
    ) -> str:
        """Without an address the person has none, as after PUT; PATCH sends the present one."""
        if self.mode != "scim":
            return "forbidden"
        outcome = self._save(self.of(key), Person(name, title, email=email), active=active, wants=wants)
        if outcome not in ("forbidden", "taken", "refused"):
            self.of(name.lower()).unconfirmed = False
        return outcome

    @request
    def delete(self, key: str) -> str:
        person = self.of(key)
        if self.mode != "scim" or person.primary or self._last_owner(person):
            return "forbidden"
        self._record("person.deleted", person.name)
        self.people.remove(person)
        self._close(key)
        for group in self.groups:
            if key in group.members:
                group.members.remove(key)
                group.version += 1
        self._promote()
        return "deleted"

    @request
    def activate(self, key: str) -> str:
        """Activate by an admin: like a request of the provider, but not counted as its attempt."""
        person = self.of(key)
        if person.active:
            return "wrong"
        tried = [(entry, entry.attempts, entry.tried) for entry in self.open_refusals()]
        outcome = self._save(person, person, active=True)
        for entry, attempts, at in tried:
            entry.attempts, entry.tried = attempts, at
        return outcome

    # Sign-ins

    @request
    def sign_in(self, name: str, title: str, groups: Sequence[str] | None) -> tuple[str | None, ...]:
        """Decision, tier, role and reason; the named groups are all groups of the person."""
        person = self.find(name.lower())
        if self.mode == "jit" and not self.suspended:
            names = [group.lower() for group in groups or ()]
            given = [one for one in self.mappings if one.name.lower() in names]
            entitlement = None if groups is None else self._entitlement(given)
            if person is None:
                self._create(Person(name, title), entitlement=entitlement)
                person = self.find(name.lower())
                if person is None:
                    return "refused", None, None, "no_free_seat"
                if entitlement and any(one.person is person for one in self.invitations):
                    self._bring([person], entitlement)
            elif person.active:
                self._save(person, Person(person.name, title, email=person.email))
                if entitlement:
                    self._bring([person], entitlement)
        if person is None:
            suspended = "organization_suspended" if self.suspended else None
            unknown = "not_invited" if self.mode == "manual" else "not_provisioned"
            if any(one.key == name.lower() for one in self.open_refusals()):
                unknown = "no_free_seat"
            if any(one.held and one.key == name.lower() for one in self.invitations):
                unknown = "invitation_pending"
            return "refused", None, None, suspended or unknown
        return self.entitlement(person)

    def entitlement(self, person: Person) -> tuple[str | None, ...]:
        if self.suspended:
            return "refused", None, person.role, "organization_suspended"
        if person.tier:
            return "admitted", person.tier, person.role, None
        if person.wants:
            return "waiting", None, person.role, "waiting_for_seat"
        left_out = any(entry.key == person.key for entry in self.open_refusals())
        reason = person.unseated if person.active else "inactive"
        return "refused", None, person.role, "no_free_seat" if left_out else reason

    # Invitees

    @request
    def accept(self, invitation: Invitation, link: int) -> str:
        """Accept; returns the content of the page, or `gone` if the link does not work."""
        if link != invitation.link or not invitation.pending:
            return "gone" if link != invitation.link else invitation.state
        in_person = invitation.person if invitation.person in self.people else None
        person = in_person or self.find(invitation.key)
        is_in = person is not None and person.active
        if self.suspended or not (invitation.held or is_in) or (person and person.key != invitation.key):
            return "wrong"
        if person is None:
            new_person = Person(invitation.name, "", role=invitation.role, email=invitation.name)
            self._create(new_person, by_themselves=True)
        elif not person.active:
            self._save(person, person, active=True, by_themselves=True)
        elif invitation.held and not person.tier:
            self._take(invitation, person, person.name)
            self._close(person.key)
            person.version += 1
            self._answered(invitation, person, by_themselves=True)
        else:
            self._answered(invitation, person, by_themselves=True)
            self._promote()
        self._give_invited_role(self.of(invitation.key), invitation.role)
        return "accepted"

    # Shared by the ways in

    def _create(
        self,
        person: Person,
        *,
        wants: str | None = None,
        entitlement: Entitlement | None = None,
        by_themselves: bool = False,
    ) -> str:
        if self.find(person.key):
            return "taken"
        invitation = self._awaited(person) if person.active else None
        if invitation:
            self._take(invitation, person, person.name)
        elif person.active:
            self._adopt(person, entitlement)
            wanted = wants or (entitlement or self._entitlement([])).wants
            if not wanted:
                person.unseated = "awaiting_group"
                self._record("person.created", person.name)
            elif self._admit(person, wanted, person.name) == "refused":
                return self._refuse(person, wanted, new_person=True)
        else:
            self._record("person.created", person.name)
        self.people.append(person)
        self._close(person.key)
        if invitation:
            self._answered(invitation, person, by_themselves=by_themselves)
        return person.status

    def _adopt(self, person: Person, entitlement: Entitlement | None) -> None:
        """Give a newcomer with named groups the role and priority of these groups."""
        if entitlement:
            person.role, person.mapped, person.priority = (
                entitlement.role or "user",
                bool(entitlement.role),
                entitlement.priority,
            )

    def _save(
        self,
        person: Person,
        said: Person,
        *,
        active: bool | None = None,
        wants: str | None = None,
        by_themselves: bool = False,
    ) -> str:
        """Give a person the values that were sent."""
        stays_out = active is False and not person.active
        key, active = person.key, person.active if active is None else active
        refused = self._may_not_be(person, said, active=active)
        if refused:
            return refused
        if stays_out:
            self._withdraw(person)
        invitation, kept = None, person.tier
        if active and not person.active:
            invitation = self._awaited(said)
            if invitation:
                self._take(invitation, person, said.name)
            elif self._activate(person, said, wants) == "refused":
                return "refused"
            self._close(key)
        elif person.active and not active:
            self._record("person.deprovisioned", said.name)
            self._seat(person, None)
            self._close(key)
        elif _values(said) != _values(person):
            invitation = self._update(person, said)
        else:
            return person.status
        self._rename(key, said.name)
        person.name, person.title, person.email = _values(said)
        person.active, person.version = active, person.version + 1
        if invitation:
            self._answered(invitation, person, by_themselves=by_themselves)
            if not kept and any(one.tier for one in self._given(person)):
                self._bring([person])  # a mapping overrides the tier that was held
        self._promote()
        return person.status

    def _update(self, person: Person, said: Person) -> Invitation | None:
        """Record new values; a member without a seat who gets an invited address takes its held seat."""
        invitation = self._newly_awaited(person, said)
        if invitation and not person.tier:
            self._take(invitation, person, said.name)
        else:
            self._record("person.updated", said.name)
        return invitation

    def _withdraw(self, person: Person) -> None:
        """Close the open refusal of a person whom the provider sends as inactive."""
        if any(entry.key == person.key for entry in self.open_refusals()):
            self._record("person.dismissed", person.name)
            self._close(person.key)

    def _may_not_be(self, person: Person, said: Person, *, active: bool) -> str | None:
        """Why a change of a person is refused."""
        if person.primary and (not active or (said.key, said.email) != (person.key, person.email)):
            return "forbidden"
        if not active and self._last_owner(person):
            return "forbidden"
        return "taken" if said.key != person.key and self.find(said.key) else None

    def _activate(self, person: Person, said: Person, wants: str | None) -> str:
        wanted = wants or self._entitlement_of(person).wants
        if not wanted:
            self._record("person.activated", said.name)
            person.unseated = "awaiting_group"
        elif self._admit(person, wanted, said.name) == "refused":
            return self._refuse(person, wanted, new_person=False)
        return "in"

    def _rename(self, key: str, name: str) -> None:
        """Move an entry with its person to a new name; close the refusal of another person under it."""
        if name.lower() != key:
            self._close(name.lower())
        for entry in self.open_refusals():
            if entry.key == key:
                entry.key, entry.name, entry.called = name.lower(), name, name
        for group in self.groups:
            group.members = [name.lower() if one == key else one for one in group.members]


def _values(person: Person) -> tuple[str, str, str | None]:
    return person.name, person.title, person.email
