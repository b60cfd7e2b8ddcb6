"""The User schema (RFC 7643 sections 4.1 and 8.7.1)."""

from __future__ import annotations

from scim_server.protocol.attributes import Attribute, Mutability, Returned, Schema, Type, Uniqueness

DISPLAY = Attribute("display", description="Name of this value for display")
PRIMARY = Attribute("primary", Type.BOOLEAN, description="Whether this is the preferred value")


def kind(*canonical: str) -> Attribute:
    """The `type` sub-attribute, with the values that the RFC suggests."""
    return Attribute("type", description="Purpose of this value", canonical_values=canonical)


def plural(name: str, description: str, value: Attribute, *kinds: str) -> Attribute:
    """A multi-valued attribute with the sub-attributes of RFC 7643 section 2.4."""
    return Attribute(
        name,
        Type.COMPLEX,
        description=description,
        multi_valued=True,
        sub_attributes=(value, DISPLAY, kind(*kinds), PRIMARY),
    )


NAME = Attribute(
    "name",
    Type.COMPLEX,
    description="Parts of the person's name",
    sub_attributes=(
        Attribute("formatted", description="Full name, ready for display"),
        Attribute("familyName", description="Family name, or last name"),
        Attribute("givenName", description="Given name, or first name"),
        Attribute("middleName", description="Middle names"),
        Attribute("honorificPrefix", description="Title before the name, such as Ms."),
        Attribute("honorificSuffix", description="Suffix after the name, such as III"),
    ),
)

# Both URLs are caseExact false in section 8.7.1, although section 2.3.7 says that references are case exact.
PROFILE_URL = Attribute(
    "profileUrl",
    Type.REFERENCE,
    description="URL of the person's profile page",
    reference_types=("external",),
)
PHOTO_URL = Attribute(
    "value", Type.REFERENCE, description="URL of the picture", reference_types=("external",)
)

PASSWORD = Attribute(
    "password",
    description="Accepted and discarded: this server keeps no passwords",
    mutability=Mutability.WRITE_ONLY,
    returned=Returned.NEVER,
)

PLURALS = (
    plural(
        "emails", "Email addresses", Attribute("value", description="Email address"), "work", "home", "other"
    ),
    plural(
        "phoneNumbers",
        "Telephone numbers",
        Attribute("value", description="Telephone number"),
        *("work", "home", "mobile", "fax", "pager", "other"),
    ),
    plural(
        "ims",
        "Instant messaging addresses",
        Attribute("value", description="Instant messaging address"),
        *("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
    ),
    plural("photos", "Pictures of the person", PHOTO_URL, "photo", "thumbnail"),
)

ADDRESSES = Attribute(
    "addresses",
    Type.COMPLEX,
    description="Postal addresses",
    multi_valued=True,
    sub_attributes=(
        Attribute("formatted", description="Whole address as it is shown, with line breaks"),
        Attribute("streetAddress", description="Street, house number, post office box"),
        Attribute("locality", description="City or town"),
        Attribute("region", description="State or region"),
        Attribute("postalCode", description="Postal code"),
        Attribute("country", description="Country"),
        # Section 8.7.1 leaves out these two attributes. Sections 2.4 and 8.2 and the providers use them.
        DISPLAY,
        kind("work", "home", "other"),
        PRIMARY,
    ),
)

GROUPS = Attribute(
    "groups",
    Type.COMPLEX,
    description="Groups of the person; they are changed at the group",
    multi_valued=True,
    mutability=Mutability.READ_ONLY,
    sub_attributes=(
        # Ids are case exact everywhere (RFC 7643 section 3.1).
        Attribute("value", description="Id of the group", case_exact=True, mutability=Mutability.READ_ONLY),
        Attribute(
            "$ref",
            Type.REFERENCE,
            description="URI of the group",
            case_exact=True,
            mutability=Mutability.READ_ONLY,
            reference_types=("Group",),
        ),
        Attribute("display", description="Name of the group", mutability=Mutability.READ_ONLY),
        Attribute(
            "type",
            description="Whether the person is a direct member, or a member of a group in the group",
            mutability=Mutability.READ_ONLY,
            canonical_values=("direct", "indirect"),
        ),
    ),
)

RIGHTS = (
    plural("entitlements", "Entitlements of the person", Attribute("value", description="Entitlement")),
    plural("roles", "Roles of the person", Attribute("value", description="Role")),
    plural(
        "x509Certificates",
        "Certificates issued to the person",
        # Case exact by section 2.3.6. The value false in section 8.7.1 would make different certificates
        # equal.
        Attribute("value", Type.BINARY, description="DER certificate in base64", case_exact=True),
    ),
)

USER_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:User",
    name="User",
    description="User Account",
    attributes=(
        Attribute(
            "userName",
            description="Name with which the person signs in, unique in the organization",
            required=True,
            uniqueness=Uniqueness.SERVER,
        ),
        NAME,
        Attribute("displayName", description="Name of the person for display"),
        Attribute("nickName", description="Casual name, such as Bob for Robert"),
        PROFILE_URL,
        Attribute("title", description="Job title"),
        Attribute(
            "userType",
            description="Relation of the person to the organization, such as Employee or Contractor",
        ),
        Attribute("preferredLanguage", description="Language the person prefers, such as en-US"),
        Attribute("locale", description="Locale for dates, numbers and currency"),
        Attribute("timezone", description="Time zone, such as America/Los_Angeles"),
        Attribute("active", Type.BOOLEAN, description="Whether the person may use the application"),
        PASSWORD,
        *PLURALS,
        ADDRESSES,
        GROUPS,
        *RIGHTS,
    ),
)
