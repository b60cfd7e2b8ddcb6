"""Who calls: every address of the SCIM API needs a living token of the organization it names.

Authentication belongs to the dispatcher and denies by default (SECURITY 3): it runs before a route is
even known, on the path that the dispatcher matches.
"""

import re
import time
from dataclasses import dataclass
from typing import Final

from scim_server.protocol.errors import Unauthenticated
from scim_server.services.access import tokens
from scim_server.services.organizations import settings as organizations
from scim_server.store.database.session import Database
from scim_server.store.rows.organizations import Organization

CACHE_SECONDS: Final = 0.9
"""A revoked token is dead on every worker within one second (SECURITY 2)."""
_CACHE_SIZE: Final = 10_000
_PATH: Final = re.compile(r"/orgs/([a-z0-9-]{1,63})/scim/v2(?:/|$)")
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9_\-.~+/=]+) *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """A provider that proved itself.

    Attributes:
        organization: whose directory it is, with its settings.
        token_name: by which token.
    """

    organization: Organization
    token_name: str


class Gatekeeper:
    """Finds the caller of a request, remembering for less than a second whom it found."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[tuple[str, str], tuple[float, Caller]] = {}

    def caller(self, path: str, authorizations: list[str]) -> Caller:
        """The caller of a path under an organization's SCIM base.

        Args:
            path: decoded, as the dispatcher sees it.
            authorizations: every Authorization header of the request.

        Raises:
            Unauthenticated: anything is wrong with any of it.
        """
        place = _PATH.match(path)
        bearer = _BEARER.fullmatch(authorizations[0]) if len(authorizations) == 1 else None
        if place is None or bearer is None:
            raise Unauthenticated
        key = (place[1], tokens.digest(bearer[1]))
        known = self._seen.get(key)
        now = time.monotonic()
        if known is not None and now - known[0] < CACHE_SECONDS:
            return known[1]
        caller = self._look_up(place[1], bearer[1])
        if len(self._seen) >= _CACHE_SIZE:
            self._seen.clear()
        self._seen[key] = (now, caller)
        return caller

    def _look_up(self, slug: str, secret: str) -> Caller:
        organization = organizations.look_up(self._database, slug)
        token = tokens.find(self._database, organization.id, secret) if organization is not None else None
        if organization is None or token is None:
            raise Unauthenticated
        tokens.stamp(self._database, organization.id, token)
        return Caller(organization, token.name)
