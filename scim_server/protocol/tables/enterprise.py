"""The Enterprise User extension (RFC 7643 sections 4.3 and 8.7.1)."""

from __future__ import annotations

from scim_server.protocol.attributes import Attribute, Mutability, Schema, Type

MANAGER = Attribute(
    "manager",
    Type.COMPLEX,
    description="The person's manager",
    # Neither value nor $ref is required, because an empty manager means no manager and the server adds the
    # $ref.
    sub_attributes=(
        # Ids are case exact everywhere (RFC 7643 section 3.1).
        Attribute("value", description="Id of the manager", case_exact=True),
        Attribute(
            "$ref",
            Type.REFERENCE,
            description="URI of the manager",
            case_exact=True,
            reference_types=("User",),
        ),
        Attribute("displayName", description="displayName of the manager", mutability=Mutability.READ_ONLY),
    ),
)

ENTERPRISE_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name="EnterpriseUser",
    description="Enterprise User",
    attributes=(
        Attribute("employeeNumber", description="Number or code that the organization gave to the person"),
        Attribute("costCenter", description="Cost center"),
        Attribute("organization", description="Organization"),
        Attribute("division", description="Division"),
        Attribute("department", description="Department"),
        MANAGER,
    ),
)
