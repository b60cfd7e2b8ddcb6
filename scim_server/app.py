"""The web application: routes, who may pass, what is logged."""

import ipaddress
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from scim_server import bodies
from scim_server.admin import problems
from scim_server.admin.auth import Keyholder
from scim_server.admin.people import admin
from scim_server.api import errors
from scim_server.api.auth import Gatekeeper
from scim_server.api.bulk import bulk
from scim_server.api.discovery import discovery
from scim_server.api.groups import groups
from scim_server.api.resources import OwnEndpoint, resources
from scim_server.api.respond import answer
from scim_server.api.root import root
from scim_server.api.users import users
from scim_server.config import Config
from scim_server.console.invitations import PATH as INVITATIONS
from scim_server.console.invitations import invitations
from scim_server.protocol.errors import Forbidden, NotFound
from scim_server.store.database.session import Database
from scim_server.telemetry import log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SCIM_PREFIX = "/orgs/<slug>/scim/v2"
PUBLIC = frozenset({"health", "invitations.show", "invitations.accept"})
"""Endpoints that need no token; everything else is denied without one. An invitation's link is its own."""


_BASE_WITH_SLASH: Final = re.compile(r"^(/orgs/[^/]+/scim/v2/)/(?!/)")


class _Application(Flask):
    """The application, which knows a SCIM base URL also by a slash at its end.

    Admins paste the base URL with that slash and providers append `/Users`. The address is mended before
    routing and authentication, so both see the same one; no other `//` is mended (SECURITY 3).
    """

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        environ["PATH_INFO"] = _BASE_WITH_SLASH.sub(r"\1", environ["PATH_INFO"], count=1)
        return super().wsgi_app(environ, start_response)


def create_app(config: Config, database: Database) -> Flask:
    """Build the application over an open database."""
    app = _Application("scim_server", static_folder=None)
    app.extensions |= {"config": config, "database": database}
    # `//` is not `/`, and one trailing slash is the same route without a redirect (DESIGN, wire 1).
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["own"] = OwnEndpoint
    app.register_error_handler(Exception, _failed)
    app.register_error_handler(HTTPException, _failed)
    _guard(app, config, Gatekeeper(database), Keyholder(database))

    @app.get("/health", endpoint="health")
    def health() -> Response:
        with database.snapshot():
            return answer({"status": "ok"})

    app.register_blueprint(admin, url_prefix=problems.PREFIX.rstrip("/"))
    for blueprint in (users, groups, bulk, discovery, root, resources):
        app.register_blueprint(blueprint, url_prefix=SCIM_PREFIX)
    app.register_blueprint(invitations)
    return app


def _failed(error: Exception) -> Response:
    """A failure in the words of the interface that was asked, also where it has no such address."""
    of_admin = request.path.startswith(problems.PREFIX)
    return problems.respond(error) if of_admin else errors.respond(error)


def _guard(app: Flask, config: Config, gatekeeper: Gatekeeper, keyholder: Keyholder) -> None:
    """What happens before and after every request, whether or not there is such an address."""

    @app.before_request
    def admit() -> None:
        g.request_id = uuid4().hex
        g.started = time.perf_counter()
        _require_tls(config)
        if request.endpoint in PUBLIC:
            return
        if request.path.startswith(problems.PREFIX):
            g.holder = keyholder.holder(request.headers.getlist("Authorization"))
            return
        if not request.path.startswith("/orgs/"):
            raise NotFound(f"There is nothing at {request.path[:200]}.")
        g.caller = gatekeeper.caller(request.path, request.headers.getlist("Authorization"))

    @app.url_value_preprocessor
    def forget_slug(_endpoint: str | None, values: dict[str, object] | None) -> None:
        # The gatekeeper has read it; handlers of SCIM know the organization by their caller.
        if values is not None and not request.path.startswith(problems.PREFIX):
            values.pop("slug", None)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        if not bodies.drained():
            response.headers["Connection"] = "close"
        _log(response)
        return response


def _require_tls(config: Config) -> None:
    """Tokens and people's data cross no network in the clear."""
    if config.trusted_proxy:
        safe = request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    else:
        safe = _is_loopback(request.remote_addr)
    if not safe:
        raise Forbidden(
            "This server answers over TLS only. Put a proxy in front that ends TLS and sets "
            "X-Forwarded-Proto, and start the server with SCIM_SEATS_TRUSTED_PROXY=true."
        )


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _log(response: Response) -> None:
    caller, holder = g.get("caller"), g.get("holder")
    log.info(
        "request",
        request_id=g.request_id,
        method=request.method,
        path=_without_secret(request.path),
        status=response.status_code,
        organization=caller.organization.slug if caller else None,
        token=caller.token_name if caller else holder.name if holder else None,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
    )


def _without_secret(path: str) -> str:
    """The path without the link of an invitation, which whoever reads the log could use."""
    own = path.lstrip("/").lower().startswith(INVITATIONS.lstrip("/"))
    return f"{INVITATIONS}..." if own else path
