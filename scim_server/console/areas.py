"""All pages of the console."""

from typing import Final

from scim_server.console.audit import audit
from scim_server.console.billing import billing
from scim_server.console.billing_change import billing_change
from scim_server.console.billing_invoices import billing_invoices
from scim_server.console.inviting import inviting
from scim_server.console.left_out import left_out
from scim_server.console.overview import overview
from scim_server.console.people import people
from scim_server.console.people_actions import people_actions
from scim_server.console.people_refusals import people_refusals
from scim_server.console.people_removals import people_removals
from scim_server.console.priority import priority
from scim_server.console.provisioning import provisioning
from scim_server.console.provisioning_domains import domains
from scim_server.console.provisioning_mappings import mappings
from scim_server.console.provisioning_simulate import simulate
from scim_server.console.provisioning_sso import provisioning_sso
from scim_server.console.provisioning_tokens import tokens
from scim_server.console.seat_requests import seat_requests
from scim_server.console.sign_in import sign_in
from scim_server.console.sso import sso

PARTS: Final = (
    sign_in,
    sso,
    overview,
    left_out,
    seat_requests,
    priority,
    people,
    people_actions,
    people_refusals,
    people_removals,
    audit,
    provisioning,
    mappings,
    domains,
    tokens,
    simulate,
    provisioning_sso,
    inviting,
    billing,
    billing_change,
    billing_invoices,
)
"""The parts of the console, each with its routes."""
