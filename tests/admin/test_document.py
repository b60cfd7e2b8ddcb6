"""The OpenAPI document: it describes every call, and every answer has the form that it promises."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

from scim_server.admin.areas import NOUNS
from scim_server.admin.document import codes_of, document, path_of
from scim_server.admin.errors import every_code, status_of
from scim_server.admin.problems import PREFIX
from scim_server.admin.routes import PUBLIC, Call, UndeclaredRoute, calls, require_declared
from scim_server.representations.public_events import types
from scim_server.services import errors
from scim_server.services.access.commands import PERMITS, SCOPES
from scim_server.services.errors import ServiceError
from tests.admin.calling import Place, Vendor, client_of, problem
from tests.admin.prepared import PREPARED, prepare
from tests.admin.write_tables import API_PAGE, codes, scopes

CALLS = calls(NOUNS)
OPERATIONS = ("get", "post", "patch", "put", "delete")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document()["paths"].items():
        yield from ((method, path, item[method]) for method in OPERATIONS if method in item)


def test_the_document_is_valid_openapi() -> None:
    found = document()

    validate(found)

    assert found["openapi"] == "3.1.0"


def test_the_document_has_the_schema_and_an_example_of_every_type_of_event() -> None:
    schemas = document()["components"]["schemas"]

    for one in types():
        kept = schemas[f"event.{one['type']}"]
        jsonschema.validate(
            kept["example"], {name: value for name, value in kept.items() if name != "example"}
        )


def test_the_map_of_routes_and_the_document_are_the_same(vendor: Vendor) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in vendor.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX) and rule.rule not in PUBLIC
    }

    documented = {(method, path) for method, path, _ in operations()}

    assert routes == documented


def test_a_route_without_a_scope_does_not_start(vendor: Vendor) -> None:
    require_declared(vendor.app, CALLS)

    with pytest.raises(UndeclaredRoute, match="does not declare its scope"):
        require_declared(vendor.app, {name: call for name, call in CALLS.items() if "sign_in" not in name})


def test_every_operation_is_described_with_its_scope_its_answers_and_examples() -> None:
    for method, path, operation in operations():
        at = f"{method} {path}"
        assert operation["summary"], at
        (scope,) = operation["security"][0]["key"]
        assert f"`{scope}`" in operation["description"], at
        assert {"401", "403", "500", "503"} <= operation["responses"].keys(), at
        assert "422" not in operation["responses"], at
        assert all(one.get("description") for one in operation["parameters"]), at
        for status, answer in operation["responses"].items():
            (content,) = answer["content"].values()
            assert content["example"] is not None, (at, status)
        body = operation.get("requestBody")
        assert body is None or "example" in body["content"]["application/json"], at


def test_no_two_operations_have_one_name() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len(names) == len(set(names))


def test_every_class_of_failures_has_one_code_with_a_status_and_a_meaning() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, ServiceError)]
    kinds.remove(ServiceError)

    table = every_code()

    assert {kind.code for kind in kinds} <= table.keys()
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert {status_of(kind) for kind in kinds} == {400, 403, 404, 409}
    assert all(one.meaning.endswith(".") for one in table.values())
    assert all(code.code in table for call in CALLS.values() for code in codes_of(call))


def test_every_scope_says_what_it_permits() -> None:
    assert PERMITS.keys() == set(SCOPES)
    assert {call.scope for call in CALLS.values()} <= PERMITS.keys()


def test_the_page_of_the_api_lists_every_code_and_every_scope() -> None:
    page = API_PAGE.read_text()

    assert scopes() in page
    assert codes() in page


def test_the_document_and_its_page_need_no_key_and_load_nothing_from_elsewhere(vendor: Vendor) -> None:
    with client_of(vendor.app, None) as stranger:
        answers = {path: stranger.get(path) for path in ("/openapi.json", "/docs", "/docs.css")}

    assert {one.status_code for one in answers.values()} == {200}
    assert answers["/openapi.json"].json() == document()
    page = html.unescape(answers["/docs"].text)
    assert "<script" not in page
    assert "style=" not in page
    assert re.findall(r'(?:src|href)="(?!#)([^"]+)"', page) == ["docs.css", "openapi.json"]
    assert "unsafe" not in answers["/docs"].headers["Content-Security-Policy"]
    missing = [one for _, path, one in operations() if path not in page or one["summary"] not in page]
    assert missing == []
    assert [code for code in every_code() if f'id="{code}"' not in page] == []


def strict(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """A schema that refuses fields that it does not name."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(value) for name, value in schema.items() if name != "example"}
    if isinstance(schema.get("properties"), dict):
        found["properties"] = {name: strict(value) for name, value in schema["properties"].items()}
    if "properties" in found and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found


SCHEMAS = strict(document()["components"]["schemas"])


def require_documented(call: Call, answer: httpx.Response) -> None:
    """Assert that an answer has the form that the document promises for its status."""
    operation = document()["paths"][path_of(call)][call.method.lower()]
    documented = operation["responses"][str(answer.status_code)]["content"]
    schema = documented[answer.headers["Content-Type"].partition(";")[0]]["schema"]
    if call.media is not None and answer.is_success:
        assert answer.content
        return
    for text in answer.text.splitlines() if call.lines else [answer.text]:
        jsonschema.validate(
            json.loads(text), {**strict(schema), "components": {"schemas": SCHEMAS}},
            format_checker=jsonschema.FormatChecker(),
        )  # fmt: skip


def sent(
    client: httpx.Client, slug: str, call: Call, values: Mapping[str, str], query: str = ""
) -> httpx.Response:
    """The answer to the example of a call."""
    path = re.sub(r"<(\w+)>", lambda found: {"slug": slug, **values}.get(found[1], "x"), call.rule)
    body = None if call.example is None else {**call.example}
    if body is not None and "slug" in body:
        body["slug"] = slug if call.names_organization else f"o{uuid4().hex}"
    return client.request(call.method, f"{path}{query}", json=body)


@pytest.mark.parametrize("endpoint", [name for name, call in CALLS.items() if call.untried is None])
def test_the_example_of_every_call_succeeds_with_its_scope_alone_and_answers_as_documented(
    acme: Place, endpoint: str
) -> None:
    call, values = CALLS[endpoint], prepare(endpoint, acme)

    with acme.vendor.with_key([call.scope]) as client:
        answer = sent(client, acme.slug, call, values)

    assert answer.status_code == call.status, answer.text
    require_documented(call, answer)


def test_an_unknown_parameter_is_refused_by_every_call_with_the_known_ones(acme: Place) -> None:
    for endpoint, call in CALLS.items():
        answer = sent(acme.vendor.client, acme.slug, call, {}, "?colour=red&colour=blue")

        assert problem(answer) == (400, "invalid_query"), endpoint
        assert "Known parameters: " in answer.json()["errors"]["colour"][0], endpoint
        require_documented(call, answer)


def test_only_calls_that_exist_are_prepared() -> None:
    assert PREPARED.keys() <= CALLS.keys()
