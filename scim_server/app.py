"""The web application. Each area has its routes, its callers and its form of failures; all share the log."""

import ipaddress
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from scim_server import bodies, metrics
from scim_server.admin import areas as admin
from scim_server.admin import problems
from scim_server.admin import routes as admin_routes
from scim_server.admin.auth import Keyholder
from scim_server.admin.docs import docs
from scim_server.api import errors
from scim_server.api.auth import Gatekeeper
from scim_server.api.bulk import bulk
from scim_server.api.discovery import discovery
from scim_server.api.groups import groups
from scim_server.api.resources import OwnEndpoint, resources
from scim_server.api.respond import answer
from scim_server.api.root import root
from scim_server.api.users import users
from scim_server.arrival import BODY, Arrivals, Body
from scim_server.config import Config
from scim_server.console import areas as console
from scim_server.console import doorkeeper
from scim_server.console import routes as console_routes
from scim_server.console.invitations import PATH as INVITATIONS
from scim_server.console.invitations import invitations
from scim_server.console.pages import ASSETS, assets
from scim_server.console.visit import NoCookieSession
from scim_server.oidc.provider import Providers
from scim_server.protocol.errors import Forbidden, NotFound, TooManyRequests
from scim_server.services.access.commands import RateLimit
from scim_server.store.database.session import Database
from scim_server.telemetry import log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SCIM_PREFIX = "/orgs/<slug>/scim/v2"


class Caller(NamedTuple):
    """Values about the caller, for the log."""

    organization: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the URL space, with its authentication and its form of failures.

    Attributes:
        prefix: the start of its paths; if it ends with a slash, all paths below belong to the area.
        authenticate: accepts the request, or raises.
        respond: the answer to a request that failed.
    """

    prefix: str
    authenticate: Callable[[], Caller]
    respond: Callable[[Exception], Response]

    def holds(self, path: str) -> bool:
        """Whether a path belongs to the area."""
        return path.startswith(self.prefix) if self.prefix.endswith("/") else path.rstrip("/") == self.prefix


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SIGN_IN_LINK: Final = re.compile(rf"^(/*{console_routes.PREFIX.strip('/')}/[^/]*/sign-in/).+", re.IGNORECASE)
_BASE_WITH_SLASH: Final = re.compile(r"^(/orgs/[^/]+/scim/v2/)/(?!/)")


class _Application(Flask):
    """The Flask application, which also accepts a SCIM base URL with a slash at its end.

    Admins paste the base URL with that slash, and providers append `/Users`. The address is corrected before
    routing and authentication, so both use the same address. No other `//` is corrected (SECURITY 3).
    """

    arrivals: Arrivals | None = None
    """The requests that wait for their bodies; None without a real server."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself.

        No handler is a coroutine, and checking would cost more than most calls.
        """
        return func

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        environ["PATH_INFO"] = _BASE_WITH_SLASH.sub(r"\1", environ["PATH_INFO"], count=1)
        environ[BODY] = environ["wsgi.input"] = Body(environ, self.arrivals)
        return super().wsgi_app(environ, start_response)


def create_app(config: Config, database: Database, arrivals: Arrivals | None = None) -> Flask:
    """Build the application for an open database."""
    app = _Application("scim_server", static_folder=None)
    app.arrivals = arrivals
    providers = Providers(config.internal_hosts)
    app.extensions |= {"config": config, "database": database, "providers": providers}
    # `//` is different from `/`. One slash at the end gives the same route, without a redirect (DESIGN, wire
    # 1).
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["own"] = OwnEndpoint
    app.session_interface = NoCookieSession()
    _guard(app, config, database, _areas(database, RateLimit(database, config.rate_limit)))

    @app.get("/health", endpoint="health")
    def health() -> Response:
        with database.snapshot():
            return answer({"status": "ok"})

    for noun in admin.NOUNS:
        app.register_blueprint(noun)
    app.register_blueprint(docs)
    admin_routes.require_declared(app, admin_routes.calls(admin.NOUNS))
    app.register_blueprint(_scim(), url_prefix=SCIM_PREFIX)
    app.register_blueprint(invitations)
    app.register_blueprint(assets)
    for part in console.PARTS:
        app.register_blueprint(part)
    console_routes.require_declared(app, console_routes.permissions(console.PARTS))
    return app


def _areas(database: Database, limit: RateLimit) -> tuple[Area, ...]:
    """Every area; paths outside all areas are denied."""
    gatekeeper = Gatekeeper(database)
    keyholder = Keyholder(database, admin_routes.calls(admin.NOUNS))
    door = doorkeeper.Doorkeeper(database, console_routes.permissions(console.PARTS))

    def provider() -> Caller:
        g.caller = gatekeeper.caller(request.path, request.headers.getlist("Authorization"))
        _within(limit, g.caller.organization.id)
        return Caller(g.caller.organization.slug, g.caller.token_name)

    def vendor() -> Caller:
        key = keyholder.holder()
        _within(limit, key.id)
        keyholder.admit(key)
        return Caller(g.get("slug"), key.name)

    def visitor() -> Caller:
        visit = door.admit()
        return Caller(g.slug) if visit is None else Caller(visit.slug, visit.visitor.session.id)

    return (
        Area("/health", Caller, errors.respond),
        # The link of an invitation contains its secret.
        Area(INVITATIONS, Caller, errors.respond),
        Area(ASSETS, Caller, errors.respond),
        Area(console_routes.PREFIX, visitor, doorkeeper.respond),
        *(Area(public, Caller, problems.respond) for public in admin_routes.PUBLIC),
        Area(problems.PREFIX, vendor, problems.respond),
        Area("/orgs/", provider, errors.respond),
        Area("/", _nowhere, errors.respond),
    )


def _within(limit: RateLimit, caller: str) -> None:
    if not limit.admits(caller):
        raise TooManyRequests


def _nowhere() -> Caller:
    raise NotFound(f"The path {request.path[:200]} does not exist.")


def _scim() -> Blueprint:
    """The SCIM API. Its handlers get the organization from the caller, not from the address."""
    scim = Blueprint("scim", __name__)
    for blueprint in (users, groups, bulk, discovery, root, resources):
        scim.register_blueprint(blueprint)

    @scim.url_value_preprocessor
    def forget_slug(_endpoint: str | None, values: dict[str, object] | None) -> None:
        if values is not None:
            values.pop("slug", None)

    return scim


def _guard(app: Flask, config: Config, database: Database, areas: Sequence[Area]) -> None:
    """Register work before and after every request, even if the address is unknown."""

    def area() -> Area:
        return next(one for one in areas if one.holds(request.path))

    def failed(error: Exception) -> Response:
        return area().respond(error)

    app.register_error_handler(Exception, failed)
    app.register_error_handler(HTTPException, failed)

    @app.before_request
    def admit() -> None:
        g.request_id = uuid4().hex
        g.started = time.perf_counter()
        metrics.request_begins()
        _require_tls(config)
        g.logged = area().authenticate()
        if g.logged.token is not None:
            bodies.know_caller()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        if not bodies.is_whole():
            bodies.linger()
            response.headers["Connection"] = "close"
        _count(response, database)
        _log(response)
        return response


def _require_tls(config: Config) -> None:
    """Refuse plain HTTP, because tokens and people's data must be encrypted on every network."""
    if config.trusted_proxy:
        safe = request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    else:
        safe = _is_loopback(request.remote_addr)
    if not safe:
        raise Forbidden(
            "This server answers over TLS only. Put a proxy in front that terminates TLS and sets "
            "X-Forwarded-Proto, and start the server with SCIM_SEATS_TRUSTED_PROXY=true."
        )


@lru_cache(maxsize=1_000)
def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _count(response: Response, database: Database) -> None:
    """Count the request. A route has no names in it, and only known methods are counted by name."""
    rule = request.url_rule
    metrics.request_ends(
        "unknown" if rule is None else rule.rule,
        request.method if request.method in _METHODS else "other",
        response.status_code,
        time.perf_counter() - g.started,
        database.connections_in_use,
    )


def _log(response: Response) -> None:
    if not log.is_enabled_for(logging.INFO):
        return
    caller: Caller = g.get("logged", Caller())
    log.info(
        "request",
        request_id=g.request_id,
        method=request.method,
        path=_without_secret(request.path),
        status=response.status_code,
        organization=caller.organization,
        token=caller.token,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
    )


def _without_secret(path: str) -> str:
    """The path without the secret of a link, because readers of the log could use the link."""
    if path.lstrip("/").lower().startswith(INVITATIONS.lstrip("/")):
        return f"{INVITATIONS}..."
    return _SIGN_IN_LINK.sub(r"\1...", path)
