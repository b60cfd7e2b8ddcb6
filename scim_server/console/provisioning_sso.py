"""The company sign-in: the provider of the organization is set, tested and removed."""

from http import HTTPStatus
from typing import Final

from flask import Response, request

from scim_server.console import pages
from scim_server.console.doorkeeper import sentence
from scim_server.console.routes import Pages, Permission
from scim_server.console.visit import config, context, gettext, visit
from scim_server.documents import sso as documents
from scim_server.oidc import checks
from scim_server.oidc.checks import Findings
from scim_server.services.errors import InvalidProvider
from scim_server.services.sso import commands, queries
from scim_server.services.sso.commands import Given

provisioning_sso = Pages("provisioning_sso")

_PAGE: Final = "/provisioning/sso"


@provisioning_sso.show(_PAGE, Permission.BILLING)
def show() -> Response:
    """The present provider, and the form that changes it."""
    return _page()


@provisioning_sso.do(_PAGE, Permission.SPENDING)
def save() -> Response:
    """Save the provider. It decides who signs in, so the sign-in of the Owner must be recent."""
    given = request.form
    secret = given.get("secret", "").strip()
    public = "public" in given
    if public and secret:
        return _page(gettext("Enter a client secret, or choose a client without one, but not both."))
    before = queries.overview(context()).provider
    keeps = not public and not secret and before is not None and before.client_secret is not None
    if not (public or secret or keeps):
        return _page(gettext("Enter the client secret, or choose a client without one."))
    entered = Given(given.get("issuer", ""), given.get("client", ""), secret or None, keeps_secret=keeps)
    try:
        commands.configure(context(), entered, config().internal_hosts)
    except InvalidProvider as error:
        return _page(sentence(error.detail))
    return pages.done(gettext("The company sign-in was saved. Test it now."), _PAGE)


@provisioning_sso.do(f"{_PAGE}/test", Permission.BILLING)
def test() -> Response:
    """Read what the provider says about itself, and show everything that is wrong."""
    provider = queries.find(context())
    has_secret = provider.client_secret is not None
    return _page(findings=checks.examine(provider.issuer, config().internal_hosts, has_secret=has_secret))


@provisioning_sso.show(f"{_PAGE}/remove", Permission.BILLING)
def ask_remove() -> Response:
    """What the removal does."""
    return pages.page("sso_remove.html", removed=commands.remove(context(), preview=True))


@provisioning_sso.do(f"{_PAGE}/remove", Permission.SPENDING)
def remove() -> Response:
    """Remove the provider, and end the sessions that began with it."""
    commands.remove(context())
    return pages.done(gettext("The company sign-in was removed."), _PAGE)


def _page(error: str = "", findings: Findings | None = None) -> Response:
    found, given = queries.overview(context()), request.form
    provider = found.provider
    fields = {"issuer": "", "client": "", "public": ""}
    if error:
        fields = {name: given.get(name, "") for name in fields}
    elif provider is not None:
        public = "" if provider.client_secret is not None else "on"
        fields = {"issuer": provider.issuer, "client": provider.client_id, "public": public}
    return pages.page(
        "sso.html",
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        found=found,
        provider=provider,
        fields=fields,
        error=error,
        findings=findings,
        problems=[]
        if findings is None
        else [(one.check.prevents, documents.problem(one, visit().language)) for one in findings.problems],
        failure=None
        if provider is None or provider.failure is None
        else documents.failure(provider.failure, visit().language),
        redirect_uri=documents.redirect_uri(config().public_url, visit().slug),
        sign_in=documents.sign_in_url(config().public_url, visit().slug),
    )
