"""The Group schema (RFC 7643 sections 4.2 and 8.7.1)."""

from __future__ import annotations

from scim_server.protocol.attributes import Attribute, Mutability, Schema, Type

MEMBERS = Attribute(
    "members",
    Type.COMPLEX,
    description="Members of the group",
    multi_valued=True,
    sub_attributes=(
        # Ids are case exact everywhere (RFC 7643 section 3.1).
        Attribute("value", description="Id of the member", case_exact=True, mutability=Mutability.IMMUTABLE),
        Attribute(
            "$ref",
            Type.REFERENCE,
            description="URI of the member",
            case_exact=True,
            mutability=Mutability.IMMUTABLE,
            reference_types=("User", "Group"),
        ),
        Attribute(
            "type",
            description="Resource type of the member",
            mutability=Mutability.IMMUTABLE,
            canonical_values=("User", "Group"),
        ),
        Attribute("display", description="displayName of the member", mutability=Mutability.READ_ONLY),
    ),
)

GROUP_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:Group",
    name="Group",
    description="Group",
    # displayName is required by section 4.2. In section 8.7.1, only the text of the row says REQUIRED.
    attributes=(Attribute("displayName", description="Name of the group", required=True), MEMBERS),
)
