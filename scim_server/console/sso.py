"""Sign-in with the organization's own provider: the way there, and the way back.

Both are links, so they work without JavaScript. The answer to every failure is the same page. The reason is
in the log, and on the page of the Owners.
"""

from datetime import datetime
from http import HTTPStatus

from flask import Response, g, request

from scim_server.console import pages
from scim_server.console.routes import Pages, Permission
from scim_server.console.sign_in import entered
from scim_server.console.visit import (
    behind_tls,
    config,
    database,
    language_of_request,
    providers,
    sso_cookie_name,
    unknown_visitor,
)
from scim_server.documents.sso import redirect_uri
from scim_server.oidc.failures import Failure, SignInFailed
from scim_server.oidc.flow import Client, Identity, Returned, Ticket, authorization_url, identify
from scim_server.services.sso import commands, queries
from scim_server.services.sso.commands import Provider, Refused
from scim_server.telemetry import log

sso = Pages("sso")


@sso.show("/sso", Permission.PUBLIC)
def start() -> Response:
    """Send the browser to the provider. Owners can bookmark this address."""
    target, again = pages.local(request.args.get("next", "")), "again" in request.args
    here = unknown_visitor()
    begun = None if here is None else queries.start(here, target, again=again)
    if begun is None:
        return pages.go(g.slug, "/sign-in", **({"next": target} if target else {}))
    try:
        provider = providers().metadata(begun.provider.issuer)
    except SignInFailed as error:
        return _failed(Refused(error.failure, error.detail))
    address = authorization_url(provider, _client(begun.provider), begun.ticket)
    answer = Response(status=int(HTTPStatus.SEE_OTHER), headers={"Location": address, **pages.HEADERS})
    answer.set_cookie(
        sso_cookie_name(g.slug),
        begun.cookie,
        max_age=queries.LIFETIME,
        httponly=True,
        secure=behind_tls(),
        # The provider sends the browser back by a link from its own site.
        samesite="Lax",
        path="/",
    )
    return answer


@sso.show("/sso/callback", Permission.PUBLIC)
def finish() -> Response:
    """Begin a session with the answer of the provider."""
    here, found = unknown_visitor(), request.args
    returned = Returned(
        found.get("code", ""), found.get("state", ""), found.get("error", ""), found.get("iss", "")
    )
    cookie = request.cookies.get(sso_cookie_name(g.slug), "")
    if here is None:
        return _failed(Refused(Failure.EXPIRED, "there is no such organization"))
    browser = request.headers.get("User-Agent", "")
    new = commands.sign_in(here, cookie, returned, _identity, browser, language_of_request())
    answer = _failed(new) if isinstance(new, Refused) else entered(new)
    answer.delete_cookie(
        sso_cookie_name(g.slug), path="/", secure=behind_tls(), httponly=True, samesite="Lax"
    )
    return answer


def _client(provider: Provider) -> Client:
    return Client(
        provider.issuer, provider.client_id, provider.client_secret, redirect_uri(config().public_url, g.slug)
    )


def _identity(provider: Provider, ticket: Ticket, returned: Returned) -> Identity:
    """Ask the provider who has signed in."""
    now: datetime = database().now()
    return identify(providers(), _client(provider), ticket, returned, now)


def _failed(refused: Refused) -> Response:
    """The page of a sign-in that failed; it is the same for every reason."""
    log.warning(
        "sign-in with the provider failed",
        organization=g.slug,
        failure=refused.failure.value,
        detail=refused.detail,
        request_id=g.request_id,
    )
    return pages.page("sso_failed.html", status=HTTPStatus.FORBIDDEN)
