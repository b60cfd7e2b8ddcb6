"""The people of every directory. They are the same for every server and differ only by a number."""

import hashlib
import json
from typing import Any, Final
from uuid import UUID

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK: Final = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
DIGITS: Final = 8


def mark(series: str, number: int) -> str:
    """The text that makes a person unique: one or two lower-case letters, then digits."""
    return f"{series}{number:0{DIGITS}d}"


def user_name(series: str, number: int) -> str:
    return f"person.{mark(series, number)}@example.com"


def person(series: str, number: int, *, title: str = "Engineer") -> dict[str, Any]:
    """A person in the form in which a provider sends it."""
    own = mark(series, number)
    address = user_name(series, number)
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": address,
        "externalId": f"ext-{own}",
        "name": {"givenName": f"Given-{own}", "familyName": f"Family-{own}"},
        "displayName": f"Given-{own} Family-{own}",
        "title": title,
        "emails": [{"value": address, "type": "work", "primary": True}],
        "active": True,
        ENTERPRISE: {"employeeNumber": own, "department": "Development"},
    }


def person_id(organization: str, number: int) -> str:
    """The id of a person created by the filling; the ids are spread like random UUIDs."""
    digest = hashlib.md5(f"{organization}/{number}".encode(), usedforsecurity=False).digest()
    return str(UUID(bytes=digest, version=4))


def encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
