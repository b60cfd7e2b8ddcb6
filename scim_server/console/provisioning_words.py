"""What each choice of the provisioning pages means, and what the identity providers show then."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from scim_server.console.visit import gettext, ngettext
from scim_server.protocol.seat_status import SeatStatus
from scim_server.services.mappings.commands import Effect, Saved
from scim_server.store.rows.people import Person
from seat_policy.mapping import Unmapped
from seat_policy.modes import Mode
from seat_policy.overflow import Overflow
from seat_policy.requests import RequestPolicy

RECOMMENDED: Final = Overflow.QUEUE


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values of a setting.

    Attributes:
        meaning: what the organization gets.
        okta, entra: what the admins of these providers see; empty if they see nothing of it.
    """

    value: str
    name: str
    meaning: str
    okta: str = ""
    entra: str = ""


def modes() -> tuple[Choice, ...]:
    """The provisioning modes."""
    okta = gettext(
        "Every task that creates, changes or removes a person fails with 403. Switch provisioning off there."
    )
    entra = gettext(
        "Every request that creates, changes or removes a person fails with 403, and Entra puts the job into "
        "quarantine. Switch provisioning off there."
    )
    return (
        Choice(
            Mode.SCIM,
            gettext("The provider creates people"),
            gettext(
                "Your identity provider creates, changes and removes people by SCIM. Sign-ins admit members "
                "and create nobody."
            ),
            gettext("Tasks succeed while seats are free."),
            gettext("The provisioning log shows a success while seats are free."),
        ),
        Choice(
            Mode.JIT,
            gettext("The first sign-in creates people"),
            gettext(
                "The first sign-in creates a person on the highest tier with a free seat. A person removed "
                "at the provider cannot sign in, but keeps the seat until an Admin removes the person."
            ),
            okta,
            entra,
        ),
        Choice(
            Mode.MANUAL,
            gettext("Admins invite people"),
            gettext("Admins invite each person by mail. Neither sign-ins nor the provider create people."),
            okta,
            entra,
        ),
    )


def request_policies() -> tuple[Choice, ...]:
    """What is done with a person's request for a seat."""
    return (
        Choice(
            RequestPolicy.ASK,
            gettext("An Owner or Admin decides"),
            gettext("The request is shown on the page Left out. Owners get a mail."),
        ),
        Choice(
            RequestPolicy.IF_FREE,
            gettext("Give a free seat at once"),
            gettext(
                "If a seat is free and nobody waits for it, the person gets it. Otherwise an Owner decides."
            ),
        ),
        Choice(
            RequestPolicy.UP_TO_CEILING,
            gettext("Also buy a seat, up to the ceiling"),
            gettext(
                "If no seat is free, one is bought, up to the number below that may be bought in one term. "
                "After that, an Owner decides."
            ),
        ),
    )


def overflows() -> tuple[Choice, ...]:
    """The policies for people without a free seat."""
    success = gettext("A success. The person has no access until a seat is free, and then gets it at once.")
    return (
        Choice(
            Overflow.QUEUE,
            gettext("Wait"),
            gettext("People wait in a queue, and get the next free seat without another attempt."),
            success,
            success,
        ),
        Choice(
            Overflow.REJECT,
            gettext("Refuse"),
            gettext("People are refused and listed on Left out. Their provider must try again."),
            gettext("A failed task with the reason. Press Retry after seats become free."),
            gettext(
                "The reason is in the provisioning log, and Entra tries again by itself. If most requests of "
                "a cycle fail, Entra puts the whole job into quarantine, also for people who leave."
            ),
        ),
        Choice(
            Overflow.FALLBACK,
            gettext("Give a lower tier"),
            gettext("People get the next lower tier with a free seat, and wait for the tier they want."),
            gettext("A success, with access on the lower tier."),
            gettext("A success, with access on the lower tier."),
        ),
        Choice(
            Overflow.BUY,
            gettext("Buy a seat"),
            gettext(
                "A seat is added and billed at the price of your contract, up to the ceiling below. Beyond "
                "the ceiling, people wait. No seats are bought for people who already wait."
            ),
            gettext("A success, with access at once, up to the ceiling."),
            gettext("A success, with access at once, up to the ceiling."),
        ),
    )


def unmapped() -> tuple[Choice, ...]:
    """What people get if none of their groups gives a tier."""
    return (
        Choice(
            Unmapped.HIGHEST,
            gettext("The highest tier with a free seat"),
            gettext("Everyone who is assigned at the provider gets a seat."),
        ),
        Choice(
            Unmapped.LOWEST,
            gettext("The lowest tier"),
            gettext("Everyone who is assigned at the provider gets a seat of the lowest tier."),
        ),
        Choice(
            Unmapped.NONE,
            gettext("No seat until a group gives one"),
            gettext(
                "Recommended if your provider creates people first and pushes groups later. Nobody takes a "
                "seat of the wrong tier in between."
            ),
        ),
    )


def name_of(choices: tuple[Choice, ...], value: object) -> str:
    """The name of a value."""
    return next((one.name for one in choices if one.value == value), str(value))


def effects_in_words(saved: Saved) -> list[str]:
    """How many people gain, lose, change or wait, one sentence for each kind."""
    counted = Counter(kind for one in saved.effects for kind in _kinds(one))
    sentences = {
        "gains": ngettext(
            "%(number)s person gets a seat.",
            "%(number)s people get a seat.",
            counted["gains"],
            number=counted["gains"],
        ),
        "loses": ngettext(
            "%(number)s person loses the seat.",
            "%(number)s people lose the seat.",
            counted["loses"],
            number=counted["loses"],
        ),
        "tier": ngettext(
            "%(number)s person changes the tier.",
            "%(number)s people change the tier.",
            counted["tier"],
            number=counted["tier"],
        ),
        "role": ngettext(
            "%(number)s person changes the role.",
            "%(number)s people change the role.",
            counted["role"],
            number=counted["role"],
        ),
        "waits": ngettext(
            "%(number)s person waits.", "%(number)s people wait.", counted["waits"], number=counted["waits"]
        ),
        "refused": ngettext(
            "%(number)s person is refused the tier and keeps the present one.",
            "%(number)s people are refused the tier and keep the present one.",
            counted["refused"],
            number=counted["refused"],
        ),
    }
    return [words for kind, words in sentences.items() if counted[kind]]


def _kinds(effect: Effect) -> list[str]:
    before, after = effect.before, effect.after
    kinds = {
        "gains": before.tier is None and after.tier is not None,
        "loses": before.tier is not None and after.tier is None,
        "tier": None not in (before.tier, after.tier) and before.tier != after.tier,
        "role": before.role != after.role,
        "waits": after.wants is not None and before.wants != after.wants,
        "refused": effect.refused is not None,
    }
    return [kind for kind, holds in kinds.items() if holds]


def seat_in_words(person: Person) -> str:
    """The seat of a person, or why there is none."""
    match person.status:
        case SeatStatus.WAITING if person.tier is None:
            return gettext("waits")
        case SeatStatus.INACTIVE:
            return gettext("inactive")
        case _:
            return person.tier or gettext("no seat")
