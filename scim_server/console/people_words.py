"""Sentences about members: their seat, what a provider owns, and what happened to them."""

from collections.abc import Mapping
from typing import Final

from scim_server.console import filters
from scim_server.console.visit import forms, gettext, ngettext, visit
from scim_server.documents import formats
from scim_server.services.people.directory import Profile
from scim_server.services.people.logged import Logged
from scim_server.store.rows.people import Person
from seat_policy.roles import Role

_NOTHING: Final = "-"


def seat(person: Person) -> str:
    """What seat a person has, or why none."""
    if not person.active:
        return gettext("Inactive: no seat and no access.")
    if person.tier is not None and person.wants is not None:
        return gettext(
            "Has a %(tier)s seat, and waits for %(wants)s.",
            tier=person.tier,
            wants=filters.tier_name(person.wants),
        )
    if person.tier is not None:
        return gettext("Has a %(tier)s seat.", tier=person.tier)
    if person.wants is not None:
        return gettext("No seat yet: waits for %(wants)s.", wants=filters.tier_name(person.wants))
    if person.unseated == "awaiting_group":
        return gettext("No seat until a group of the person gives a tier.")
    return gettext("No seat: an Admin took it. Only an Admin gives one again.")


def lock_of_tier(found: Profile) -> str:
    """Which groups give the tier, and where to change that; empty if no group does."""
    if not found.tier_mapped:
        return ""
    return _lock(
        found.giving_tier,
        forms(
            "%(groups)s gives the tier %(given)s. Change it in Provisioning, or change the person's groups "
            "at your identity provider.",
            "%(groups)s give the tier %(given)s. Change it in Provisioning, or change the person's groups at "
            "your identity provider.",
        ),
        str(found.entitlement.wants),
    )


def lock_of_role(found: Profile) -> str:
    """Where the role comes from, if it cannot be changed on the page; otherwise empty."""
    if found.person.role == Role.PRIMARY_OWNER:
        return gettext("Groups and providers do not change the Primary Owner. Only a transfer does.")
    if not found.person.role_mapped:
        return ""
    return _lock(
        found.giving_role,
        forms(
            "%(groups)s gives the role %(given)s. Change it in Provisioning, or change the person's groups "
            "at your identity provider.",
            "%(groups)s give the role %(given)s. Change it in Provisioning, or change the person's groups at "
            "your identity provider.",
        ),
        filters.role_name(found.person.role),
    )


def _lock(groups: list[str], words: tuple[str, str], given: str) -> str:
    # Groups of a sign-in are not stored.
    named = groups or [gettext("A group of the last sign-in")]
    return ngettext(*words, len(named), groups=formats.listed(named, visit().language), given=given)


def _(message: str) -> str:
    """Mark a message that is translated when it is shown."""
    return message


_HAPPENED: Final[Mapping[str, str]] = {
    "console.link_created": _("A sign-in link was made for %(person)s."),
    "console.signed_in": _("%(person)s signed in."),
    "invitation.accepted": _("The invitation of %(person)s ended, because %(person)s is a member now."),
    "person.activated": _("%(person)s is active again, and has no seat until a group gives a tier."),
    "person.created": _("%(person)s was created without a seat."),
    "person.deleted": _("%(person)s was deleted."),
    "person.deprovisioned": _("%(person)s lost access."),
    "person.dismissed": _("%(person)s was dismissed from the people left out."),
    "person.moved": _("%(person)s moved to a %(tier)s seat."),
    "person.prioritised": _("%(person)s has the priority %(after)s in the queue now, not %(before)s."),
    "person.promoted": _("%(person)s waited, and got a %(tier)s seat."),
    "person.provisioned": _("%(person)s got a %(tier)s seat."),
    "person.queued": _("%(person)s waits for a seat."),
    "person.rejected": _("%(person)s was refused, because no seat was free (attempts: %(attempts)s)."),
    "person.requeued": _("%(person)s waits for %(after)s now, not for %(before)s."),
    "person.restored": _("%(person)s was restored after a mass removal."),
    "person.role_changed": _("%(person)s has the role %(after)s now, not %(before)s."),
    "person.role_kept": _(
        "%(person)s is the last Owner and keeps the role, although groups give %(wanted)s."
    ),
    "person.tier_refused": _("%(person)s keeps the seat, because no %(wants)s seat was free."),
    "person.unassigned": _("An Admin took the seat, or the place in the queue, of %(person)s."),
    "person.updated": _("Values of %(person)s changed."),
    "person.wait_ended": _("%(person)s no longer waits for a seat."),
}


class _Values(dict[str, object]):
    """Values of a sentence; a sign stands for a value that an earlier version did not store."""

    def __missing__(self, key: str) -> str:
        return _NOTHING


def happened(one: Logged) -> str:
    """What happened, in a sentence. Types that have no sentence have their name."""
    entry = one.entry
    message = _HAPPENED.get(entry.type)
    if message is None:
        return entry.type
    values = _Values({name: _worded(value) for name, value in vars(entry.event).items() if value is not None})
    values["person"] = entry.user_name or gettext("a person whose name was erased")
    values["attempts"] = filters.number(entry.attempts)
    values["tier"] = next((tier for tier, (_x, used, _y) in entry.seats.items() if used > 0), _NOTHING)
    return gettext(message) % values


def _worded(value: object) -> object:
    if value in filters.ROLES:
        return filters.role_name(str(value))
    return filters.tier_name(value) if isinstance(value, str) else value
