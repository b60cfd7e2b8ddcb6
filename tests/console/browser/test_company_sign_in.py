"""An Owner signs in with a provider of another project, in a browser."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from tests.console.browser import company
from tests.console.browser.browsing import NARROW, WIDE, Window, window
from tests.console.browser.company import OWNER, Company
from tests.support.servers.running import Server, free_port, start

MOCK = str(Path(sys.executable).with_name("oidc-provider-mock"))
START_SECONDS = 30


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider that knows the Owner; its address."""
    port = free_port()
    process = subprocess.Popen(
        [MOCK, "--port", str(port), "--require-nonce"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(url):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        for name, verified in ((OWNER, True), ("unverified", False)):
            claims = {"email": OWNER, "email_verified": verified}
            httpx.put(f"{url}/users/{name}", json=claims, trust_env=False).raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/.well-known/openid-configuration", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def server(
    provider: str, new_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that may call this provider."""
    settings = {"SCIM_SEATS_INTERNAL_HOSTS": provider.removeprefix("http://")}
    folder = tmp_path_factory.mktemp("server")
    with start(new_url("sqlite"), folder, options=("--no-worker",), settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def place(server: Server, provider: str) -> Company:
    """An organization that signs in with the provider."""
    made, secret = company.founded(server, "--seats", "standard=3"), server.folder / "secret"
    secret.write_text("any")
    given = ("--issuer", provider, "--client-id", "seats", "--client-secret-file", str(secret))
    server.command("sso", "set", made.slug, *given)
    assert server.json("sso", "test", made.slug)["usable"]
    return made


def at_provider(owner: Window, name: str) -> None:
    """Sign in on the page of the provider, and return."""
    owner.page.wait_for_selector("input[name=sub]")
    owner.page.fill("input[name=sub]", name)
    owner.page.click("text=Authorize >> nth=-1")
    owner.page.wait_for_selector("main#main")


@pytest.mark.parametrize(
    ("width", "scripts", "language"),
    [(WIDE, True, "en"), (NARROW, False, "es")],
    ids=["wide-scripts-en", "narrow-plain-es"],
)
def test_an_owner_signs_in_with_a_real_provider_and_saves_its_settings(
    place: Company, browser: Browser, width: int, *, scripts: bool, language: str
) -> None:
    with window(browser, place.server.url, width=width, scripts=scripts, language=language) as owner:
        # The page of the provider wants a style sheet from elsewhere, and would wait for it.
        owner.page.route(lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort())
        company_sign_in = owner.page.get_by_role("link", name=owner.say("Continue with your company sign-in"))

        owner.go(f"{place.root}/people?state=seated")
        company_sign_in.click()
        at_provider(owner, "unverified")
        assert owner.title == owner.say("You are not signed in")
        owner.page.get_by_role("link", name=owner.say("Try again")).click()
        at_provider(owner, OWNER)
        assert owner.page.url == f"{place.server.url}{place.root}"

        owner.go(f"{place.root}/provisioning/sso")
        owner.press("Test")
        assert owner.say("The test found nothing that prevents a sign-in") in owner.words
        owner.go(f"{place.root}/sso?again=1&next=/provisioning/sso")
        at_provider(owner, OWNER)
        # The page of the provider has requests to other servers.
        owner.elsewhere.clear()
        owner.errors.clear()
        owner.press("Save")

        assert owner.say("The company sign-in was saved. Test it now.") in owner.words
        assert not owner.overflows
        assert owner.serious() == [] if scripts else True
        assert not owner.faults()
