"""Changes of a member: seat, tier, role and access. Each is reviewed before it is done."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, assert_never

from flask import Response, abort, request

from scim_server.console import listing, pages, people_effects
from scim_server.console.doorkeeper import sentence
from scim_server.console.pages import Undo
from scim_server.console.people import member, own, tier_names
from scim_server.console.people_effects import Act, Result
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, visit
from scim_server.services.errors import ServiceError, StaleConfirmation
from scim_server.services.people import commands, queries
from scim_server.services.people.commands import Changed, NoSeatFree, Refused
from scim_server.services.people.queries import Chosen
from scim_server.store.rows.roster import Order
from seat_policy.roles import GIVEN, Role

people_actions = Pages("people_actions")

_ACTIONS: Final = {
    "seat": Permission.MEMBERS,
    "unassign": Permission.MEMBERS,
    "reassign": Permission.MEMBERS,
    "swap": Permission.MEMBERS,
    "role": Permission.MEMBERS,
    "deactivate": Permission.MEMBERS,
    "activate": Permission.MEMBERS,
    "transfer": Permission.BILLING,
}
"""The changes, each with its own two routes. The services check which people a role may change."""
_WITH_OTHER: Final = ("reassign", "swap")


def _add_routes(action: str, allows: Permission) -> None:
    """The review of a change, and the change."""

    def review(id_: str) -> Response:
        if action in _WITH_OTHER and not request.args.get("other"):
            return _choose(id_, action)
        return _review(_act(id_, action, request.args))

    def carry_out(id_: str) -> Response:
        return _carry_out(_act(id_, action, request.form))

    review.__name__, carry_out.__name__ = f"review_{action}", action
    people_actions.show(f"/people/<id_>/{action}", allows)(review)
    people_actions.do(f"/people/<id_>/{action}", allows)(carry_out)


for _action, _allows in _ACTIONS.items():
    _add_routes(_action, _allows)


def _act(id_: str, action: str, given: Mapping[str, str]) -> Act:
    """The change that an address or a form names. What does not exist here is not found."""
    found = member(id_)
    tier, role, other = (given.get(name, "") for name in ("tier", "role", "other"))
    if action == "seat" and tier not in tier_names():
        abort(HTTPStatus.NOT_FOUND)
    if action == "role" and role not in GIVEN:
        abort(HTTPStatus.NOT_FOUND)
    return Act(
        action,
        found,
        own=own(found),
        tier=tier,
        role=Role(role) if action == "role" else None,
        other=member(other) if action in _WITH_OTHER else None,
    )


def _choose(id_: str, action: str) -> Response:
    """Choose the other person of a change by a search."""
    found, chosen = member(id_), listing.of_request("q")
    if found.person.tier is None:
        return pages.not_done(people_effects.without_seat(found), f"/people/{id_}")
    wanted = Chosen(
        search=chosen.get("q"),
        without_seat=action == "reassign",
        other_tier_than=found.person.tier if action == "swap" else None,
    )
    sheet = queries.sheet(context(), wanted, order=Order.NAME, number=chosen.number)
    return pages.page("person_choose.html", action=action, person=found.person, sheet=sheet, chosen=chosen)


def _run(act: Act, *, preview: bool, confirmation: str | None = None) -> Result:
    """Call the command of a change."""
    id_, where, role = act.person.id, context(), act.role or Role.USER
    other = "" if act.other is None else act.other.person.id
    run: dict[str, Callable[[], Changed | NoSeatFree]] = {
        "seat": lambda: commands.assign(where, id_, act.tier, preview=preview, confirmation=confirmation),
        "unassign": lambda: commands.unassign(where, id_, preview=preview, confirmation=confirmation),
        "reassign": lambda: commands.reassign(where, id_, other, preview=preview, confirmation=confirmation),
        "swap": lambda: commands.swap(where, id_, other, preview=preview, confirmation=confirmation),
        "role": lambda: commands.set_role(where, id_, role, preview=preview, confirmation=confirmation),
        "transfer": lambda: commands.transfer(where, id_, preview=preview, confirmation=confirmation),
        "deactivate": lambda: commands.deactivate(where, id_, preview=preview, confirmation=confirmation),
    }
    if act.action in run:
        return run[act.action]()
    outcome = commands.activate(where, id_, preview=preview)
    return outcome if isinstance(outcome, Refused) else Changed((outcome.person,), (), preview)


def _review(act: Act, *, stale: bool = False) -> Response:
    """The review; after a confirmation that no longer fits, with the new result."""
    try:
        result = _run(act, preview=True)
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), f"/people/{act.person.id}")
    return pages.page(
        "person_review.html",
        status=HTTPStatus.CONFLICT if stale else HTTPStatus.OK,
        act=act,
        title=people_effects.title(act),
        effects=people_effects.effects(act, result),
        warning=people_effects.warning(act),
        possible=isinstance(result, Changed),
        confirmation=result.confirmation if isinstance(result, Changed) else None,
        full=isinstance(result, NoSeatFree),
        order=people_effects.order(act, tier_names()),
        may_buy=Permission.BILLING.admits(visit().role),
        stale=stale,
    )


def _carry_out(act: Act) -> Response:
    to = f"/people/{act.person.id}"
    try:
        result = _run(act, preview=False, confirmation=request.form.get("confirmation") or None)
    except StaleConfirmation:
        return _review(act, stale=True)
    except ServiceError as error:
        return pages.not_done(sentence(error.detail), to)
    match result:
        case Changed():
            return pages.done(people_effects.said(act, result), to, undo=_undo(act, result))
        case NoSeatFree() | Refused():
            return pages.not_done(sentence(result.detail), to)
        case _:
            assert_never(result)


def _undo(act: Act, changed: Changed) -> Undo | None:
    """The change back, if it restores exactly what was before: a role, or a tier that nobody else took."""
    before, path = act.person, f"/people/{act.person.id}"
    if act.action == "role" and not act.own and before.role != changed.people[0].role:
        return Undo(f"{path}/role", {"role": before.role})
    exact = act.action == "seat" and before.tier is not None and before.wants is None
    if exact and not changed.let_in:
        return Undo(f"{path}/seat", {"tier": str(before.tier)})
    return None
