"""All pages of the console."""

from typing import Final

from scim_server.console.billing import billing
from scim_server.console.billing_change import billing_change
from scim_server.console.billing_invoices import billing_invoices
from scim_server.console.left_out import left_out
from scim_server.console.overview import overview
from scim_server.console.sign_in import sign_in

PARTS: Final = (
    sign_in,
    overview,
    left_out,
    billing,
    billing_change,
    billing_invoices,
)
"""The parts of the console, each with its routes."""
