"""The server's description of itself (RFC 7643 section 5, RFC 7644 section 4)."""

from collections.abc import Mapping, Sequence
from typing import Final

from scim_server.protocol.attributes import JSON
from scim_server.protocol.bulk import MAX_OPERATIONS, MAX_PAYLOAD
from scim_server.protocol.cursors import LIFETIME_SECONDS
from scim_server.protocol.messages import LIST_URN

CONFIG_URN: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

DEFAULT_PAGE: Final = 100
MAX_PAGE: Final = 1_000
MAX_BODY: Final = 10 * 1024 * 1024
"""Largest body of a request, in bytes. This is enough for 100,000 members."""


def service_provider_config(base_url: str) -> dict[str, JSON]:
    """The features that the server supports, and the limits that it enforces."""
    return {
        "schemas": [CONFIG_URN],
        "patch": {"supported": True},
        "bulk": {"supported": True, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_PAYLOAD},
        "filter": {"supported": True, "maxResults": MAX_PAGE},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_PAGE,
            "maxPageSize": MAX_PAGE,
            "cursorTimeout": LIFETIME_SECONDS,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token of this organization in the Authorization header",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base_url}/ServiceProviderConfig"},
    }


def list_response(
    resources: Sequence[Mapping[str, object]], *, total: int, start_index: int | None = 1
) -> dict[str, object]:
    """A page of a list (RFC 7644 section 3.4.2); `Resources` is present even if it is empty.

    Args:
        start_index: None for a page by cursor.
    """
    message: dict[str, object] = {"schemas": [LIST_URN], "totalResults": total}
    if start_index is not None:
        message["startIndex"] = start_index
    return message | {"itemsPerPage": len(resources), "Resources": resources}
