"""Who may provision: an organization is run by hand, by sign-ins, or by SCIM (SEATS 11)."""

from scim_server.protocol.errors import Forbidden
from scim_server.store.database.session import Write
from scim_server.store.rows import organizations
from scim_server.store.rows.organizations import Organization

PROVIDERS = "scim"
"""The way in by which providers name people."""


def accepting_scim(write: Write) -> Organization:
    """The organization, if SCIM may write to it.

    Raises:
        Forbidden: its mode is another one; reads work all the same (DESIGN, wire 8).
    """
    organization = organizations.get(write)
    if organization.mode != "scim":
        raise Forbidden(
            f"This organization is in the provisioning mode '{organization.mode}', in which SCIM only reads. "
            "An Owner can switch it to 'scim'."
        )
    return organization
