"""PATCH sequences end like the same edits on a plain dict (RFC 7644 section 3.5.2).

The model below is the RFC's text in the shortest form that can be written down, and what this server
promises besides: a value path without a match creates the described element, a list of values after
`remove` removes those, and a new primary element takes the mark from the old one.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as asked
from hypothesis import strategies as st

from tests.api.wire import ENTERPRISE, Resource, create, founded, own, patch, read
from tests.support.servers.running import Server

Element = dict[str, Any]


@dataclass(frozen=True)
class Edit:
    """An operation, and what it does to a plain dict."""

    operation: Element
    apply: Callable[[Resource], None]

    def __repr__(self) -> str:
        return repr(self.operation)


WORDS = st.sampled_from(["a", "b", "Straße", "ΑΣ", " c ", "'\"\\", "0", "true", "[x]"])
ADDRESSES = st.sampled_from(["a@x", "B@x", "c@x"])
VERBS = st.sampled_from(["add", "replace", "Add", "Replace"])


# One value


def holder(resource: Resource, urn: str | None) -> Resource:
    return resource if urn is None else resource.setdefault(urn, {})


def tidy(resource: Resource) -> None:
    """A value is never unassigned and present at the same time (RFC 7643 section 2.5)."""
    for name in [name for name, value in resource.items() if isinstance(value, dict)]:
        tidy(resource[name])
    for name in [name for name, value in resource.items() if value in ({}, [])]:
        del resource[name]


def set_simple(verb: str, urn: str | None, name: str, value: str) -> Edit:
    path = name if urn is None else f"{urn}:{name}"
    operation = {"op": verb, "path": path, "value": value}
    return Edit(operation, lambda resource: holder(resource, urn).update({name: value}))


def drop(urn: str | None, name: str) -> Edit:
    path = name if urn is None else f"{urn}:{name}"
    return Edit({"op": "remove", "path": path}, lambda resource: holder(resource, urn).pop(name, None))


def set_part(verb: str, name: str, value: str) -> Edit:
    operation = {"op": verb, "path": f"name.{name}", "value": value}
    return Edit(operation, lambda resource: resource.setdefault("name", {}).update({name: value}))


def drop_part(name: str) -> Edit:
    operation = {"op": "remove", "path": f"name.{name}"}
    return Edit(operation, lambda resource: resource.setdefault("name", {}).pop(name, None))


def set_name(verb: str, value: Element) -> Edit:
    """Parts that the value does not name stay (section 3.5.2.3)."""
    operation = {"op": verb, "path": "name", "value": value}
    return Edit(operation, lambda resource: resource.setdefault("name", {}).update(value))


def set_active(*, to: bool, as_text: bool) -> Edit:
    operation = {"op": "replace", "path": "active", "value": str(to) if as_text else to}
    return Edit(operation, lambda resource: resource.update(active=to))


def set_several(verb: str, simple: Element, name: Element, department: str) -> Edit:
    """Without a path, the keys of the value name the attributes."""
    value = {**simple, "name": name, ENTERPRISE: {"department": department}}

    def apply(resource: Resource) -> None:
        resource.update(simple)
        resource.setdefault("name", {}).update(name)
        resource.setdefault(ENTERPRISE, {})["department"] = department

    return Edit({"op": verb, "value": value}, apply)


# Several values


@dataclass(frozen=True)
class Chosen:
    """A filter in a path, the elements that it selects, and the element that it describes."""

    text: str
    matches: Callable[[Element], bool]
    described: Element | None = None


def where(name: str, value: str) -> Chosen:
    return Chosen(
        f'{name} eq "{value}"',
        lambda element: str(element.get(name, "")).casefold() == value.casefold(),
        {name: value},
    )


def both(one: Chosen, other: Chosen) -> Chosen:
    return Chosen(
        f"{one.text} and {other.text}",
        lambda element: one.matches(element) and other.matches(element),
        {**(one.described or {}), **(other.described or {})},
    )


def marked(old: list[Element], new: list[Element]) -> list[Element]:
    fresh = [one for one in new if one.get("primary") and one not in old]
    if len(fresh) != 1:
        return new
    return [one | {"primary": False} if one.get("primary") and one not in fresh else one for one in new]


def on_emails(operation: Element, change: Callable[[list[Element]], list[Element]]) -> Edit:
    def apply(resource: Resource) -> None:
        old = resource.get("emails", [])
        changed = [one for one in change(copy.deepcopy(old)) if one]
        resource["emails"] = marked(old, changed)

    return Edit(operation, apply)


def folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def identity(element: Element) -> list[tuple[str, object]]:
    """Value and type (RFC 7643 section 2.4); without a value, everything but `primary`."""
    names = {"value", "type"} if "value" in element else set(element) - {"primary"}
    return sorted((name, folded(element[name])) for name in names if name in element)


def add_emails(values: list[Element]) -> Edit:
    """An existing element gets only new sub-attributes; `primary: false` adds nothing."""

    def change(elements: list[Element]) -> list[Element]:
        for value in values:
            there = next((one for one in elements if identity(one) == identity(value)), None)
            if there is None:
                elements.append(dict(value))
                continue
            for name, content in value.items():
                if folded(there.get(name)) != folded(content) and not (name == "primary" and not content):
                    there[name] = content
        return elements

    return on_emails({"op": "add", "path": "emails", "value": values}, change)


def replace_emails(values: list[Element]) -> Edit:
    return on_emails({"op": "replace", "path": "emails", "value": values}, lambda _: values)


def remove_values(values: list[str]) -> Edit:
    gone = {value.casefold() for value in values}
    return on_emails(
        {"op": "remove", "path": "emails", "value": [{"value": value} for value in values]},
        lambda elements: [one for one in elements if str(one.get("value", "")).casefold() not in gone],
    )


def remove_chosen(chosen: Chosen) -> Edit:
    return on_emails(
        {"op": "remove", "path": f"emails[{chosen.text}]"},
        lambda elements: [one for one in elements if not chosen.matches(one)],
    )


def remove_part(chosen: Chosen, name: str) -> Edit:
    return on_emails(
        {"op": "remove", "path": f"emails[{chosen.text}].{name}"},
        lambda elements: [
            {key: value for key, value in one.items() if key != name} if chosen.matches(one) else one
            for one in elements
        ],
    )


def merge(chosen: Chosen, values: Element, operation: Element) -> Edit:
    def change(elements: list[Element]) -> list[Element]:
        if not any(chosen.matches(one) for one in elements):
            return [*elements, {**(chosen.described or {}), **values}]
        return [one | values if chosen.matches(one) else one for one in elements]

    return on_emails(operation, change)


def set_email_part(verb: str, chosen: Chosen, name: str, value: str) -> Edit:
    operation = {"op": verb, "path": f"emails[{chosen.text}].{name}", "value": value}
    return merge(chosen, {name: value}, operation)


def set_chosen(verb: str, chosen: Chosen, values: Element) -> Edit:
    return merge(chosen, values, {"op": verb, "path": f"emails[{chosen.text}]", "value": values})


# What is drawn

TYPES = st.sampled_from(["work", "home", "WORK"])
BY_KIND = st.builds(where, st.just("type"), TYPES)
BY_VALUE = st.builds(where, st.just("value"), ADDRESSES)
NAMED = BY_KIND | BY_VALUE | st.builds(both, BY_KIND, BY_VALUE)
OTHERS = st.sampled_from(
    [
        Chosen('value co "@X"', lambda one: "@x" in str(one.get("value", "")).casefold()),
        Chosen("primary eq true", lambda one: one.get("primary") is True),
        Chosen("display pr", lambda one: "display" in one),
        Chosen('not (type eq "work")', lambda one: str(one.get("type", "")).casefold() != "work"),
        Chosen(
            'type eq "home" or value sw "a"',
            lambda one: (
                str(one.get("type", "")).casefold() == "home"
                or str(one.get("value", "")).casefold().startswith("a")
            ),
        ),
    ]
)
EMAIL = st.fixed_dictionaries({"value": ADDRESSES}, optional={"type": TYPES, "display": WORDS})
EMAILS = st.lists(EMAIL, min_size=1, max_size=3).flatmap(
    lambda made: st.sampled_from([made, [made[0] | {"primary": True}, *made[1:]]])
)
NAME = st.dictionaries(st.sampled_from(["givenName", "familyName"]), WORDS, min_size=1)
SIMPLE = st.sampled_from(
    [(None, "title"), (None, "nickName"), (ENTERPRISE, "department"), (ENTERPRISE, "costCenter")]
)
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(lambda verb, place, value: set_simple(verb, place[0], place[1], value), VERBS, SIMPLE, WORDS),
    st.builds(lambda place: drop(place[0], place[1]), SIMPLE),
    st.builds(set_part, VERBS, st.sampled_from(["givenName", "familyName"]), WORDS),
    st.builds(drop_part, st.sampled_from(["givenName", "familyName"])),
    st.builds(set_name, VERBS, NAME),
    st.just(drop(None, "name")),
    st.builds(set_active, to=st.booleans(), as_text=st.booleans()),
    st.builds(set_several, VERBS, st.fixed_dictionaries({"title": WORDS}), NAME, WORDS),
    st.builds(add_emails, EMAILS),
    st.builds(replace_emails, EMAILS),
    st.just(drop(None, "emails")),
    st.builds(remove_values, st.lists(ADDRESSES, min_size=1, max_size=2)),
    st.builds(remove_chosen, NAMED | OTHERS),
    st.builds(remove_part, NAMED | OTHERS, st.sampled_from(["type", "value", "display"])),
    st.builds(set_email_part, VERBS, NAMED, st.sampled_from(["value", "display"]), WORDS),
    st.builds(set_chosen, VERBS, NAMED, EMAIL),
)
BEGINNINGS = st.fixed_dictionaries({}, optional={"emails": EMAILS, "name": NAME, "title": WORDS})


def test_a_sequence_of_patches_has_the_same_result_as_edits_of_a_plain_dict(server: Server) -> None:
    with founded(server, standard=1).client() as client:
        made = create(client)
        path, user_name = f"/Users/{made['id']}", made["userName"]

        @asked(max_examples=100, deadline=None, derandomize=True, database=None)
        @given(BEGINNINGS, st.lists(EDITS, min_size=1, max_size=8), st.booleans())
        def law(beginning: Resource, edits: list[Edit], at_once: bool) -> None:  # noqa: FBT001 - drawn
            beginning = {"userName": user_name, "active": True, **beginning}
            assert client.put(path, json=beginning).status_code == 200
            expected = copy.deepcopy(beginning)
            for edit in edits:
                edit.apply(expected)
                tidy(expected)

            requests = [edits] if at_once else [[edit] for edit in edits]
            for operations in requests:
                answer = patch(client, path, *(edit.operation for edit in operations))
                assert answer.status_code == 200, answer.text

            assert own(answer.json()) == expected
            assert read(client, path) == answer.json()

        law()


MARKING: dict[str, Element] = {
    "a path that chooses two": {"op": "replace", "path": 'emails[type eq "work"].primary', "value": True},
    "a list with two": {
        "op": "add",
        "path": "emails",
        "value": [{"value": "d@x", "primary": True}, {"value": "e@x", "primary": True}],
    },
}


@pytest.mark.parametrize("operation", MARKING.values(), ids=MARKING.keys())
def test_a_patch_never_leaves_more_than_one_primary(client: httpx.Client, operation: Element) -> None:
    """True appears no more than once (RFC 7643, 2.4): a PATCH takes it from others (RFC 7644, 3.5.2)."""
    emails = [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}]
    path = f"/Users/{create(client, emails=[*emails, {'value': 'c@x', 'primary': True}])['id']}"

    answer = patch(client, path, operation)

    assert answer.status_code in (200, 400)
    assert [one.get("primary") for one in read(client, path)["emails"]].count(True) == 1
