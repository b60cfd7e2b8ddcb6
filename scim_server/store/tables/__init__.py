"""All tables. Each key begins with the organization, so that each organization can be one shard.

Timestamps are text: RFC 3339 in UTC with microseconds and fixed width. Their order as text is the order in
time, and both databases return the same bytes that SCIM shows. Text is compared by bytes (SQLite BINARY,
PostgreSQL collation "C"), so that both databases give the same answer.
"""

from scim_server.store.tables.access import ACTIVE, api_keys, idempotency_keys, tokens
from scim_server.store.tables.base import Document, Key, metadata
from scim_server.store.tables.billing import contract_tiers, contracts, invoice_lines, invoices, purchases
from scim_server.store.tables.feed import feed, feed_head, unfed
from scim_server.store.tables.groups import (
    group_closure,
    group_mappings,
    group_members,
    group_subgroups,
    groups,
)
from scim_server.store.tables.history import (
    access_ended,
    events,
    idle_counts,
    refusals,
    usage_days,
    usage_marks,
)
from scim_server.store.tables.imports import import_entries, import_members, imports
from scim_server.store.tables.invitations import FIRST_OWNER, PENDING, domains, invitations, mails
from scim_server.store.tables.organizations import organization_clock, organizations, seat_pool
from scim_server.store.tables.people import (
    OWNS,
    SEARCHED,
    departures,
    former_people,
    people,
    person_values,
    removals,
)
from scim_server.store.tables.rates import rate_windows
from scim_server.store.tables.resources import resource_types, resources, schemas
from scim_server.store.tables.seat_requests import OPEN, seat_requests
from scim_server.store.tables.sessions import sessions, sign_in_links
from scim_server.store.tables.sso import sso_answered, sso_providers
from scim_server.store.tables.webhooks import (
    webhook_attempts,
    webhook_backlogs,
    webhook_deliveries,
    webhook_endpoints,
)

__all__ = [
    "ACTIVE",
    "FIRST_OWNER",
    "OPEN",
    "OWNS",
    "PENDING",
    "SEARCHED",
    "Document",
    "Key",
    "access_ended",
    "api_keys",
    "contract_tiers",
    "contracts",
    "departures",
    "domains",
    "events",
    "feed",
    "feed_head",
    "former_people",
    "group_closure",
    "group_mappings",
    "group_members",
    "group_subgroups",
    "groups",
    "idempotency_keys",
    "idle_counts",
    "import_entries",
    "import_members",
    "imports",
    "invitations",
    "invoice_lines",
    "invoices",
    "mails",
    "metadata",
    "organization_clock",
    "organizations",
    "people",
    "person_values",
    "purchases",
    "rate_windows",
    "refusals",
    "removals",
    "resource_types",
    "resources",
    "schemas",
    "seat_pool",
    "seat_requests",
    "sessions",
    "sign_in_links",
    "sso_answered",
    "sso_providers",
    "tokens",
    "unfed",
    "usage_days",
    "usage_marks",
    "webhook_attempts",
    "webhook_backlogs",
    "webhook_deliveries",
    "webhook_endpoints",
]
