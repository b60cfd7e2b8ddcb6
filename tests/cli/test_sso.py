"""The operator sets, tests and removes the company sign-in of an organization."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import oidc
from tests.support.servers.oidc import CLIENT, SECRET, Provider
from tests.support.servers.running import Server


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc.provider(lambda: 0) as running:
        yield running


@pytest.fixture
def host(server: Server, provider: Provider) -> Server:
    """The server, whose operator permits the provider on this machine."""
    environment = {**server.environment, "SCIM_SEATS_INTERNAL_HOSTS": f"other.internal, {provider.host}"}
    return Server(server.url, server.process, environment, server.folder)


def test_the_provider_is_set_shown_tested_and_removed(
    host: Server, provider: Provider, tmp_path: Path
) -> None:
    slug, file = host.organization().slug, tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    given = ("--issuer", provider.url, "--client-id", CLIENT)

    before = host.json("sso", "show", slug)
    done = host.json("sso", "set", slug, *given, "--client-secret-file", str(file))
    shown = host.command("sso", "show", slug).stdout
    tested = host.json("sso", "test", slug)
    removed = host.json("sso", "remove", slug)
    gone = host.command("sso", "test", slug, check=False)

    assert before["provider"] is None
    assert done == {
        "organization": slug,
        "provider": {
            "issuer": provider.url,
            "client_id": CLIENT,
            "has_secret": True,
            "configured": done["provider"]["configured"],
            "last_sign_in": None,
            "last_failure": None,
            "failure": None,
        },
        "redirect_uri": f"{host.url}/console/{slug}/sso/callback",
        "sign_in_url": f"{host.url}/console/{slug}/sso",
    }
    assert "Client secret       stored" in shown
    assert SECRET not in shown
    assert tested == {"organization": slug, "usable": True, "keys": 1, "problems": []}
    assert removed == {"organization": slug, "removed": provider.url, "ended_sessions": 0}
    assert (gone.returncode, "set one with 'scim-seats sso set'" in gone.stderr) == (1, True)


def test_a_test_names_everything_that_is_wrong_and_fails(host: Server, provider: Provider) -> None:
    slug = host.organization().slug
    host.command("sso", "set", slug, "--issuer", provider.url, "--client-id", CLIENT)
    provider.description = {"issuer": "https://other.example", "code_challenge_methods_supported": None}
    provider.keys = []

    done = host.command("sso", "test", slug, "--json", check=False)

    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(one["check"], one["prevents"]) for one in found["problems"]] == [
        ("other_issuer", True),
        ("no_pkce", False),
        ("no_key", True),
    ]
    assert json.loads(done.stderr)["error"]["code"] == "provider_unusable"


def test_an_issuer_inside_the_network_is_refused_unless_the_operator_permits_it(
    host: Server, server: Server, provider: Provider
) -> None:
    slug = host.organization().slug

    refused = server.command("sso", "set", slug, "--issuer", provider.url, "--client-id", CLIENT, check=False)

    assert (refused.returncode, "must begin with https://" in refused.stderr) == (1, True)
    assert host.json("sso", "show", slug)["provider"] is None


def test_a_setting_that_is_not_a_list_of_hosts_is_explained(server: Server) -> None:
    environment = {**server.environment, "SCIM_SEATS_INTERNAL_HOSTS": "https://login.internal"}
    broken = Server(server.url, server.process, environment, server.folder)

    done = broken.command("sso", "show", "acme", check=False)

    assert (done.returncode, "SCIM_SEATS_INTERNAL_HOSTS must be hosts such as" in done.stderr) == (1, True)
