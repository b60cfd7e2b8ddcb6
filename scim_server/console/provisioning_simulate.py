"""Simulates a file of people: who would get in, who would wait, and what letting everyone in costs."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from flask import Response, request

from scim_server.bodies import MOST_UPLOADED
from scim_server.console import downloads, pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import context, gettext, visit
from scim_server.services.errors import ServiceError
from scim_server.services.seats import queries as seats
from scim_server.services.simulation import queries
from scim_server.services.simulation.queries import Foreseen, Outcome, PeopleFile, Simulated
from seat_policy.admission import Reason
from seat_policy.errors import PolicyError

simulate = Pages("simulate")

_SHOWN: Final = 50
_COLUMNS: Final = ("line", "userName", "now", "then", "seat", "waits for", "why")


@simulate.show("/provisioning/simulate", Permission.MEMBERS)
def show() -> Response:
    """The form for a file."""
    return _form("", "")


@simulate.do("/provisioning/simulate", Permission.MEMBERS)
def run() -> Response:
    """Simulate the people of a file. Nothing is written, and the file is not kept."""
    upload = request.files.get("file")
    content = b"" if upload is None else upload.stream.read(MOST_UPLOADED + 1)
    tier = request.form.get("tier", "")
    if not content:
        return _form(tier, gettext("Choose a file with at least one person."))
    try:
        listed = queries.read_file(context(), content, tier or None)
        if listed.bad and not request.form.get("skip_bad"):
            return _form(tier, gettext("Nothing was simulated, because entries are wrong."), listed)
        simulated = queries.of_file(context(), listed, skip_bad=True)
    except (ServiceError, PolicyError) as error:
        return _form(tier, sentence(str(error)))
    if request.form.get("as") == "csv":
        return downloads.csv_file(f"{visit().slug}-simulation", _COLUMNS, _rows(simulated))
    return _result(simulated)


def _form(tier: str, error: str, listed: PeopleFile | None = None) -> Response:
    return pages.page(
        "simulate.html",
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        tiers=[one.tier.name for one in seats.show(context()).tiers],
        tier=tier,
        error=error,
        listed=listed,
        most=_SHOWN,
        megabytes=MOST_UPLOADED // 1024 // 1024,
    )


def _result(simulated: Simulated) -> Response:
    found = simulated.simulation
    outcomes = (
        (Outcome.REFUSED, gettext("Would be refused")),
        (Outcome.WAITING, gettext("Would wait")),
        (Outcome.SEATED, gettext("Would get a seat")),
        (Outcome.NONE, gettext("Would have no seat until a group gives a tier")),
        (Outcome.INACTIVE, gettext("Would be inactive")),
        (Outcome.HERE, gettext("Are here already")),
    )
    groups = [
        (name, found.counted[outcome], [one for one in found.people if one.outcome is outcome][:_SHOWN])
        for outcome, name in outcomes
        if found.counted[outcome]
    ]
    return pages.page(
        "simulated.html",
        found=found,
        listed=simulated.file,
        groups=groups,
        most=_SHOWN,
        standstill=_standstill(found.standstill),
        can_buy=Permission.BILLING.admits(visit().role),
    )


def _standstill(reason: Reason | None) -> str:
    match reason:
        case None:
            return ""
        case Reason.SUSPENDED:
            return gettext("No seats are assigned now, because the organization is suspended.")
        case _:
            return gettext("No seats are assigned now, because the contract has no current term.")


def _rows(simulated: Simulated) -> Iterator[tuple[object, ...]]:
    return (_row(one) for one in simulated.simulation.people)


def _row(one: Foreseen) -> tuple[object, ...]:
    person = one.simulated
    return person.line, person.user_name, one.before, one.outcome.value, one.tier, one.waits_for, one.reason
