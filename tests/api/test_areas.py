"""Every address belongs to an area with its own callers; addresses outside every area are denied."""

import httpx
import pytest
from flask import Flask

from scim_server.app import create_app
from scim_server.store.database.session import Database
from tests.api.in_process import PUBLIC_URL, settings

# People sign in at the console; tests/console/test_permissions.py asks for each of its addresses.
PUBLIC = ("/health", "/invitations/", "/assets/", "/console/", "/v1/openapi.json", "/v1/docs")


@pytest.fixture
def app(database: Database) -> Flask:
    return create_app(settings(database.url), database)


def client(app: Flask) -> httpx.Client:
    return httpx.Client(transport=httpx.WSGITransport(app), base_url=PUBLIC_URL, verify=False)


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every supported method and address, with names filled in."""
    filled = []
    for rule in app.url_map.iter_rules():
        values = {name: "acme" if name == "slug" else "x" for name in rule.arguments}
        with app.test_request_context():
            built = rule.build(values, append_unknown=False)
        if built is not None:
            filled += [(method, built[1]) for method in rule.methods or () if method != "OPTIONS"]
    return sorted(filled)


def test_every_address_except_the_public_ones_requires_a_secret(app: Flask) -> None:
    found = addresses(app)
    with client(app) as asking:
        answers = {(method, path): asking.request(method, path).status_code for method, path in found}

    private = {key: status for key, status in answers.items() if not key[1].startswith(PUBLIC)}
    assert len(private) > 20
    assert set(private.values()) == {401}
    assert 401 not in {status for key, status in answers.items() if key not in private}


def test_a_route_outside_every_area_is_404(app: Flask) -> None:
    app.add_url_rule("/secrets", "secrets", lambda: "all of them")

    with client(app) as asking:
        answers = [
            asking.get(path) for path in ("/secrets", "/", "/healthy", "/v2/organizations", "//health")
        ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/scim+json"}


@pytest.mark.parametrize("path", ["/v1/", "/v1/nothing", "/v1/organizations/acme/nothing"])
def test_the_admin_api_answers_errors_as_problem_json(app: Flask, path: str) -> None:
    with client(app) as asking:
        answer = asking.get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
