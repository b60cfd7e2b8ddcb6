"""Every public type has a schema, and an example that really happens."""

import json
from typing import Any

import jsonschema
import pytest

from scim_server.history import PersonQueued
from scim_server.history import schemas as payloads
from scim_server.representations.public_events import example, json_schema, types
from scim_server.services.audit.queries import shown
from scim_server.services.events import queries
from scim_server.store.database.session import Database
from tests.services.events.doing import examples

TYPES = {one["type"]: one for one in types()}


def test_the_examples_are_what_happens(database: Database) -> None:
    found = examples(database)

    assert list(found) == list(queries.PUBLIC)
    kept = {type_: example(type_) for type_ in queries.PUBLIC}
    assert found == kept, "run: python -m tests.services.events.doing"


@pytest.mark.parametrize("type_", queries.PUBLIC)
def test_the_example_of_every_type_has_the_form_of_its_schema(type_: str) -> None:
    schema: Any = TYPES[type_]["schema"]

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(example(type_), schema)
    wrong = {**example(type_), "details": "text"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


@pytest.mark.parametrize("type_", queries.PUBLIC)
def test_no_example_contains_a_secret(type_: str) -> None:
    one = example(type_)

    assert shown(one) == one
    assert "scs_" not in json.dumps(one)


def test_the_schema_of_a_payload_is_made_from_the_class_and_its_docstrings() -> None:
    assert payloads.payload(PersonQueued)["properties"]["wants"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "description": "the tier, or `any`, that the person now waits for; None if the person does not wait.",
    }
    assert json_schema(PersonQueued)["properties"]["type"]["const"] == "person.queued"
