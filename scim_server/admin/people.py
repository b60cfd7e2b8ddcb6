"""People: listed, shown with their history, activated, deactivated, and given roles."""

from collections.abc import Callable
from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth, lists
from scim_server.admin.acting import Acting, context_of, person_of
from scim_server.admin.lists import ListQuery
from scim_server.admin.parsing import Input, choice, text
from scim_server.admin.previews import carry_out
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.protocol.seat_status import SeatStatus
from scim_server.representations.base import dump
from scim_server.representations.people import (
    CHANGED,
    HISTORY,
    PERSON,
    ChangedRepresentation,
    Entitlements,
    MemberWithHistory,
    PersonRepresentation,
    entitlements,
)
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    AlreadyActive,
    AlreadyInactive,
    AlreadyPrimaryOwner,
    GivenByGroup,
    LastOwner,
    NoFreeSeat,
    NoSeatGiven,
    PrimaryOwnerProtected,
    RoleTooLow,
    UnknownPerson,
    WithoutSeat,
)
from scim_server.services.people import commands, queries
from scim_server.services.people.commands import Changed, Refused
from scim_server.services.people.queries import Chosen
from seat_policy.roles import GIVEN, Role
from seat_policy.ways_in import WayIn

people = Noun("people", "The members of an organization, with and without a seat.")

_PEOPLE: Final = f"{OF_ORGANIZATION}/people"
_ONE: Final = f"{_PEOPLE}/<person>"
_MOST_DAYS: Final = 3_650
_MOST_AT_ONCE: Final = 200


def _days(about: str) -> fields.Integer:
    return fields.Integer(
        load_default=None, validate=validate.Range(1, _MOST_DAYS), metadata={"description": about}
    )


class PeopleQuery(ListQuery):
    """The filters of the list of people. All of them must match."""

    search = text(load_default=None, about="A part of the userName or the display name.")
    status = choice(queries.STATUSES, load_default=None, about="Whether the person has a seat.")
    tier = text(load_default=None, longest=32, about="The tier of the seat.")
    role = choice([one.value for one in Role], load_default=None, about="The role.")
    group = text(load_default=None, about="The id of a group; members of groups in it count too.")
    way_in = choice([one.value for one in WayIn], load_default=None, about="How the person became a member.")
    idle_days = _days("Only people with a seat who have not signed in for so many days.")
    untouched_days = _days("Only active people that no provider has sent for so many days.")
    unconfirmed = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Only people who were let in from the log and not sent again since."},
    )


class RoleInput(Acting):
    """The role that a person gets."""

    role = choice([one.value for one in GIVEN], required=True, about="The new role.")


class IdsInput(Input):
    """The people whose entitlements are read."""

    people = fields.List(
        text(),
        required=True,
        validate=validate.Length(1, _MOST_AT_ONCE),
        metadata={"description": f"The ids of at most {_MOST_AT_ONCE} people."},
    )


@people.list(_PEOPLE, Scope.PEOPLE_READ, PersonRepresentation, PeopleQuery)
def list_people(query: dict[str, Any]) -> dict[str, object]:
    """List the people who match the filters, in the order in which they became members."""
    last = lists.after_number(query)
    page = queries.chosen_page(auth.context(), _chosen(query), after=last or 0, limit=query["limit"])
    return lists.listed([dump(PERSON, one.person) for one in page.data], page.next_cursor)


def _chosen(query: dict[str, Any]) -> Chosen:
    status, role, way = query["status"], query["role"], query["way_in"]
    return Chosen(
        search=query["search"] or "",
        status=None if status is None else SeatStatus(status),
        tier=query["tier"],
        role=None if role is None else Role(role),
        way_in=None if way is None else WayIn(way),
        group=query["group"],
        unconfirmed=query["unconfirmed"],
        idle_days=query["idle_days"],
        untouched_days=query["untouched_days"],
    )


@people.show(_ONE, Scope.PEOPLE_READ, MemberWithHistory, raises=(UnknownPerson,))
def show(person: str) -> dict[str, object]:
    """One person, by id or userName, with the history, newest first.

    If the person was deleted and created again, the history includes the time before.
    """
    return dump(HISTORY, queries.history(auth.context(), person_of(person)))


@people.do(
    f"{OF_ORGANIZATION}/entitlements",
    Scope.PEOPLE_READ,
    Entitlements,
    IdsInput,
    example={"people": ["3f0c1c5e-6a43-4d0e-9d1c-0f2b7a9f5b11"]},
)
def read_entitlements(body: dict[str, Any]) -> dict[str, object]:
    """The present entitlements of several people. Asking does not count as a sign-in."""
    ids = list(dict.fromkeys(body["people"]))
    return entitlements(ids, queries.entitlements(auth.context(WayIn.JIT), ids))


@people.do(
    f"{_ONE}/deactivate",
    Scope.PEOPLE_WRITE,
    ChangedRepresentation,
    Acting,
    preview=True,
    raises=(UnknownPerson, AlreadyInactive, PrimaryOwnerProtected, LastOwner, RoleTooLow),
    example={},
)
def deactivate(person: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """End a person's access and free the seat. The person keeps id, history and groups.

    In the mode `scim`, the person becomes active again if the provider sends the person as active.
    """
    context, id_ = context_of(body), person_of(person)
    return _changed(
        lambda shown, code: commands.deactivate(context, id_, preview=shown, confirmation=code),
        body,
        preview=preview,
    )


@people.do(
    f"{_ONE}/activate",
    Scope.PEOPLE_WRITE,
    ChangedRepresentation,
    Acting,
    preview=True,
    raises=(UnknownPerson, AlreadyActive, NoFreeSeat, NoSeatGiven, RoleTooLow),
    example={},
)
def activate(person: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Activate an inactive person, who gets a seat, waits in the queue, or is refused like a new person.

    A refusal (409) is in the log of people who are left out.
    """
    context, id_ = context_of(body), person_of(person)

    def run(shown: bool, _code: str | None) -> Changed:  # noqa: FBT001 - as carry_out calls it
        outcome = commands.activate(context, id_, preview=shown)
        if isinstance(outcome, Refused):
            kind = NoFreeSeat if outcome.reason == NoFreeSeat.code else NoSeatGiven
            raise kind(outcome.detail)
        return Changed((outcome.person,), (), shown)

    return _changed(run, body, preview=preview)


@people.do(
    f"{_ONE}/role",
    Scope.PEOPLE_WRITE,
    ChangedRepresentation,
    RoleInput,
    preview=True,
    raises=(UnknownPerson, PrimaryOwnerProtected, LastOwner, GivenByGroup, RoleTooLow),
    example={"role": "admin"},
)
def set_role(person: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Make a person a user, admin or owner."""
    context, id_, role = context_of(body), person_of(person), Role(body["role"])
    return _changed(
        lambda shown, code: commands.set_role(context, id_, role, preview=shown, confirmation=code),
        body,
        preview=preview,
    )


@people.do(
    f"{_ONE}/transfer",
    Scope.PEOPLE_WRITE,
    ChangedRepresentation,
    Acting,
    preview=True,
    raises=(UnknownPerson, AlreadyPrimaryOwner, WithoutSeat, RoleTooLow),
    example={},
)
def transfer(person: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Make a person with a seat the Primary Owner. The present one becomes an Owner."""
    context, id_ = context_of(body), person_of(person)
    return _changed(
        lambda shown, code: commands.transfer(context, id_, preview=shown, confirmation=code),
        body,
        preview=preview,
    )


def _changed(
    run: Callable[[bool, str | None], Changed], body: dict[str, Any], *, preview: bool
) -> dict[str, object]:
    return carry_out(run, lambda done: dump(CHANGED, done), preview=preview, body=body)
