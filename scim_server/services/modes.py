"""What the provisioning mode of an organization allows (SEATS 11)."""

from scim_server.protocol.errors import Forbidden
from scim_server.store.database.session import Write
from scim_server.store.rows import organizations
from scim_server.store.rows.organizations import Organization
from seat_policy.modes import Mode


def accepting_scim(write: Write) -> Organization:
    """The settings of the organization. Checks that SCIM may write to it.

    Raises:
        Forbidden: the organization is in another mode; reads are always allowed (DESIGN, wire 8).
    """
    organization = organizations.get(write)
    if organization.mode != Mode.SCIM:
        raise Forbidden(
            f"This organization is in the provisioning mode '{organization.mode}', in which SCIM can only "
            "read. An Owner can switch it to 'scim'."
        )
    return organization
