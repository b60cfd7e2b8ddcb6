"""All nouns of /v1."""

from typing import Final

from scim_server.admin.contracts import contracts
from scim_server.admin.credit_notes import credit_notes
from scim_server.admin.domains import domains
from scim_server.admin.events import events
from scim_server.admin.imports import imports
from scim_server.admin.invitations import invitations
from scim_server.admin.invoices import invoices
from scim_server.admin.left_out import left_out
from scim_server.admin.mappings import mappings
from scim_server.admin.organizations import organizations
from scim_server.admin.people import people
from scim_server.admin.quotes import quotes
from scim_server.admin.removals import removals
from scim_server.admin.schemas import schemas
from scim_server.admin.scim_tokens import scim_tokens
from scim_server.admin.seat_requests import seat_requests
from scim_server.admin.seats import seats
from scim_server.admin.sign_ins import sign_ins
from scim_server.admin.simulations import simulations
from scim_server.admin.webhooks import deliveries, webhook_endpoints

NOUNS: Final = (
    organizations,
    scim_tokens,
    seats,
    contracts,
    quotes,
    invoices,
    credit_notes,
    people,
    seat_requests,
    left_out,
    mappings,
    invitations,
    domains,
    removals,
    simulations,
    schemas,
    sign_ins,
    events,
    webhook_endpoints,
    deliveries,
    imports,
)
"""The nouns of /v1, in the order of the documentation."""
