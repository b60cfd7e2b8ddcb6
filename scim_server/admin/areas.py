"""All nouns of /v1."""

from typing import Final

from scim_server.admin.events import events
from scim_server.admin.organizations import organizations
from scim_server.admin.scim_tokens import scim_tokens
from scim_server.admin.seat_requests import seat_requests
from scim_server.admin.sign_ins import sign_ins
from scim_server.admin.waiting import waiting

NOUNS: Final = (
    organizations,
    scim_tokens,
    seat_requests,
    waiting,
    sign_ins,
    events,
)
"""The nouns of /v1, in the order of the documentation."""
