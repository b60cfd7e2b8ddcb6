"""Simulations: which people would get a seat, and the price of the missing seats. Nothing is written."""

from dataclasses import replace
from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from scim_server.admin import auth
from scim_server.admin.parsing import Input, choice, flag, text
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import simulations as shapes
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.errors import Invalid, NoSuchGroup, UnreadableFile, WrongLines
from scim_server.services.simulation import queries
from scim_server.services.simulation.queries import MOST_PEOPLE, Outcome

simulations = Noun("simulations", "Simulations of people who would be added. Nothing is written.")

_ABOUT_PEOPLE: Final = (
    "SCIM Users in the order in which they would be added. Each may also have `tier`, and `groups` with the "
    "names of groups."
)


class SimulationInput(Input):
    """The people of a simulation: either `people`, or the members of a `group`."""

    people = fields.List(
        fields.Dict(keys=fields.String()),
        load_default=None,
        validate=validate.Length(1, MOST_PEOPLE),
        metadata={"description": _ABOUT_PEOPLE},
    )
    group = text(
        load_default=None,
        about="The displayName or externalId of a group, whose members are simulated as if all were active.",
    )
    tier = text(
        load_default=None,
        longest=32,
        about="The tier that people without a `tier` want, instead of what their groups give.",
    )
    skip_bad = flag(load_default=False, about="Whether wrong entries of `people` are ignored, and listed.")
    outcome = choice(
        [one.value for one in Outcome], load_default=None, about="List only people with this outcome."
    )

    @validates_schema
    def check_source(self, data: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - the library's own signature
        """Check that exactly one source of people is given.

        Raises:
            ValidationError: none is given, or both are.
        """
        if (data.get("people") is None) is (data.get("group") is None):
            raise ValidationError("Give either people or a group.", "people")


@simulations.do(
    f"{OF_ORGANIZATION}/simulations",
    Scope.PROVISIONING_READ,
    shapes.SimulatedRepresentation,
    SimulationInput,
    raises=(NoSuchGroup, Invalid, UnreadableFile, WrongLines),
    example={
        "people": [{"userName": "ada@example.com"}, {"userName": "grace@example.com", "tier": "premium"}]
    },
)
def simulate(body: dict[str, Any]) -> dict[str, object]:
    """Simulate that a provider adds people, or the members of a group, one after another now.

    The answer has the outcome for each person, the missing seats, and their price.
    """
    context, tier = auth.context(), body["tier"]
    if body["group"] is not None:
        found = queries.of_group(context, body["group"], tier)
    else:
        listed = queries.read_people(context, body["people"], tier)
        found = queries.of_file(context, listed, skip_bad=body["skip_bad"])
    only = None if body["outcome"] is None else Outcome(body["outcome"])
    return dump(shapes.SIMULATED, replace(found, only=only))
