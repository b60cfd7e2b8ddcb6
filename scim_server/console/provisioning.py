"""How people come in, and what happens if no seat is free, with a review before a change is saved."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from flask import Response, request

from scim_server.console import pages
from scim_server.console import provisioning_words as words
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, visit
from scim_server.services.errors import ServiceError
from scim_server.services.organizations import commands, queries
from scim_server.services.organizations.commands import Changes, Stale
from scim_server.services.organizations.queries import Listed
from seat_policy.modes import Mode
from seat_policy.overflow import Overflow
from seat_policy.requests import RequestPolicy

provisioning = Pages("provisioning")

SAME: Final = "same"
"""A tier follows the policy of the organization."""
_MOST_SEATS: Final = 1_000_000
_SWITCHES: Final = ("allow_invitations", "hold_removals")


@provisioning.show("/provisioning", Permission.MEMBERS)
def show() -> Response:
    """The present settings, and for Owners the form that changes them."""
    now = queries.show(context())
    return _form(now, _fields(now), "")


@provisioning.show("/provisioning/review", Permission.BILLING)
def review() -> Response:
    """What other settings would do."""
    return _review(request.args)


@provisioning.do("/provisioning", Permission.SPENDING)
def save() -> Response:
    """Save the reviewed settings. They may buy seats, so the sign-in must be recent."""
    now = queries.show(context())
    try:
        changes = _changes(now, request.form)
        done = commands.reconfigure(context(), changes, confirmation=request.form.get("confirmation", ""))
    except (ServiceError, ValueError) as error:
        return _form(now, request.form, _why(error))
    if isinstance(done, Stale):
        return _review(request.form, done)
    return pages.done(gettext("The settings were saved."), "/provisioning")


def _review(given: Mapping[str, str], stale: Stale | None = None) -> Response:
    now = queries.show(context())
    try:
        changes = _changes(now, given)
        preview = commands.reconfigure(context(), changes, preview=True)
    except (ServiceError, ValueError) as error:
        return _form(now, given, _why(error))
    if isinstance(preview, Stale):
        raise TypeError(preview)
    result = preview.result
    return pages.page(
        "provisioning_review.html",
        status=HTTPStatus.OK if stale is None else HTTPStatus.CONFLICT,
        stale=stale,
        fields={name: value for name, value in given.items() if name in _fields(now)},
        confirmation=preview.confirmation,
        result=result,
        changed=_changed(result.before, result.after),
        mode=next(one for one in words.modes() if one.value == result.after.organization.mode),
        overflow=next(one for one in words.overflows() if one.value == result.after.organization.overflow),
        new_mode=result.before.organization.mode != result.after.organization.mode,
    )


def _form(now: Listed, fields: Mapping[str, str], error: str) -> Response:
    return pages.page(
        "provisioning.html",
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        now=now,
        fields=fields,
        error=error,
        modes=words.modes(),
        overflows=words.overflows(),
        request_policies=words.request_policies(),
        recommended=words.RECOMMENDED,
        same=SAME,
        may_change=Permission.BILLING.admits(visit().role),
    )


def _fields(now: Listed) -> dict[str, str]:
    """The settings as the fields of the form."""
    found: dict[str, str] = {
        "mode": now.organization.mode,
        "overflow": now.organization.overflow,
        "seat_requests": now.organization.seat_requests,
    }
    found |= {name: "on" if getattr(now.organization, name) else "" for name in _SWITCHES}
    for tier, one in now.tiers.items():
        found[f"overflow-{tier}"] = SAME if one.overflow is None else one.overflow.value
        found[f"ceiling-{tier}"] = "" if one.ceiling is None else str(one.ceiling)
    return found


def _changes(now: Listed, given: Mapping[str, str]) -> Changes:
    """The settings of the form.

    Raises:
        ValueError: a value cannot be read.
    """
    settings: dict[str, object] = {
        "mode": Mode(given.get("mode", "")).value,
        "overflow": Overflow(given.get("overflow", "")).value,
        "seat_requests": RequestPolicy(given.get("seat_requests", RequestPolicy.ASK)).value,
        **{name: bool(given.get(name)) for name in _SWITCHES},
    }
    policies: dict[str, Overflow | None] = {}
    ceilings: dict[str, int] = {}
    for tier, one in now.tiers.items():
        own = given.get(f"overflow-{tier}", SAME)
        policies[tier] = None if own == SAME else Overflow(own)
        ceiling = given.get(f"ceiling-{tier}", "").strip()
        if ceiling or one.ceiling is not None:
            ceilings[tier] = _number(ceiling or "0")
    return Changes(settings, policies=policies, ceilings=ceilings)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST_SEATS))):
        raise NoNumber(text)
    return int(text)


class NoNumber(ValueError):
    """A ceiling is not a number of seats."""


def _why(error: Exception) -> str:
    """The sentence about a fault of the form."""
    if isinstance(error, ServiceError):
        return sentence(error.detail)
    if isinstance(error, NoNumber):
        return gettext("%(text)s is not a number of seats.", text=str(error)[:40])
    return gettext("Choose one of the values of each setting.")


def _changed(before: Listed, after: Listed) -> list[tuple[str, str, str]]:
    """Each changed setting with its values before and after."""
    names = {"allow_invitations": gettext("Invitations"), "hold_removals": gettext("Hold mass removals")}
    found = [
        (gettext("How people come in"), *_names(words.modes(), before, after, "mode")),
        (gettext("If no seat is free"), *_names(words.overflows(), before, after, "overflow")),
        (
            gettext("If a person asks for a seat"),
            *_names(words.request_policies(), before, after, "seat_requests"),
        ),
    ]
    for switch in _SWITCHES:
        values = [getattr(one.organization, switch) for one in (before, after)]
        was, becomes = (gettext("on") if value else gettext("off") for value in values)
        found.append((names[switch], was, becomes))
    for tier, one in after.tiers.items():
        own = [
            words.name_of(words.overflows(), each.overflow)
            if each.overflow
            else gettext("as the organization")
            for each in (before.tiers[tier], one)
        ]
        found.append((gettext("If no %(tier)s seat is free", tier=tier), own[0], own[1]))
        ceilings = [str(each.ceiling or 0) for each in (before.tiers[tier], one)]
        found.append((gettext("Ceiling of %(tier)s", tier=tier), ceilings[0], ceilings[1]))
    return [one for one in found if one[1] != one[2]]


def _names(choices: tuple[words.Choice, ...], before: Listed, after: Listed, name: str) -> tuple[str, str]:
    values = [words.name_of(choices, getattr(one.organization, name)) for one in (before, after)]
    return values[0], values[1]
