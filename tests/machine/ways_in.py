"""Modes, sign-ins and invitations, as rules of the state machine (tests.machine)."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.machine.one_organization import ADDRESSES, GROUPS, Machine, anyone, modes, names, provided, titles
from tests.model.rows import TIERS
from tests.support.builders.organization import described

roles = st.sampled_from(["user", "user", "admin", "owner"])


class WaysInRules(Machine):
    @rule(
        mode=st.sampled_from(["", "", ""]) | modes,
        inviting=st.sampled_from([True, True, True, False]),
    )
    def set_ways_in(self, *, mode: str, inviting: bool) -> None:
        """The present mode is drawn more often, so that a mode lasts for several steps."""
        mode = mode or self.model.mode
        # The seat of an invitation that is over would go to the queue with this very write.
        self.note()
        before = self.real.seated()

        self.real.set_ways_in(mode, inviting=inviting)

        self.model.set_ways_in(mode, inviting=inviting)
        assert before == self.real.seated(), "SEATS 11: a change of the mode removes nobody"

    # Sign-ins

    @precondition(lambda self: self.model.mode == "jit")
    @rule(
        name=names,
        inactive=st.sampled_from([False, False, True]),
        title=titles,
        groups=st.none() | st.lists(st.sampled_from([*GROUPS, "x-1"]), max_size=2, unique=True),
    )
    def sign_in(self, *, name: str, inactive: bool, title: str, groups: list[str] | None) -> None:
        """A sign-in without changes writes nothing, so due changes are applied before."""
        self.note()
        away = [person for person in self.model.people if inactive and not person.active]
        member = away[0] if away else self.model.find(name.lower())
        name = name if member is None else member.name

        answer = self.real.sign_in(name, title, groups)

        assert answer == self.model.sign_in(name, title, groups)

    @precondition(lambda self: self.model.mode == "jit" and self.model.people and self.model.mappings)
    @rule(
        who=anyone,
        kind=st.sampled_from(["wanting", "seatless", "both", "seated"]),
        named=st.sets(anyone, max_size=2),
    )
    def sign_in_by_mapped_groups(self, *, who: int, kind: str, named: set[int]) -> None:
        """A sign-in of a member; without groups it removes what the last sign-in gave."""
        listed = [mapping.name for mapping in self.model.mappings]
        person = self.pick(who, kind)
        self.sign_in(
            name=person.name,
            inactive=False,
            title=person.title or "Artist",
            groups=sorted({listed[one % len(listed)] for one in named}),
        )

    @precondition(lambda self: self.model.mode != "jit")
    @rule(name=names, title=titles)
    def sign_in_where_it_creates_no_person(self, *, name: str, title: str) -> None:
        self.note()

        answer = self.real.sign_in(name, title, None)

        assert answer == self.model.sign_in(name, title, None)

    # Invitations

    @precondition(lambda self: self.model.invites())
    @rule(
        some=st.lists(anyone, min_size=1, max_size=3, unique=True),
        strangers=st.sampled_from([True, True, True, False]),
        role=roles,
        tier=st.sampled_from([None, None, *TIERS]),
    )
    def invite(self, *, some: list[int], strangers: bool, role: str, tier: str | None) -> None:
        names = self.addresses(some, strangers=strangers)

        outcome = self.real.invite(names, role, tier)

        assert outcome == self.model.invite(names, role, tier)

    @precondition(lambda self: self.model.invites())
    @rule(who=anyone, role=roles, then=st.sampled_from(["accept", "accept", "come", "come", "expire"]))
    def invite_one(self, *, who: int, role: str, then: str) -> None:
        """An invitee who accepts at once, is created by their provider, or answers after the expiry."""
        known = len(self.model.invitations)
        self.invite(some=[who], strangers=True, role=role, tier=None)
        if len(self.model.invitations) == known:
            return
        if then.startswith("come"):
            name = self.model.invitations[-1].name
            outcome = self.real.create(described(name, "Artist"))
            assert outcome == self.model.create(name, "Artist")
        if then == "come only":
            return
        if then == "expire":
            self.set_clock(self.model.invitations[-1].expires)
        outcome = self.real.accept(known, 0)
        assert outcome == self.model.accept(self.model.invitations[-1], 0)

    @precondition(lambda self: self.model.invites() and provided(self))
    @rule(
        who=anyone,
        role=st.sampled_from(["admin", "owner"]),
        then=st.sampled_from(["deactivate", "delete", "rename"]),
        other=names,
        again=st.booleans(),
    )
    def take_over_and_leave(self, *, who: int, role: str, then: str, other: str, again: bool) -> None:
        """People whose role waits for their acceptance when their provider removes or renames them."""
        known = len(self.model.invitations)
        self.invite_one(who=who, role=role, then="come only")
        if len(self.model.invitations) == known:
            return
        person = self.model.find(self.model.invitations[-1].key)
        if person is None:
            return
        key, name, title = person.key, person.name, person.title
        if then == "delete":
            deleted = self.real.delete(key)
            assert deleted == self.model.delete(key)
        else:
            name, active = (other, None) if then == "rename" else (name, False)
            saved = self.real.replace(key, described(name, title, active=active))
            assert saved == self.model.save(key, name, title, active=active)
        if again:
            resent = self.real.resend(known)
            assert resent == self.model.resend(self.model.invitations[-1])
        link = self.model.invitations[-1].link
        outcome = self.real.accept(known, link)
        assert outcome == self.model.accept(self.model.invitations[-1], link)

    @precondition(lambda self: self.model.invitations)
    @rule(which=anyone, older=st.sampled_from([0, 0, 0, 1]))
    def accept(self, *, which: int, older: int) -> None:
        """By the link of the newest letter, or of one before it."""
        number = self.an_invitation(which)
        invitation = self.model.invitations[number]
        link = max(invitation.link - older, 0)

        outcome = self.real.accept(number, link)

        assert outcome == self.model.accept(invitation, link)

    @precondition(lambda self: self.model.invitations)
    @rule(which=anyone)
    def resend(self, *, which: int) -> None:
        number = self.an_invitation(which)

        outcome = self.real.resend(number)

        assert outcome == self.model.resend(self.model.invitations[number])

    @precondition(lambda self: self.model.invitations)
    @rule(which=anyone)
    def revoke(self, *, which: int) -> None:
        number = self.an_invitation(which)

        outcome = self.real.revoke(number)

        assert outcome == self.model.revoke(self.model.invitations[number])

    @precondition(lambda self: any(one.pending for one in self.model.invitations) and provided(self))
    @rule(which=anyone, title=titles, active=st.sampled_from([True, True, False]))
    def create_the_invitee(self, *, which: int, title: str, active: bool) -> None:
        name = self.model.invitations[self.an_invitation(which)].name

        outcome = self.real.create(described(name, title, active=active))

        assert outcome == self.model.create(name, title, active=active)

    def addresses(self, some: list[int], *, strangers: bool) -> list[str]:
        """People who can be invited, if there are any; otherwise any people."""
        taken = {person.key for person in self.model.people if person.active}
        taken |= {one.key for one in self.model.invitations if one.pending}
        free = [name for name in ADDRESSES if name.lower() not in taken or not strangers] or ADDRESSES
        return list({free[one % len(free)].lower(): free[one % len(free)] for one in some}.values())

    def an_invitation(self, which: int) -> int:
        """The place of one, of those that are pending where there are any and the number is even."""
        listed = self.model.invitations
        pending = [place for place, one in enumerate(listed) if one.pending]
        places = pending if pending and which % 3 else [*range(len(listed))]
        return places[which % len(places)]
