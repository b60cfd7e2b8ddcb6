"""Sentences about people who are left out, for the banner and the lists."""

from collections.abc import Mapping
from typing import Final

from scim_server.console import filters
from scim_server.console.routes import Permission
from scim_server.console.visit import forms, gettext, ngettext, visit
from scim_server.documents import formats
from scim_server.services.left_out.commands import Attempt, Cleared, Retried
from scim_server.services.left_out.queries import Summary

LET_IN: Final = (Attempt.SEATED, Attempt.WAITING)
"""The results of a retry after which a person is no longer left out."""


def heading(missing: Summary) -> str:
    """How many people are left out; if nobody is, how many want a better tier."""
    if not missing.left_out:
        better = sum(missing.wants_better_tier.values())
        return ngettext(
            "%(number)s person wants a better tier",
            "%(number)s people want a better tier",
            better,
            number=filters.number(better),
        )
    return ngettext(
        "%(number)s person was left out",
        "%(number)s people were left out",
        missing.left_out,
        number=filters.number(missing.left_out),
    )


def banner(missing: Summary) -> str:
    """Who is left out by tier, and what letting everyone in costs; empty if nobody is left out."""
    if not (missing.left_out or missing.people):
        return ""
    kinds = (
        (missing.waiting, forms("%(number)s waits (%(tiers)s)", "%(number)s wait (%(tiers)s)")),
        (
            missing.refused,
            forms("%(number)s was refused (%(tiers)s)", "%(number)s were refused (%(tiers)s)"),
        ),
        (
            missing.wants_better_tier,
            forms("%(number)s wants a better tier (%(tiers)s)", "%(number)s want a better tier (%(tiers)s)"),
        ),
    )
    who = [_counted(people, words) for people, words in kinds if people]
    if missing.older:
        who.append(
            ngettext(
                "%(number)s was refused more than 7 days ago and is let in only one by one",
                "%(number)s were refused more than 7 days ago and are let in only one by one",
                missing.older,
                number=filters.number(missing.older),
            )
        )
    said = f"{formats.listed(who, visit().language)}."
    return f"{said} {_price(missing)}" if missing.people else said


def _counted(people: Mapping[str, int], words: tuple[str, str]) -> str:
    total = sum(people.values())
    tiers = (f"{filters.number(count)} {filters.tier_name(tier)}" for tier, count in people.items())
    by_tier = filters.tier_name(next(iter(people))) if len(people) == 1 else ", ".join(tiers)
    return ngettext(*words, total, number=filters.number(total), tiers=by_tier)


def _price(missing: Summary) -> str:
    if missing.standstill is not None:
        return gettext(
            "No seats are assigned at present, because the contract or the organization is paused."
        )
    if not missing.missing:
        return gettext("Enough seats are free to let everyone in.")
    if missing.bill is None:
        return gettext(
            "%(seats)s are missing. Your vendor grants them.", seats=filters.tiers(missing.missing)
        )
    if not Permission.BILLING.admits(visit().role):
        return gettext(
            "Letting everyone in takes %(seats)s. An Owner can buy them.",
            seats=filters.tiers(missing.missing),
        )
    return gettext(
        "Letting everyone in takes %(seats)s and costs %(price)s, from today to %(until)s.",
        seats=filters.tiers(missing.missing),
        price=filters.money(missing.bill.total),
        until=filters.day(missing.bill.term.last_day),
    )


def outcome(one: Retried) -> str:
    """What a retry did for a person."""
    person = one.user_name or str(one.reference)
    match one.outcome:
        case Attempt.SEATED:
            return gettext("%(person)s got the wanted seat.", person=person)
        case Attempt.WAITING:
            return gettext("%(person)s waits for a seat now.", person=person)
        case Attempt.NONE:
            return gettext("%(person)s is a member now, and gets a seat by a group.", person=person)
        case Attempt.GONE:
            return gettext("%(person)s is no longer left out.", person=person)
        case _:
            return gettext("Not possible yet for %(person)s: %(why)s", person=person, why=one.detail or "")


def seated(cleared: Cleared) -> list[str]:
    """The userNames of everyone who gets a seat, or a better one."""
    retried = [str(one.user_name) for one in cleared.retried if one.outcome in LET_IN]
    return [*(str(one.user_name) for one in cleared.let_in), *retried]


def _upgraded(cleared: Cleared) -> int:
    """How many of these people have a seat already, of another tier."""
    return sum(one.left is not None for one in cleared.let_in)


def people_coming(cleared: Cleared) -> str:
    """How many people a purchase lets in, or moves to a better tier."""
    return coming_words(len(seated(cleared)), _upgraded(cleared))


def coming_words(people: int, upgraded: int) -> str:
    """How many people get in, or get a better tier.

    Args:
        upgraded: how many of them have a seat already.
    """
    if upgraded == 0:
        words = forms("%(number)s person gets in", "%(number)s people get in")
    elif upgraded == people:
        words = forms("%(number)s person gets a better tier", "%(number)s people get a better tier")
    else:
        words = forms(
            "%(number)s person gets a seat or a better tier", "%(number)s people get a seat or a better tier"
        )
    return ngettext(*words, people, number=filters.number(people))


def people_in(cleared: Cleared) -> str:
    """How many people a purchase has let in, or moved to a better tier."""
    people, upgraded = len(seated(cleared)), _upgraded(cleared)
    if upgraded == 0:
        words = forms("%(number)s person is in", "%(number)s people are in")
    elif upgraded == people:
        words = forms("%(number)s person has a better tier", "%(number)s people have a better tier")
    else:
        words = forms(
            "%(number)s person has a seat or a better tier", "%(number)s people have a seat or a better tier"
        )
    return ngettext(*words, people, number=filters.number(people))
