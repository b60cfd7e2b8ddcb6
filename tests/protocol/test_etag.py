"""Entity tags: weak ones are given, and compared weakly (RFC 7644 section 3.14; DESIGN, wire 18)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_server.protocol.etag import etag, matches

versions = st.integers(min_value=1, max_value=2**63 - 1)


def test_a_version_is_shown_as_a_weak_tag() -> None:
    assert etag(7) == 'W/"7"'


@pytest.mark.parametrize("header", ['W/"7"', '"7"', "*", " * ", 'W/"3", W/"7"', '"3","7"', 'W/"3" , "7" '])
def test_a_header_with_the_tag_in_any_form_matches(header: str) -> None:
    assert matches(header, 7)


@pytest.mark.parametrize("header", ["", "7", 'W/"77"', '"6", "8"', 'W/"7', '"*"', "W/7", 'W/"7 "', "**"])
def test_any_other_header_does_not_match(header: str) -> None:
    assert not matches(header, 7)


@given(versions, versions)
def test_a_tag_matches_its_own_version_and_no_other(one: int, other: int) -> None:
    assert matches(etag(one), other) is (one == other)


@given(st.text(), versions)
def test_any_header_is_compared_without_an_error(header: str, version: int) -> None:
    assert matches(header, version) in (True, False)
