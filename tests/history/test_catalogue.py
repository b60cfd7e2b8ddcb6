"""Every type of event is one class that documents when it is appended, and is read as it was stored."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import orjson
import pytest

from scim_server.history import (
    CATALOGUE,
    Event,
    OrganizationUpdated,
    PersonProvisioned,
    PersonQueued,
    PersonRejected,
    PersonWaitEnded,
    SeatsAdded,
    UnknownEvent,
    parse,
)
from scim_server.history.event import payload_fields

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "scim_server"
EVERY = pytest.mark.parametrize("event", CATALOGUE.values(), ids=lambda one: one.type)
PUBLIC_FAMILIES = {
    "person",
    "seats",
    "seat_request",
    "contract",
    "invoice",
    "invitation",
    "group",
    "mapping",
    "removal",
    "organization",
    "token",
    "webhook",
}
FAMILIES = {f"{type_.partition('.')[0]}." for type_ in CATALOGUE}
VALUES: Mapping[object, Any] = {str: "some", int: 7, float: 0.5, bool: True, object: "some"}


def some(hint: Any) -> Any:  # noqa: ANN401 - any declared type
    """A value of a declared type that is not a default."""
    chosen = next((one for one in get_args(hint) if one is not type(None)), None)
    if type(None) in get_args(hint):
        return some(chosen)
    if get_origin(hint) is Mapping:
        return {"standard": some(get_args(hint)[1])}
    if get_origin(hint) is Sequence:
        return [some(chosen)]
    return VALUES[hint]


def example(event: type[Event]) -> Event:
    hints = get_type_hints(event)
    return event(**{one.name: some(hints[one.name]) for one in payload_fields(event)})


@EVERY
def test_the_docstring_of_every_event_states_when_it_is_appended(event: type[Event]) -> None:
    own = event.__dict__["__doc__"]

    assert own.startswith("Appended when ")
    assert event.public is (event.type.partition(".")[0] in PUBLIC_FAMILIES)
    assert event.version >= 1


@EVERY
def test_every_payload_field_is_documented(event: type[Event]) -> None:
    explained = "\n".join(inspect.getdoc(one) or "" for one in event.__mro__ if issubclass(one, Event))

    for one in payload_fields(event):
        assert re.search(rf"^    {one.name}: ", explained, re.MULTILINE), one.name


@EVERY
def test_every_event_is_read_as_it_was_stored(event: type[Event]) -> None:
    said = example(event)

    stored = orjson.loads(orjson.dumps(said.payload))

    assert parse(event.type, stored) == said
    assert len(said.payload) == len(payload_fields(event))


@EVERY
def test_every_event_can_be_read_without_the_keys_of_later_versions(event: type[Event]) -> None:
    read = parse(event.type, {})

    assert type(read) is event


def test_the_envelope_is_not_part_of_the_payload() -> None:
    event = PersonRejected(person="1", reason="no_free_seat", status=403, wants="any")

    assert event.payload == {"wants": "any"}


def test_a_field_at_its_default_is_omitted_and_a_field_without_a_default_is_stored() -> None:
    assert PersonProvisioned().payload == {}
    assert PersonProvisioned(override=True, waited_for="any").payload == {
        "override": True,
        "waited_for": "any",
    }
    assert PersonQueued(wants="any", arrival=3).payload == {"wants": "any", "arrival": 3}


def test_the_event_of_a_bill_of_zero_stores_that_there_is_no_invoice() -> None:
    bought = SeatsAdded(added={"standard": 1}, upgraded=[], total="0.00", currency="USD", since="2026-01-01")

    assert bought.payload["invoice"] is None
    assert "invoice" not in SeatsAdded(added={"standard": 1}, upgraded=[]).payload


def test_a_missing_key_of_a_stored_event_is_read_as_its_default() -> None:
    ended = parse(PersonWaitEnded.type, {"waited_for": "premium"})

    assert ended == PersonWaitEnded(waited_for="premium", arrival=None, since=None)


def test_the_payload_of_a_changed_setting_is_keyed_by_the_setting() -> None:
    changed = OrganizationUpdated(changes={"overflow": {"from": "queue", "to": "reject"}})

    assert changed.payload == {"overflow": {"from": "queue", "to": "reject"}}
    assert parse(OrganizationUpdated.type, changed.payload) == changed


def test_the_error_about_an_unknown_type_names_it() -> None:
    with pytest.raises(UnknownEvent, match=r"person\.flown"):
        parse("person.flown", {})


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """The modules that may not spell a type: all but the catalogue, and the migrations of its past."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in file.parts and file.relative_to(PACKAGE).parts[0] != "history":
            yield file, ast.parse(file.read_text())


def spelt(tree: ast.Module) -> list[int]:
    """The lines that spell a type, alone or in SQL, or the family to which a rest is added."""
    nodes = list(ast.walk(tree))
    formatted = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    return [
        node.lineno
        for node in nodes
        if (isinstance(node, ast.Constant) and names_an_event(node.value, alone=node not in formatted))
        or (isinstance(node, ast.JoinedStr) and builds_an_event(node))
    ]


def names_an_event(value: object, *, alone: bool) -> bool:
    if not isinstance(value, str):
        return False
    quoted = re.findall(r"'([a-z_]+\.[a-z_]+)'", value)
    return value in CATALOGUE or (alone and value in FAMILIES) or any(one in CATALOGUE for one in quoted)


def builds_an_event(node: ast.JoinedStr) -> bool:
    """Whether it is a family and one value after it; the name of a template goes on after that."""
    first, *rest = node.values
    return isinstance(first, ast.Constant) and first.value in FAMILIES and len(rest) == 1


def test_no_module_except_the_catalogue_spells_an_event_type() -> None:
    found = [f"{file.relative_to(ROOT)}:{line}" for file, tree in sources() for line in spelt(tree)]

    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "kind = 'person.queued'",
        "kind = f'person.{outcome}'",
        "kind = 'removal.' + state",
        "kind.removeprefix('person.')",
        """query = "SELECT * FROM events WHERE type = 'seats.added'\"""",
    ],
)
def test_a_spelt_event_type_is_found_in_every_form_of_code(code: str) -> None:
    assert spelt(ast.parse(code)) == [1]


@pytest.mark.parametrize("code", ["kind = PersonQueued.type", "page = f'invitation.{language}.html'"])
def test_text_that_is_not_an_event_type_is_not_reported(code: str) -> None:
    assert spelt(ast.parse(code)) == []
