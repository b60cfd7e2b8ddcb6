"""Groups that give a tier, a role or a priority. Each change shows its exact effect before it is saved."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from flask import Response, request

from scim_server.console import pages
from scim_server.console import provisioning_words as words
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, visit
from scim_server.services.errors import NotFound, ServiceError
from scim_server.services.mappings import commands, queries
from scim_server.services.mappings.commands import Saved, Stale
from scim_server.services.seats import queries as seats
from seat_policy.mapping import GroupMapping, Unmapped
from seat_policy.roles import GIVEN, Role

mappings = Pages("mappings")

_LIST: Final = "/provisioning/mappings"
_FIELDS: Final = ("do", "group", "tier", "role", "priority", "unmapped")
_HIGHEST: Final = 1_000_000
_LONGEST: Final = 500


class Faulty(Exception):
    """A field of the form cannot be read. The message says which."""


@mappings.show(_LIST, Permission.MEMBERS)
def show() -> Response:
    """All mappings, and what people get if none of their groups is mapped."""
    return pages.page(
        "mappings.html",
        found=queries.every(context()),
        choices_=words.unmapped(),
        may_change=Permission.BILLING.admits(visit().role),
    )


@mappings.show("/provisioning/mappings/edit", Permission.BILLING)
def edit() -> Response:
    """The form of a mapping; empty for a new one."""
    group = request.args.get("group", "")
    known = {one.name: one.gives for one in queries.every(context()).mappings}
    gives = known.get(group, GroupMapping())
    fields = {
        "group": group,
        "tier": gives.tier or "",
        "role": gives.role or "",
        "priority": "" if gives.priority is None else str(gives.priority),
    }
    return _form(fields, known=group in known)


@mappings.show("/provisioning/mappings/review", Permission.BILLING)
def review() -> Response:
    """Exactly what a change would do: people, seats and price."""
    return _review(request.args)


@mappings.do(_LIST, Permission.SPENDING)
def save() -> Response:
    """Save the reviewed change, or nothing. It may buy seats, so the sign-in must be recent."""
    try:
        saved = _act(request.form)(False, request.form.get("confirmation", ""))
    except NotFound:
        raise
    except (ServiceError, Faulty) as error:
        return _refused(request.form, error)
    if isinstance(saved, Stale):
        return _review(request.form, stale=True)
    return pages.done(gettext("The change was saved."), _LIST)


def _review(given: Mapping[str, str], *, stale: bool = False) -> Response:
    try:
        saved = _act(given)(True, None)
    except NotFound:
        raise
    except (ServiceError, Faulty) as error:
        return _refused(given, error)
    if isinstance(saved, Stale):
        raise TypeError(saved)
    return pages.page(
        "mapping_review.html",
        status=HTTPStatus.CONFLICT if stale else HTTPStatus.OK,
        stale=stale,
        saved=saved,
        said=words.effects_in_words(saved),
        fields={name: given[name] for name in _FIELDS if given.get(name)},
        seat=words.seat_in_words,
        back=_LIST,
    )


def _refused(given: Mapping[str, str], error: Exception) -> Response:
    """The form again, with what is wrong; for a removal or the other setting, the list."""
    why = sentence(error.detail) if isinstance(error, ServiceError) else str(error)
    if given.get("do") != "save":
        return pages.not_done(why, _LIST)
    known = given.get("group", "") in {one.name for one in queries.every(context()).mappings}
    return _form(given, known=known, error=why)


def _form(fields: Mapping[str, str], *, known: bool, error: str = "") -> Response:
    return pages.page(
        "mapping.html",
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        fields=fields,
        known=known,
        error=error,
        tiers=[one.tier.name for one in seats.show(context()).tiers],
        roles=GIVEN,
    )


def _act(given: Mapping[str, str]) -> Callable[[bool, str | None], Saved | Stale]:
    """The command that the form means; it is called with whether it is a preview, and the confirmation.

    Raises:
        Faulty: a field cannot be read.
    """
    saver, group = visit().visitor.session.person, given.get("group", "").strip()[:_LONGEST]
    match given.get("do"):
        case "save":
            gives = _gives(given)
            return lambda preview, code: commands.save(
                context(), group, gives, saver=saver, preview=preview, confirmation=code
            )
        case "remove":
            return lambda preview, code: commands.remove(
                context(), group, saver=saver, preview=preview, confirmation=code
            )
        case "unmapped" if given.get("unmapped") in set(Unmapped):
            choice = Unmapped(given["unmapped"])
            return lambda preview, code: commands.choose_unmapped(
                context(), choice, preview=preview, confirmation=code
            )
        case _:
            raise Faulty(gettext("Choose what to change."))


def _gives(given: Mapping[str, str]) -> GroupMapping:
    role, priority = given.get("role", ""), given.get("priority", "").strip()
    if role and role not in set(Role):
        raise Faulty(gettext("Choose one of the roles."))
    if priority and not (priority.isascii() and priority.isdecimal() and int(priority[:8]) <= _HIGHEST):
        raise Faulty(
            gettext("The priority is a number from 0 to 1,000,000; a smaller number is served first.")
        )
    return GroupMapping(
        given.get("tier") or None, Role(role) if role else None, int(priority[:8]) if priority else None
    )
