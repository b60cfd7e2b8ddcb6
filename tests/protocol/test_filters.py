import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filter_tree import (
    And,
    AttributePath,
    Comparison,
    Literal,
    Not,
    Operator,
    Or,
    Present,
    ValuePath,
)
from scim_server.protocol.filters import MAX_BYTES, MAX_DEPTH, MAX_TERMS, parse

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
SECONDS = 1.0  # of a core; the promise is 50 ms, and a slow machine gets the rest


def equals(name: str, value: Literal) -> Comparison:
    return Comparison(AttributePath(None, name), Operator.EQ, value)


def present(name: str) -> Present:
    return Present(AttributePath(None, name))


def refusal(text: str) -> str:
    with pytest.raises(InvalidFilter) as caught:
        parse(text)
    return caught.value.detail


# What is read


def test_every_operator_is_read() -> None:
    for operator in Operator:
        assert parse(f'userName {operator.value} "g"') == Comparison(
            AttributePath(None, "userName"), operator, "g"
        )
    assert parse("userName pr") == present("userName")


def test_operators_and_logical_words_are_read_in_any_case() -> None:
    tree = parse('a Eq "x" AND b PR Or NOT (c sW "y") oR d NE null')

    assert tree == Or(
        (
            And((equals("a", "x"), present("b"))),
            Not(Comparison(AttributePath(None, "c"), Operator.SW, "y")),
            Comparison(AttributePath(None, "d"), Operator.NE, None),
        )
    )


def test_names_keep_their_case() -> None:
    assert parse("UserNAME pr") == present("UserNAME")


def test_and_binds_tighter_than_or_on_either_side() -> None:
    a, b, c, d = map(present, "abcd")

    assert parse("a pr or b pr and c pr") == Or((a, And((b, c))))
    assert parse("a pr and b pr or c pr") == Or((And((a, b)), c))
    assert parse("a pr or b pr and c pr or d pr") == Or((a, And((b, c)), d))
    assert parse("a pr and b pr or c pr and d pr") == Or((And((a, b)), And((c, d))))


def test_not_binds_tighter_than_and() -> None:
    assert parse("not (a pr) and b pr") == And((Not(present("a")), present("b")))


def test_parentheses_group() -> None:
    a, b, c = map(present, "abc")

    assert parse("(a pr or b pr) and c pr") == And((Or((a, b)), c))
    assert parse("a pr and (b pr or c pr)") == And((a, Or((b, c))))
    assert parse("not (a pr or b pr)") == Not(Or((a, b)))
    assert parse("((a pr))") == a


def test_a_chain_of_one_logical_operator_is_one_flat_node() -> None:
    a, b, c = map(present, "abc")

    assert parse("a pr and b pr and c pr") == And((a, b, c))
    assert parse("a pr and (b pr and c pr)") == And((a, b, c))
    assert parse("(a pr or b pr) or c pr") == Or((a, b, c))


def test_precedence_holds_inside_a_value_path() -> None:
    a, b, c = map(present, "abc")

    assert parse("e[a pr or b pr and c pr]") == ValuePath(AttributePath(None, "e"), Or((a, And((b, c)))))


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "tRuE"])
def test_true_in_any_case_is_a_boolean_and_not_a_text(text: str) -> None:
    assert parse(f"active eq {text}") == equals("active", True)
    assert parse(f"active eq {text}") != parse(f'active eq "{text}"')


def test_false_and_null_are_read_in_any_case() -> None:
    assert parse("active eq False") == equals("active", False)
    assert parse("title ne NULL") == Comparison(AttributePath(None, "title"), Operator.NE, None)


def test_true_is_not_one_and_one_is_not_one_point_zero() -> None:
    assert len({parse("a eq true"), parse("a eq 1"), parse("a eq 1.0"), parse('a eq "1"')}) == 4


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("42", 42), ("-1", -1), ("1.5", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25)]
)
def test_numbers_of_any_length_sign_and_fraction_are_read(text: str, value: float) -> None:
    assert parse(f"weight eq {text}") == equals("weight", value)


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r'"a\"b"', 'a"b'),
        (r'"\"\""', '""'),
        (r'"c:\\"', "c:\\"),
        (r'"\u00e9\n\/"', "é\n/"),
        (r'"\ud83d\ude00"', "😀"),
        ('"Grüße 😀"', "Grüße 😀"),
        ('""', ""),
        ('"a) and (b] pr"', "a) and (b] pr"),
    ],
)
def test_texts_are_json_strings(literal: str, value: str) -> None:
    assert parse(f"displayName eq {literal}") == equals("displayName", value)


@pytest.mark.parametrize(
    "name",
    ["trueName", "falsehood", "nullable", "notes", "order", "android", "equal", "prefix", "lest", "not-x"],
)
def test_a_name_that_begins_with_a_keyword_is_one_name(name: str) -> None:
    assert parse(f"{name} pr and {name} eq 1") == And((present(name), equals(name, 1)))


def test_names_hold_dollar_hyphen_underscore_and_digits() -> None:
    assert parse("members.$ref pr") == Present(AttributePath(None, "members", "$ref"))
    assert parse("x-y_9 pr") == present("x-y_9")


def test_a_urn_may_hold_dots() -> None:
    assert parse(f'{ENTERPRISE}:manager.value eq "26"') == Comparison(
        AttributePath(ENTERPRISE, "manager", "value"), Operator.EQ, "26"
    )
    assert parse("urn:example:seats:1.2.3:seat pr") == Present(
        AttributePath("urn:example:seats:1.2.3", "seat")
    )


def test_the_urn_of_a_schema_alone_is_read_as_urn_and_name() -> None:
    urn, _, name = ENTERPRISE.rpartition(":")

    assert parse(f"{ENTERPRISE} pr") == Present(AttributePath(urn, name))


def test_an_attribute_path_is_written_as_it_was_read() -> None:
    for text in ("userName", "name.givenName", f"{ENTERPRISE}:manager.value"):
        assert str(AttributePath.read(text)) == text


def test_a_value_path_is_a_filter() -> None:
    assert parse('emails[type eq "work" and not (primary eq true)]') == ValuePath(
        AttributePath(None, "emails"), And((equals("type", "work"), Not(equals("primary", True))))
    )


def test_the_sub_attribute_after_a_value_path_belongs_to_the_same_element() -> None:
    emails = AttributePath(None, "emails")

    assert parse('emails[type eq "work"].value eq "g@example.com"') == ValuePath(
        emails, And((equals("type", "work"), equals("value", "g@example.com")))
    )
    assert parse('emails[type eq "work"].value pr and x pr') == And(
        (ValuePath(emails, And((equals("type", "work"), present("value")))), present("x"))
    )
    assert parse("emails[a pr or b pr].value pr") == ValuePath(
        emails, And((Or((present("a"), present("b"))), present("value")))
    )


def test_entra_compares_the_text_true_inside_a_value_path() -> None:
    assert parse('roles[primary eq "True"].value eq "x"') == ValuePath(
        AttributePath(None, "roles"), And((equals("primary", "True"), equals("value", "x")))
    )


def test_any_number_of_spaces_and_tabs_separates_words() -> None:
    assert parse(' \t ( a\t eq  "x" )and  not(b pr) ') == And((equals("a", "x"), Not(present("b"))))


# Refusals and their messages

AN_OPERATOR = "expected one of the operators eq, ne, co, sw, ew, gt, ge, lt, le, pr."
A_VALUE = "expected a value: text in double quotes, a number, true, false or null."


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", 'The filter is empty; an example is userName eq "grace".'),
        (" \t", 'The filter is empty; an example is userName eq "grace".'),
        ("userName eq jyoung", "At character 13: the value jyoung must be in double quotes."),
        ("userName eq g@example.com", "At character 13: the value g@example.com must be in double quotes."),
        ("userName eq 'grace'", "At character 13: the value 'grace' must be in double quotes."),
        ("weight eq 01", "At character 11: the value 01 must be in double quotes."),
        ('userName regex "x"', f"At character 10: found regex, {AN_OPERATOR}"),
        ("userName", f"At character 9: found the end, {AN_OPERATOR}"),
        ("userName eq", f"At character 12: found the end, {A_VALUE}"),
        ("a pr b pr", "At character 6: found b, expected 'and', 'or' or the end."),
        ("a pr and", "At character 9: found the end, expected an attribute name, ( or not (."),
        ("or a pr", "At character 1: found or, expected an attribute name, ( or not (."),
        ("not a pr", "At character 5: found a, expected ( after not."),
        ("not not (a pr)", "At character 5: found not, expected ( after not."),
        ("()", "At character 2: found ), expected an attribute name, ( or not (."),
        ("(a pr", "At character 1: this ( is not closed."),
        ("a pr)", "At character 5: this ) has no opening bracket."),
        ("(a pr]", "At character 6: this ] has no opening bracket."),
        ("emails[a pr", "At character 7: this [ is not closed."),
        ("emails[]", "At character 8: found ], expected an attribute name, ( or not (."),
        ("emails[a[b pr]]", "At character 9: a value path cannot be inside another."),
        ("emails[(a[b pr])]", "At character 10: a value path cannot be inside another."),
        ("emails [a pr]", "At character 8: a [ must directly follow the name of a multi-valued attribute."),
        ("name.x[a pr]", "At character 7: a [ must directly follow the name of a multi-valued attribute."),
        (
            "emails[a pr][b pr]",
            "At character 13: a [ must directly follow the name of a multi-valued attribute.",
        ),
        (
            'emails[a pr] eq "x"',
            "At character 14: a sub-attribute is needed before eq, such as emails[…].value.",
        ),
        (
            "emails[a pr].x.y pr",
            "At character 13: found .x.y, expected 'and', 'or' or the end.",
        ),
        (
            "emails[a pr] .x pr",
            "At character 14: found .x, expected 'and', 'or' or the end.",
        ),
        ("a.b.c pr", "At character 1: found a.b.c, expected an attribute name, ( or not (."),
        ("__class__ pr", "At character 1: found __class__, expected an attribute name, ( or not (."),
        ("x:y pr", "At character 1: found x:y, expected an attribute name, ( or not (."),
        ("urn:x::y pr", "At character 1: found urn:x::y, expected an attribute name, ( or not (."),
        ('"x" eq "y"', 'At character 1: found "x", expected an attribute name, ( or not (.'),
        ('a eq "x', "At character 6: the text that begins with this double quote is not closed."),
        (r'a eq "x\"', "At character 6: the text that begins with this double quote is not closed."),
        (r'a eq "\q"', r"At character 6: the text in double quotes is not JSON: Invalid \escape."),
        ('a eq "\n"', "At character 6: the text in double quotes is not JSON: Invalid control character at."),
        (r'a eq "\ud800"', "At character 6: the text in double quotes contains half of a surrogate pair."),
        ('a eq "\udc80"', "At character 7: half of a surrogate pair is not a character."),
        (r'a eq "\u0000"', r"At character 6: values cannot contain the character \u0000."),
        ("a eq 9223372036854775808", "At character 6: the number 9223372036854775808 is too large."),
        ("a eq 1e999", "At character 6: the number 1e999 is too large."),
    ],
)
def test_a_refusal_contains_the_fault_and_its_position(text: str, detail: str) -> None:
    assert refusal(text) == detail


@pytest.mark.parametrize("operator", ["gt", "GE", "lt", "le", "co", "sw", "ew"])
@pytest.mark.parametrize("value", ["true", "False", "null"])
def test_booleans_and_null_can_only_be_compared_with_eq_and_ne(operator: str, value: str) -> None:
    assert refusal(f"a {operator} {value}") == (
        f"At character 6: for the value {value}, use the operator eq or ne; {operator} is not allowed."
    )


def test_a_refusal_quotes_only_the_beginning_of_a_long_text() -> None:
    assert refusal("a eq " + "x" * 1000) == f"At character 6: the value {'x' * 60}… must be in double quotes."


def test_the_same_filter_is_refused_each_time_with_the_same_reason() -> None:
    assert refusal("a") == refusal("a")


# Bounds


def test_a_filter_may_have_exactly_the_maximum_length_in_bytes() -> None:
    longest = "é" * ((MAX_BYTES - len('a eq ""')) // 2)

    assert parse(f'a eq "{longest}"') == equals("a", longest)
    assert refusal(f'a eq "{longest}é"') == "The text is longer than 4096 bytes."


def test_a_filter_may_have_exactly_the_maximum_number_of_comparisons() -> None:
    terms = ["a pr"] * MAX_TERMS

    assert parse(" or ".join(terms)) == Or((present("a"),) * MAX_TERMS)
    assert refusal(" or ".join([*terms, "a pr"])) == "The filter has more than 50 comparisons."


def test_a_filter_may_have_exactly_the_maximum_depth() -> None:
    def nested(depth: int) -> str:
        return "(" * depth + "a pr" + ")" * depth

    assert parse(nested(MAX_DEPTH)) == present("a")
    assert (
        refusal(nested(MAX_DEPTH + 1)) == "At character 21: parentheses are nested more than 20 levels deep."
    )
    assert parse(f"a[{nested(MAX_DEPTH - 1)}]") == ValuePath(AttributePath(None, "a"), present("a"))
    assert "nested" in refusal(f"a[{nested(MAX_DEPTH)}]")


HOSTILE = {
    "100,000 (": "(" * 100_000,
    "100,000 not (": "not (" * 100_000,
    "10,000 or": "a pr or " * 10_000 + "a pr",
    "10,000 bare or": "or " * 10_000,
    "1 MB of text": 'a eq "' + "x" * 2**20 + '"',
    "1 MB of escapes": 'a eq "' + '\\"' * 2**19,
    "1 MB name": "a" * 2**20 + " pr",
    "nested []": "a[" * 100_000 + "b pr" + "]" * 100_000,
    "4 KiB of (": "(" * MAX_BYTES,
    "4 KiB of not (": "not (" * (MAX_BYTES // 5),
    "4 KiB of ()": "()" * (MAX_BYTES // 2),
    "4 KiB of or": "or " * (MAX_BYTES // 3),
    "4 KiB of names": "a " * (MAX_BYTES // 2),
    "4 KiB of [": "a[" * (MAX_BYTES // 2),
    "4 KiB of ]": "]" * MAX_BYTES,
    "4 KiB of quotes": '"' * MAX_BYTES,
    "4 KiB of backslashes": '"' + "\\" * (MAX_BYTES - 1),
    "4 KiB of colons": "a" + ":" * (MAX_BYTES - 1),
    "4 KiB of short URN parts": "urn:" + "a:" * (MAX_BYTES // 2 - 2),
    "4 KiB of dots": "a[b pr]" + ".a" * (MAX_BYTES // 2 - 4),
    "4 KiB of digits": "a eq " + "1" * (MAX_BYTES - 5),
    "4 KiB of exponent": "a eq 1e" + "9" * (MAX_BYTES - 7),
    "20 deep, 51 terms": "(" * 20 + " or ".join(["a pr"] * 51) + ")" * 20,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_filter_is_refused_quickly(text: str) -> None:
    started = time.process_time()

    assert refusal(text)

    assert time.process_time() - started < SECONDS


def test_the_largest_filter_is_read_quickly() -> None:
    widest = " and ".join(f'not (attribute{n:02} co "{"x" * 45}")' for n in range(MAX_TERMS))
    text = "(" * (MAX_DEPTH - 1) + widest + ")" * (MAX_DEPTH - 1)
    started = time.process_time()

    tree = parse(text)

    assert time.process_time() - started < SECONDS
    assert isinstance(tree, And)
    assert len(tree.operands) == MAX_TERMS


@pytest.fixture
def _threads_that_take_turns_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_threads_that_take_turns_often")
def test_concurrent_threads_read_filters_correctly() -> None:
    texts = [f'a{n} eq {n} or b pr and c[d eq "{n}"].e pr' for n in range(400)]

    with ThreadPoolExecutor(8) as pool:
        trees = list(pool.map(parse, texts))

    assert trees == [
        Or(
            (
                equals(f"a{n}", n),
                And(
                    (
                        present("b"),
                        ValuePath(AttributePath(None, "c"), And((equals("d", f"{n}"), present("e")))),
                    )
                ),
            )
        )
        for n in range(400)
    ]
