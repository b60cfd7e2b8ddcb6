"""The filter of a PATCH value path, on one element (RFC 7644 section 3.5.2)."""

import pytest

from scim_server.protocol.attributes import JSON, Attribute
from scim_server.protocol.errors import InvalidPath, NoTarget
from scim_server.protocol.match import element_described, element_matches
from scim_server.protocol.paths import parse_path
from scim_server.protocol.resources import USER


def attribute(name: str) -> Attribute:
    found = USER.resolve(None, name)
    assert found is not None
    return found[1]


def matches(condition: str, element: JSON, name: str = "emails") -> bool:
    tree = parse_path(f"{name}[{condition}]").filter
    assert tree is not None
    return element_matches(attribute(name), element, tree)


def described(condition: str, name: str = "emails") -> JSON:
    tree = parse_path(f"{name}[{condition}]").filter
    assert tree is not None
    return element_described(attribute(name), tree)


WORK: JSON = {"value": "Grace@Example.com", "type": "work", "primary": True}


@pytest.mark.parametrize(
    "condition",
    [
        *('type eq "work"', 'TYPE EQ "WORK"', 'type ne "home"', "type pr", "type ne null", "display eq null"),
        *('value eq "grace@example.com"', 'value co "@EX"', 'value sw "GRACE"', 'value ew ".COM"'),
        *('value gt "grace"', 'value ge "grace@example.com"', 'value lt "h"', 'value le "h"'),
        *("primary eq true", 'primary eq "True"', "primary ne false", 'display ne "x"'),
        *('type eq "work" and primary eq true', 'type eq "home" or primary eq true', 'not (type eq "home")'),
        *("not (display pr)", 'not (type eq "work" and display pr)'),
    ],
)
def test_the_element_meets_the_condition(condition: str) -> None:
    assert matches(condition, WORK)


@pytest.mark.parametrize(
    "condition",
    [
        *(
            'type eq "home"',
            'type ne "WORK"',
            "display pr",
            "type eq null",
            "display ne null",
            "primary eq false",
        ),
        *('value co "other"', 'value sw "example"', 'value ew "grace"', 'value gt "h"', 'value lt "grace"'),
        *('display eq "x"', 'display co ""', 'display gt ""', 'display le "z"', "value gt 5", "value eq 5"),
        *('type eq "work" and primary eq false', 'type eq "home" or display pr', "not (type pr)"),
    ],
)
def test_the_element_does_not_meet_the_condition(condition: str) -> None:
    assert not matches(condition, WORK)


def test_case_is_compared_where_the_attribute_is_case_exact() -> None:
    assert matches('value eq "MIIB"', {"value": "MIIB"}, "x509Certificates")
    assert not matches('value eq "miib"', {"value": "MIIB"}, "x509Certificates")


def test_a_plain_text_in_a_list_is_its_own_value() -> None:
    assert matches('value eq "URN:A"', "urn:a", "schemas")


@pytest.mark.parametrize("condition", ['shoeSize eq "44"', "shoeSize pr", 'type eq "work" and shoeSize pr'])
def test_a_sub_attribute_that_does_not_exist_is_an_invalid_path(condition: str) -> None:
    with pytest.raises(
        InvalidPath, match=r"emails has no sub-attribute 'shoeSize'. Its sub-attributes are: value,"
    ):
        matches(condition, WORK)


def test_equalities_joined_by_and_describe_an_element() -> None:
    assert described('type eq "work"') == {"type": "work"}
    assert described('TYPE eq "work" and primary eq true') == {"type": "work", "primary": True}


@pytest.mark.parametrize(
    "condition",
    [
        'type ne "work"',
        "type pr",
        'type eq "a" or type eq "b"',
        'not (type eq "a")',
        'value sw "a"',
        'type eq "work" and value co "a"',
        'type eq "work" and (value eq "a" or value eq "b")',
    ],
)
def test_other_conditions_describe_no_element(condition: str) -> None:
    with pytest.raises(NoTarget):
        described(condition)
