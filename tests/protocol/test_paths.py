import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scim_server.protocol.errors import InvalidPath
from scim_server.protocol.filter_tree import And, AttributePath, Comparison, Operator, Or, Present
from scim_server.protocol.filters import MAX_BYTES, MAX_DEPTH, MAX_TERMS
from scim_server.protocol.paths import PatchPath, parse_path

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
EMAILS = AttributePath(None, "emails")
WORK = Comparison(AttributePath(None, "type"), Operator.EQ, "work")
SECONDS = 1.0  # of a core; the promise is 50 ms, and a slow machine gets the rest


def refusal(text: str) -> str:
    with pytest.raises(InvalidPath) as caught:
        parse_path(text)
    return caught.value.detail


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("displayName", PatchPath(AttributePath(None, "displayName"))),
        ("DisplayName", PatchPath(AttributePath(None, "DisplayName"))),
        ("name.givenName", PatchPath(AttributePath(None, "name"), None, "givenName")),
        ("members.$ref", PatchPath(AttributePath(None, "members"), None, "$ref")),
        (f"{CORE}:userName", PatchPath(AttributePath(CORE, "userName"))),
        (f"{ENTERPRISE}:manager", PatchPath(AttributePath(ENTERPRISE, "manager"))),
        (f"{ENTERPRISE}:manager.value", PatchPath(AttributePath(ENTERPRISE, "manager"), None, "value")),
        (ENTERPRISE, PatchPath(AttributePath(ENTERPRISE.removesuffix(":User"), "User"))),
        ('emails[type eq "work"]', PatchPath(EMAILS, WORK)),
        ('emails[type eq "work"].value', PatchPath(EMAILS, WORK, "value")),
        (f'{CORE}:emails[type EQ "work"].value', PatchPath(AttributePath(CORE, "emails"), WORK, "value")),
    ],
)
def test_a_path_consists_of_attribute_filter_and_sub_attribute(text: str, path: PatchPath) -> None:
    assert parse_path(text) == path


def test_the_filter_of_a_path_may_be_any_filter() -> None:
    path = parse_path('members[ value eq "1" or type eq "work" and a pr ]')

    value = Comparison(AttributePath(None, "value"), Operator.EQ, "1")
    present = Present(AttributePath(None, "a"))
    assert path == PatchPath(AttributePath(None, "members"), Or((value, And((WORK, present)))))


def test_brackets_inside_a_quoted_text_are_part_of_it() -> None:
    path = parse_path('emails[value eq "].x[\\"]"].display')

    value = Comparison(AttributePath(None, "value"), Operator.EQ, '].x["]')
    assert path == PatchPath(EMAILS, value, "display")


EXAMPLES = 'examples are displayName, name.givenName and emails[type eq "work"].value.'


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", f"An empty text is not the path of an attribute; {EXAMPLES}"),
        ("a.b.c", f"a.b.c is not the path of an attribute; {EXAMPLES}"),
        ("name.", f"name. is not the path of an attribute; {EXAMPLES}"),
        (".name", f".name is not the path of an attribute; {EXAMPLES}"),
        ("user name", f"user name is not the path of an attribute; {EXAMPLES}"),
        ("userName pr", f"userName pr is not the path of an attribute; {EXAMPLES}"),
        ("/emails/0", f"/emails/0 is not the path of an attribute; {EXAMPLES}"),
        ("__proto__", f"__proto__ is not the path of an attribute; {EXAMPLES}"),
        ("__class__", f"__class__ is not the path of an attribute; {EXAMPLES}"),
        ("_sa_instance_state", f"_sa_instance_state is not the path of an attribute; {EXAMPLES}"),
        ("emails]", f"emails] is not the path of an attribute; {EXAMPLES}"),
        ("x" * 60 + ".y.z", f"{'x' * 60}… is not the path of an attribute; {EXAMPLES}"),
        ('[type eq "work"]', f"A [ must follow the name of a multi-valued attribute; {EXAMPLES}"),
        ("emails [a pr]", f"A [ must follow the name of a multi-valued attribute; {EXAMPLES}"),
        ("emails.value[a pr]", f"A [ must follow the name of a multi-valued attribute; {EXAMPLES}"),
        ("]emails[", f"A [ must follow the name of a multi-valued attribute; {EXAMPLES}"),
        ("emails[a pr", "At character 7: this [ is not closed."),
        ("emails[]", 'The filter is empty; an example is userName eq "grace".'),
        ("emails[a pr]]", "At character 12: this ] has no opening bracket."),
        ("emails[(a pr]", "At character 8: this ( is not closed."),
        ("emails[a pr]value", "At character 13: only a sub-attribute, such as .value, may follow ]."),
        ("emails[a pr].", "At character 13: only a sub-attribute, such as .value, may follow ]."),
        ("emails[a pr].b.c", "At character 13: only a sub-attribute, such as .value, may follow ]."),
        ("emails[a pr].value pr", "At character 13: only a sub-attribute, such as .value, may follow ]."),
        ("emails[a pr][b pr]", "At character 12: this ] has no opening bracket."),
        ("emails[a[b pr]]", "At character 9: a value path cannot be inside another."),
        ("emails[type eq work]", "At character 16: the value work must be in double quotes."),
        ("emails[a.b.c pr]", "At character 8: found a.b.c, expected an attribute name, ( or not (."),
        ("na\udc80me", "At character 3: half of a surrogate pair is not a character."),
    ],
)
def test_a_refusal_contains_the_fault_and_its_position(text: str, detail: str) -> None:
    assert refusal(text) == detail


def test_a_path_has_the_same_limits_as_a_filter() -> None:
    longest = "x" * (MAX_BYTES - len('a[b eq ""]'))
    deepest = MAX_DEPTH - 1

    assert parse_path(f'a[b eq "{longest}"]').filter == Comparison(
        AttributePath(None, "b"), Operator.EQ, longest
    )
    assert refusal(f'a[b eq "{longest}x"]') == "The text is longer than 4096 bytes."
    assert parse_path(f"a[{'(' * deepest}b pr{')' * deepest}]").filter == Present(AttributePath(None, "b"))
    assert "nested more than 20 levels deep" in refusal(f"a[{'(' * MAX_DEPTH}b pr{')' * MAX_DEPTH}]")
    assert "more than 50" in refusal(f"a[{' or '.join(['b pr'] * (MAX_TERMS + 1))}]")


HOSTILE = {
    "1 MB name": "a" * 2**20,
    "1 MB of dots": "a." * 2**19,
    "100,000 [": "a[" * 100_000,
    "100,000 not (": "a[" + "not (" * 100_000,
    "4 KiB of [": "a[" * (MAX_BYTES // 2),
    "4 KiB of []": "a" + "[]" * (MAX_BYTES // 2 - 1),
    "4 KiB of colons": "a" + ":" * (MAX_BYTES - 1),
    "4 KiB of URN parts": "urn:" + "a:" * (MAX_BYTES // 2 - 2),
    "4 KiB of sub-attributes": "a[b pr]" + ".a" * (MAX_BYTES // 2 - 4),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_path_is_refused_quickly(text: str) -> None:
    started = time.process_time()

    assert refusal(text)

    assert time.process_time() - started < SECONDS


FRAGMENTS = st.sampled_from(
    [*'()[].:"\\ $-_0é\0', "a", "emails[", 'type eq "work"', "]", ".value", "urn:a:2.0:"]
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.lists(FRAGMENTS, max_size=10).map("".join))
def test_random_text_is_read_or_refused_without_another_error(text: str) -> None:
    try:
        parse_path(text)
    except InvalidPath as error:
        assert error.detail.endswith(".")  # noqa: PT017 - most rubbish is refused, but some is a path
