"""API keys of the vendor's app: their scopes, and the forms in which they are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scim_server.services.errors import UnknownApiKey
from scim_server.store.rows.api_keys import ApiKey

PREFIX: Final = "scs_live_"


class Scope(StrEnum):
    """A permission of a key."""

    ORGANIZATIONS_READ = "organizations:read"
    ORGANIZATIONS_WRITE = "organizations:write"
    TOKENS_READ = "tokens:read"
    TOKENS_WRITE = "tokens:write"
    SEATS_READ = "seats:read"
    SEATS_WRITE = "seats:write"
    SEATS_BUY = "seats:buy"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    SIGN_INS = "sign-ins"
    LEFT_OUT_READ = "left-out:read"
    LEFT_OUT_WRITE = "left-out:write"
    INVITATIONS_READ = "invitations:read"
    INVITATIONS_WRITE = "invitations:write"
    PROVISIONING_READ = "provisioning:read"
    PROVISIONING_WRITE = "provisioning:write"
    EVENTS_READ = "events:read"
    WEBHOOKS_WRITE = "webhooks:write"
    PORTAL = "portal"


PERMITS: Final[Mapping[Scope, str]] = {
    Scope.ORGANIZATIONS_READ: "List organizations and read their settings.",
    Scope.ORGANIZATIONS_WRITE: "Create, configure, suspend, resume and delete organizations.",
    Scope.TOKENS_READ: "List SCIM tokens, and what the directory behind each of them does.",
    Scope.TOKENS_WRITE: "Create, rotate and revoke SCIM tokens.",
    Scope.SEATS_READ: "Read the seats of every tier, and their forecast.",
    Scope.SEATS_WRITE: "Assign, unassign, reassign and swap seats, and schedule those of the next term.",
    Scope.SEATS_BUY: "Add and upgrade seats, which costs money.",
    Scope.BILLING_READ: "Read contracts, quotes, invoices and credit notes.",
    Scope.BILLING_WRITE: "Sign and change contracts, renew them, and issue invoices and credit notes.",
    Scope.PEOPLE_READ: "List people, and read their history and their entitlements.",
    Scope.PEOPLE_WRITE: "Activate and deactivate people, and change their roles.",
    Scope.SIGN_INS: "Ask whether a person who signs in may enter. In the mode `jit`, this creates people.",
    Scope.LEFT_OUT_READ: "List people who wait or were refused, with the price of letting them in.",
    Scope.LEFT_OUT_WRITE: (
        "Retry and dismiss people who wait or were refused, change priorities, and open and decide requests "
        "for seats, except by a purchase."
    ),
    Scope.INVITATIONS_READ: "List invitations.",
    Scope.INVITATIONS_WRITE: "Invite people, and resend and revoke invitations.",
    Scope.PROVISIONING_READ: (
        "Read mappings, domains, schemas, imports and mass removals, and simulate provisioning."
    ),
    Scope.PROVISIONING_WRITE: (
        "Change mappings, domains and schemas, import people and groups, and confirm or restore mass "
        "removals."
    ),
    Scope.EVENTS_READ: "Read events and snapshots.",
    Scope.WEBHOOKS_WRITE: "Read and change webhook endpoints, and read and replay their deliveries.",
    Scope.PORTAL: "Create links with which a person opens the console.",
}
"""What a key may do with each scope."""

SIGN_INS: Final = Scope.SIGN_INS
PEOPLE_READ: Final = Scope.PEOPLE_READ
SCOPES: Final = tuple(Scope)
USUAL_SCOPES: Final = (Scope.SIGN_INS, Scope.PEOPLE_READ, Scope.SEATS_READ)
"""The default scopes of a key, which can neither cost money nor end the access of people."""


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key with a new secret, which is shown only once."""

    key: ApiKey
    secret: str


def named(keys: list[ApiKey], name: str) -> ApiKey:
    """The key with the given id or name that is not revoked. An id is preferred, as a name may look like one.

    Raises:
        UnknownApiKey: no active key has this id or name.
    """
    live = [key for key in keys if key.revoked is None]
    found = [key for key in live if key.id == name] or [key for key in live if key.name == name]
    if not found:
        known = ", ".join(f"{key.name} ({key.id})" for key in live) or "none"
        raise UnknownApiKey(f"an active key '{name}' does not exist. Active keys: {known}")
    return found[0]
