"""Authentication: every SCIM address needs an active token of its organization.

Authentication is part of the dispatcher and denies by default (SECURITY 3). It happens before the route is
known, with the same path that the dispatcher matches.
"""

import re
from dataclasses import dataclass
from typing import Final

from flask import request

from scim_server import bearer
from scim_server.protocol.errors import Unauthenticated
from scim_server.services.access import commands, queries
from scim_server.services.organizations import queries as organizations
from scim_server.store.database.session import Database
from scim_server.store.rows.organizations import Organization

_PATH: Final = re.compile(r"/orgs/([a-z0-9-]{1,63})/scim/v2(?:/|$)")


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated provider.

    Attributes:
        organization: the organization of the token, with its settings.
        token_name: the name of the token.
    """

    organization: Organization
    token_name: str


class Gatekeeper:
    """Finds the caller of a request to the SCIM API."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._callers = bearer.Remembered(self._look_up)

    def caller(self, path: str, authorizations: list[str]) -> Caller:
        """The caller of a request to a path below an organization's SCIM base URL.

        Args:
            path: the decoded path that the dispatcher uses.
            authorizations: every Authorization header of the request.

        Raises:
            Unauthenticated: the token is missing, malformed or not active.
        """
        place, secret = _PATH.match(path), bearer.secret_of(authorizations)
        caller = None if place is None or secret is None else self._callers.owner(place[1], secret)
        if caller is None:
            raise Unauthenticated
        return caller

    def _look_up(self, slug: str, secret: str) -> Caller | None:
        organization = organizations.look_up(self._database, slug)
        if organization is None:
            return None
        token = queries.live_token(self._database, organization.id, secret)
        if token is None:
            return None
        commands.stamp_token(self._database, organization.id, token, request.headers.get("User-Agent"))
        return Caller(organization, token.name)
