"""Sentences about members: their seat, what a provider owns, and what happened to them."""

from collections.abc import Mapping
from typing import Any

from scim_server.console import audit_words, filters
from scim_server.console.visit import gettext, ngettext, visit
from scim_server.documents import formats
from scim_server.services.people.queries import Logged, Profile
from scim_server.store.rows.audit import Recorded
from scim_server.store.rows.people import Person
from seat_policy.mapping import GroupMapping
from seat_policy.roles import Role
from seat_policy.seat_state import Unseated


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
    if person.unseated is Unseated.AWAITING_GROUP:
        return gettext("No seat until a group of the person gives a tier.")
    return gettext("No seat: an Admin took it. Only an Admin gives one again.")


def lock_of_tier(found: Profile) -> str:
    """Which groups give the tier, and where to change that; empty if no group does."""
    if not found.tier_mapped:
        return ""
    names, count = _named(found.giving_tier)
    return ngettext(
        "%(groups)s gives the tier %(given)s. Change it in Provisioning, or change the person's groups "
        "at your identity provider.",
        "%(groups)s give the tier %(given)s. Change it in Provisioning, or change the person's groups "
        "at your identity provider.",
        count,
        groups=names,
        given=str(found.entitlement.wants),
    )


def lock_of_role(found: Profile) -> str:
    """Where the role comes from, if it cannot be changed on the page; otherwise empty."""
    if found.person.role == Role.PRIMARY_OWNER:
        return gettext("Groups and providers do not change the Primary Owner. Only a transfer does.")
    if not found.person.role_mapped:
        return ""
    names, count = _named(found.giving_role)
    return ngettext(
        "%(groups)s gives the role %(given)s. Change it in Provisioning, or change the person's groups "
        "at your identity provider.",
        "%(groups)s give the role %(given)s. Change it in Provisioning, or change the person's groups "
        "at your identity provider.",
        count,
        groups=names,
        given=filters.role_name(found.person.role),
    )


def _named(groups: list[str]) -> tuple[str, int]:
    """The names of groups in a sentence, and their number. Groups of a sign-in are not stored."""
    names = groups or [gettext("A group of the last sign-in")]
    return formats.listed(names, visit().language), len(names)


def given(gives: GroupMapping) -> str:
    """What a group gives, in words."""
    parts = [
        "" if gives.tier is None else gettext("the tier %(tier)s", tier=gives.tier),
        "" if gives.role is None else gettext("the role %(role)s", role=filters.role_name(gives.role)),
        "" if gives.priority is None else gettext("the priority %(number)s", number=gives.priority),
    ]
    return formats.listed([part for part in parts if part], visit().language)


def flat(values: Mapping[str, Any], path: str = "") -> list[tuple[str, str]]:
    """Values of a person as pairs of a name, such as `name.givenName`, and a text."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        here = f"{path}{name}"
        if isinstance(value, dict):
            found += flat(value, f"{here}.")
        elif isinstance(value, list):
            found.append((here, ", ".join(map(_one, value))))
        else:
            found.append((here, _plain(value)))
    return found


def _one(value: object) -> str:
    """One of several values, with its type in brackets."""
    if not isinstance(value, dict) or "value" not in value:
        return ", ".join(text for _, text in flat(value)) if isinstance(value, dict) else _plain(value)
    type_ = value.get("type")
    return f"{_plain(value['value'])} ({type_})" if type_ else _plain(value["value"])


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def happened(one: Logged) -> str:
    """What happened, in the words of the audit."""
    entry = one.entry
    return audit_words.sentence(
        Recorded(
            sequence=entry.sequence,
            at=entry.at,
            type=entry.type,
            actor=entry.actor,
            way_in=entry.way_in,
            request_id=entry.request_id,
            person=entry.person,
            name=entry.user_name,
            reason=entry.reason,
            status=entry.status,
            seats=dict(entry.seats),
            payload=dict(entry.details),
            attempts=entry.attempts,
            detail=entry.detail,
        )
    )
