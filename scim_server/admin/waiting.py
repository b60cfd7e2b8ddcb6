"""The queue of people who wait for a seat: the priority of a person."""

from typing import Any, Final

from marshmallow import fields, validate

from scim_server.admin import auth, previews
from scim_server.admin.routes import OF_ORGANIZATION, Confirmed, Noun
from scim_server.representations import seat_requests as shapes
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    AmbiguousPerson,
    GivenByGroup,
    InvalidPriority,
    NotWaiting,
    UnknownPerson,
)
from scim_server.services.left_out import commands

waiting = Noun("waiting", "The queue of people who wait for a seat.")

_MOST: Final = 1_000


class PriorityInput(Confirmed):
    """The new priority of a waiting person."""

    priority = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(1, _MOST),
        metadata={"description": "A smaller number is served first; the usual number is 100."},
    )


@waiting.do(
    f"{OF_ORGANIZATION}/waiting/<person>/priority",
    Scope.LEFT_OUT_WRITE,
    shapes.PriorityChange,
    PriorityInput,
    preview=True,
    raises=(UnknownPerson, AmbiguousPerson, NotWaiting, GivenByGroup, InvalidPriority),
    example={"priority": 10},
)
def prioritise(person: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Change the priority of a waiting person, for the present wait.

    The answer has the place in the queue before and after, and the people who are passed.
    """
    return previews.carry_out(
        lambda preview, code: commands.prioritise(
            auth.context(), person, body["priority"], preview=preview, confirmation=code
        ),
        shapes.prioritised,
        preview=preview,
        body=body,
    )
