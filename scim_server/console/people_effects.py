"""What a change of a member will do and did, in words and numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from scim_server.console import filters
from scim_server.console.doorkeeper import sentence
from scim_server.console.visit import gettext, ngettext, visit
from scim_server.documents import formats
from scim_server.services.people.commands import Changed, NoSeatFree, Refused
from scim_server.services.people.queries import Profile
from scim_server.store.rows.events import Promoted
from scim_server.store.rows.people import Person
from seat_policy.roles import Role

Result = Changed | NoSeatFree | Refused
_MOST_NAMES: Final = 10
_ENDS_ACCESS: Final = ("unassign", "deactivate", "reassign")


@dataclass(frozen=True, slots=True)
class Act:
    """A change of a member that is reviewed or done.

    Attributes:
        action: the last part of the address.
        profile: the member before the change.
        own: whether the member is the reader.
        other: the other person of a reassignment or a swap.
    """

    action: str
    profile: Profile
    own: bool
    tier: str = ""
    role: Role | None = None
    other: Profile | None = None

    @property
    def person(self) -> Person:
        """The member before the change."""
        return self.profile.person

    @property
    def name(self) -> str:
        """The name of the member."""
        return filters.person_name(self.person)

    @property
    def other_name(self) -> str:
        """The name of the other person."""
        return "" if self.other is None else filters.person_name(self.other.person)


def without_seat(found: Profile) -> str:
    """Why a seat cannot be passed on."""
    return gettext("%(person)s has no seat to pass on.", person=filters.person_name(found.person))


def title(act: Act) -> str:
    """What is about to be done."""
    values = {"person": act.name, "other": act.other_name, "tier": act.tier}
    match act.action:
        case "seat" if act.person.tier is None:
            said = gettext("Give %(person)s a %(tier)s seat", **values)
        case "seat":
            said = gettext("Move %(person)s to %(tier)s", **values)
        case "unassign" if act.person.tier is None:
            said = gettext("Take %(person)s out of the queue", **values)
        case "unassign":
            said = gettext("Take the seat of %(person)s", **values)
        case "reassign":
            said = gettext("Give the seat of %(person)s to %(other)s", **values)
        case "swap":
            said = gettext("Swap the tiers of %(person)s and %(other)s", **values)
        case "role":
            role = filters.role_name(str(act.role))
            said = gettext("Change the role of %(person)s to %(role)s", person=act.name, role=role)
        case "transfer":
            said = gettext("Make %(person)s the Primary Owner", **values)
        case "deactivate":
            said = gettext("Deactivate %(person)s", **values)
        case _:
            said = gettext("Activate %(person)s", **values)
    return said


def order(act: Act, tiers: Sequence[str]) -> str:
    """The page where a seat is bought for the person of a change, with the form filled in.

    A seat of a lower tier is turned into the wanted one.

    Args:
        tiers: the tiers of the organization, highest first.
    """
    present, people = act.person.tier, {"people": filters.person_address(act.person)}
    if act.tier not in tiers:
        fields = {}
    elif present is None:
        fields = {f"add-{act.tier}": "1", **people}
    elif tiers.index(act.tier) < tiers.index(present):
        fields = {f"upgrade-{present}-{act.tier}": "1", **people}
    else:
        fields = {f"add-{act.tier}": "1"}
    return f"/billing/change?{urlencode(fields)}"


def warning(act: Act) -> str:
    """What the reader loses by changing their own access or role; empty for other people."""
    if not act.own:
        return ""
    if act.action in _ENDS_ACCESS:
        return gettext(
            "This is you. You lose your own access: this console closes at once, and only another Admin or "
            "Owner can let you in again."
        )
    if act.action == "role" and act.role is not None and act.role.rank < visit().role.rank:
        return gettext(
            "This is you. You lose the rights of your present role at once, and only another Owner can give "
            "them back."
        )
    return ""


def effects(act: Act, result: Result) -> list[str]:
    """Everything that the change will do, one sentence each."""
    if isinstance(result, Refused):
        return [sentence(result.detail)]
    if isinstance(result, NoSeatFree):
        return [
            gettext(
                "No %(tier)s seat is free. Add a seat, take one from another person, or swap the tiers of "
                "two people.",
                tier=act.tier,
            )
        ]
    return [*_own_effects(act, result), *let_in(result.let_in), *_numbers(result)]


def _own_effects(act: Act, changed: Changed) -> Iterator[str]:
    match act.action:
        case "seat" | "swap" | "activate":
            yield from _seats_of(act, changed.people)
        case "unassign":
            yield from _leaves(act)
            yield gettext("The person stays a member, and gets a seat again only by an Admin.")
        case "reassign":
            yield from _leaves(act)
            yield from _seats_of(act, changed.people[1:])
            yield gettext("People who wait for a seat are passed over. The audit shows that.")
        case "deactivate":
            yield gettext("%(person)s loses access at once.", person=act.name)
            yield gettext("The id, the groups and the history stay, so the person can be activated again.")
            if act.profile.provisioned:
                yield gettext(
                    "If your identity provider sends the person as active, the person becomes active again. "
                    "Remove the person there too."
                )
        case _:
            yield from _roles_of(act, changed.people)


def _leaves(act: Act) -> Iterator[str]:
    if act.person.tier is None:
        yield gettext("%(person)s leaves the queue.", person=act.name)
    else:
        yield gettext(
            "%(person)s loses the %(tier)s seat, and access with it.", person=act.name, tier=act.person.tier
        )


def _seats_of(act: Act, people: Sequence[Person]) -> Iterator[str]:
    """The seats of the changed people, each with the one before."""
    known = {one.person.id: one.person for one in (act.profile, act.other) if one is not None}
    for after in people:
        before, name = known[after.id], filters.person_name(after)
        if after.tier is None:
            yield _without(name, after)
        elif before.tier is None:
            yield gettext(
                "%(person)s gets a %(tier)s seat, and access at once.", person=name, tier=after.tier
            )
        else:
            yield gettext(
                "%(person)s moves from %(before)s to %(tier)s.",
                person=name,
                before=before.tier,
                tier=after.tier,
            )
        if before.wants is not None and after.wants is None:
            wants = filters.tier_name(before.wants)
            yield gettext("%(person)s no longer waits for %(tier)s.", person=name, tier=wants)


def _without(name: str, after: Person) -> str:
    if after.wants is not None:
        wants = filters.tier_name(after.wants)
        return gettext(
            "No seat is free, so %(person)s waits for %(tier)s, at the end of the queue.",
            person=name,
            tier=wants,
        )
    return gettext("%(person)s becomes active, and gets a seat when a group gives a tier.", person=name)


def _roles_of(act: Act, people: Sequence[Person]) -> Iterator[str]:
    for after in people:
        name, role = filters.person_name(after), filters.role_name(after.role)
        if after.id == act.person.id:
            before = filters.role_name(act.person.role)
            yield gettext(
                "The role of %(person)s changes from %(before)s to %(role)s.",
                person=name,
                before=before,
                role=role,
            )
        else:
            yield gettext("%(person)s becomes %(role)s.", person=name, role=role)
    yield _rights(Role(people[0].role))


def _rights(role: Role) -> str:
    """What a role may do."""
    match role:
        case Role.USER:
            return gettext("Users do not see this console. Open sessions of this console end.")
        case Role.ADMIN:
            return gettext("Admins manage people, seats and provisioning. They do not see billing.")
        case Role.OWNER:
            return gettext("Owners do what Admins do, buy seats, see billing, and manage Owners.")
        case Role.PRIMARY_OWNER:
            return gettext(
                "Only the Primary Owner can transfer this role, also back to you. Nobody can remove the "
                "Primary Owner."
            )


def let_in(people: Sequence[Promoted]) -> Iterator[str]:
    """The waiting people who get a seat that becomes free."""
    if not people:
        return
    named = [f"{one.user_name or one.person} ({one.tier})" for one in people[:_MOST_NAMES]]
    names = formats.listed(named, visit().language)
    yield ngettext(
        "%(number)s waiting person gets a seat: %(names)s.",
        "%(number)s waiting people get a seat: %(names)s.",
        len(people),
        number=filters.number(len(people)),
        names=names if len(named) == len(people) else f"{names} …",
    )


def _numbers(changed: Changed) -> Iterator[str]:
    """How many seats are free before and after the change, for each tier where that differs."""
    for tier, (before, after) in changed.free.items():
        if before != after:
            yield gettext(
                "Free %(tier)s seats: %(before)s now, %(after)s afterwards.",
                tier=tier,
                before=filters.number(before),
                after=filters.number(after),
            )


def said(act: Act, changed: Changed) -> str:
    """What was done, in one line."""
    after, values = changed.people[0], {"person": act.name, "other": act.other_name}
    match act.action:
        case "seat" if act.person.tier is not None:
            line = gettext("%(person)s moved to %(tier)s.", person=act.name, tier=after.tier)
        case "seat":
            line = gettext("%(person)s has a %(tier)s seat now.", person=act.name, tier=after.tier)
        case "unassign":
            line = gettext("%(person)s has no seat now.", **values)
        case "reassign":
            line = gettext("The seat of %(person)s belongs to %(other)s now.", **values)
        case "swap":
            line = gettext("%(person)s and %(other)s swapped their tiers.", **values)
        case "deactivate":
            line = gettext("%(person)s is inactive now.", **values)
        case "activate":
            line = next(_seats_of(act, changed.people))
        case _:
            role = filters.role_name(after.role)
            line = gettext("%(person)s has the role %(role)s now.", person=act.name, role=role)
    return " ".join([line, *let_in(changed.let_in)])
