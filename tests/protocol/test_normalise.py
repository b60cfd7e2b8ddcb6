"""Values as they are compared (DESIGN, storage of a person; SECURITY 14)."""
# ruff: noqa: RUF001 - letters that look like others are what these texts are for

import unicodedata
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from precis_i18n import get_profile

from scim_server.protocol.attributes import JSON, Attribute
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.normalise import (
    fold,
    moment,
    normalise,
    part_of_user_name,
    search_document,
    user_name_key,
)
from scim_server.protocol.resources import ENTERPRISE_SCHEMA, USER, USER_SCHEMA

texts = st.text(st.characters(exclude_categories=["Cs"]))
# A day from the ends of the calendar: every zone can show them.
SPAN = (datetime(9999, 12, 31, tzinfo=UTC) - datetime(1, 1, 2, tzinfo=UTC)) // timedelta(microseconds=1)
moments = st.integers(min_value=0, max_value=SPAN).map(
    lambda passed: datetime(1, 1, 2, tzinfo=UTC) + timedelta(microseconds=passed)
)
zones = st.integers(min_value=-14 * 60, max_value=14 * 60).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


def row(name: str, sub: str | None = None) -> Attribute:
    found = USER.resolve(None, name)
    assert found is not None
    attribute = found[1] if sub is None else found[1].sub(sub)
    assert attribute is not None
    return attribute


SAME = {
    "case": ("Grace", "gRACE"),
    "sharp s": ("Straße", "STRASSE"),
    "capital sharp s": ("STRAẞE", "strasse"),
    "the Kelvin sign": ("\u212aelvin", "kelvin"),
    "the Angstrom sign": ("\u212bngstrom", "ångstrom"),
    "composed and decomposed": ("Zo\u00eb", "Zoe\u0308"),
    "Hangul": ("\uac01", "\u1100\u1161\u11a8"),
    "final sigma": ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    "a title-case digraph": ("\u01c5", "\u01c6"),
    "a ligature by case": ("ﬁn", "FIN"),
}
DIFFERENT = {
    "dotless i": ("ı", "i"),
    "dotted capital I": ("İ", "I"),
    "a zero-width space": ("a\u200bb", "ab"),
    "an accent": ("é", "e"),
    "another script": ("\u0430", "a"),
    "white space inside": ("a b", "ab"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME.keys())
def test_the_two_texts_are_compared_as_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert user_name_key(one) == user_name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT.keys())
def test_the_two_texts_are_compared_as_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)
    assert user_name_key(one) != user_name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Ａｄａ", "ada"), ("①", "1"), ("ｶﾞ", "ガ"), ("x\u00b2", "x2")])
def test_compatible_forms_are_equal_as_user_names_but_not_as_other_texts(one: str, other: str) -> None:
    assert user_name_key(one) == user_name_key(other)
    assert fold(one) != fold(other)


@given(texts)
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert user_name_key(user_name_key(text)) == user_name_key(text)


@given(texts)
def test_case_and_composition_do_not_change_the_folded_text(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(text.casefold()) == fold(text)
    assert user_name_key(unicodedata.normalize("NFKD", text)) == user_name_key(text)


@given(moments, zones)
def test_a_moment_has_the_same_text_of_fixed_width_from_every_zone(at: datetime, zone: timezone) -> None:
    written = moment(at.astimezone(zone).isoformat())

    assert written == moment(at.isoformat())
    assert len(written) == len("2026-03-01T08:30:00.000000Z")
    assert datetime.fromisoformat(written) == at


@given(moments, moments)
def test_moments_sort_correctly_as_texts(one: datetime, other: datetime) -> None:
    assert (moment(one.isoformat()) < moment(other.isoformat())) is (one < other)


def test_a_moment_without_a_zone_is_in_utc() -> None:
    assert moment("2026-03-01T08:30:00") == moment("2026-03-01T08:30:00Z") == "2026-03-01T08:30:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T",
        "2026-03-01",
        "08:30:00",
        "2026-02-30T08:30:00Z",
        "2026-03-01T08:30:60Z",
        "yesterday",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-03-01 08:30:00Z",
        "1772353800",
    ],
)
def test_a_text_other_than_a_date_and_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        moment(text)


@given(texts)
def test_any_text_is_read_as_a_moment_or_an_invalid_value(text: str) -> None:
    with suppress(InvalidValue):
        assert moment(text).endswith("Z")


def test_values_are_normalised_by_the_characteristics_of_their_attribute() -> None:
    assert normalise(row("displayName"), "ADA") == "ada"
    assert normalise(row("externalId"), "ADA") == "ADA"
    assert normalise(row("userName"), "ＡＤＡ") == "ada"
    assert normalise(row("groups", "value"), "ADA") == "ADA"
    assert normalise(row("emails", "value"), "Ada@Example.COM") == "ada@example.com"
    assert normalise(row("emails", "primary"), value=True) == "true"
    assert normalise(row("meta", "created"), "2026-03-01T09:30:00+01:00") == "2026-03-01T08:30:00.000000Z"
    assert normalise(row("meta", "created"), "soon") == "soon"
    assert normalise(row("displayName"), None) is None


def test_the_search_document_has_lower_case_names_and_normalised_values() -> None:
    document: dict[str, JSON] = {
        "userName": "Ada",
        "externalId": "X1",
        "name": {"familyName": "LOVELACE"},
        "emails": [{"value": "A@B.C", "primary": True}, {"type": "Work"}],
        ENTERPRISE_SCHEMA.id: {"costCenter": "CC", "manager": {"value": "M1"}},
    }

    assert search_document(USER, document) == {
        "username": "ada",
        "externalid": "X1",
        "name": {"familyname": "lovelace"},
        "emails": [{"value": "a@b.c", "primary": "true"}, {"type": "work"}],
        ENTERPRISE_SCHEMA.id.lower(): {"costcenter": "cc", "manager": {"value": "M1"}},
    }


def test_attributes_without_a_schema_are_not_searched() -> None:
    document: dict[str, JSON] = {"shoeSize": 44, "name": {"shoeSize": 44}, USER_SCHEMA.id: {"title": "x"}}

    assert search_document(USER, document)["name"] == {}
    assert "shoesize" not in search_document(USER, document)


@given(st.text(st.characters(max_codepoint=127), max_size=12))
def test_the_key_of_an_ascii_user_name_equals_that_of_precis_or_the_fallback(text: str) -> None:
    name = text
    with suppress(UnicodeError):
        name = get_profile("UsernameCaseMapped").enforce(text)
    by_the_rules = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())

    assert part_of_user_name(text) == by_the_rules
    assert fold(text) == unicodedata.normalize("NFC", text.casefold())
