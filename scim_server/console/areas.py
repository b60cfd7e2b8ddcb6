"""All pages of the console."""

from typing import Final

from scim_server.console.audit import audit
from scim_server.console.left_out import left_out
from scim_server.console.overview import overview
from scim_server.console.people import people
from scim_server.console.people_actions import people_actions
from scim_server.console.people_refusals import people_refusals
from scim_server.console.people_removals import people_removals
from scim_server.console.sign_in import sign_in

PARTS: Final = (
    sign_in,
    overview,
    left_out,
    people,
    people_actions,
    people_refusals,
    people_removals,
    audit,
)
"""The parts of the console, each with its routes."""
