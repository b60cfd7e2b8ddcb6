"""Reading filters: properties of every filter."""

import json
from itertools import chain, zip_longest
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filter_tree import (
    And,
    AttributePath,
    Comparison,
    Filter,
    Literal,
    Not,
    Operator,
    Or,
    Present,
    ValuePath,
)
from scim_server.protocol.filters import parse

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def equals(name: str, value: Literal) -> Comparison:
    return Comparison(AttributePath(None, name), Operator.EQ, value)


def present(name: str) -> Present:
    return Present(AttributePath(None, name))


NAMES = st.sampled_from(["userName", "trueName", "notes", "order", "andy", "NULLS", "eqs", "$ref", "a-b_1"])
PATHS = st.builds(
    AttributePath,
    st.none() | st.sampled_from([ENTERPRISE, "urn:example:1.0:X", "https://example.com/scim:a"]),
    NAMES,
    st.none() | NAMES,
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TERMS = (
    st.builds(Present, PATHS)
    | st.builds(Comparison, PATHS, st.sampled_from(Operator), TEXTS | NUMBERS)
    | st.builds(
        Comparison, PATHS, st.sampled_from([Operator.EQ, Operator.NE]), st.none() | st.booleans() | TEXTS
    )
)


def combined(operands: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(operands, min_size=2, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, operands)


IN_BRACKETS = st.recursive(TERMS, combined, max_leaves=4)
VALUE_PATHS = st.builds(ValuePath, PATHS.map(lambda path: AttributePath(path.urn, path.name)), IN_BRACKETS)
TREES = st.recursive(TERMS | VALUE_PATHS, combined, max_leaves=8)


class Writer:
    """Writes a tree down in one of the many ways that mean the same."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def anyhow(self, word: str) -> str:
        return "".join(self.chance.choice((letter.lower(), letter.upper())) for letter in word)

    def gap(self, at_least: int = 1) -> str:
        return "".join(self.chance.choices(" \t", k=self.chance.randint(at_least, 3)))

    def grouped(self, text: str) -> str:
        return f"({self.gap(0)}{text}{self.gap(0)})"

    def literal(self, value: Literal) -> str:
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=self.chance.random() < 0.5)  # both ways of writing "é"
        if value is None or isinstance(value, bool):
            return self.anyhow(json.dumps(value))
        return json.dumps(value)

    def write(self, tree: Filter, parent: type[And | Or] | None = None) -> str:
        needed = isinstance(tree, Or) and parent is And
        text = self.bare(tree)
        return self.grouped(text) if needed or self.chance.random() < 0.2 else text

    def bare(self, tree: Filter) -> str:
        match tree:
            case Present(path):
                return f"{path}{self.gap()}{self.anyhow('pr')}"
            case Comparison(path, operator, value):
                return self.gap().join((str(path), self.anyhow(operator.value), self.literal(value)))
            case Not(operand):
                return self.anyhow("not") + self.gap(0) + self.grouped(self.write(operand))
            case ValuePath(path, inner):
                return f"{path}[{self.gap(0)}{self.write(inner)}{self.gap(0)}]"
            case And(operands) | Or(operands):
                word = self.gap() + self.anyhow(type(tree).__name__) + self.gap()
                return word.join(self.write(operand, type(tree)) for operand in operands)


def flattened(tree: Filter) -> Filter:
    match tree:
        case Not(operand):
            return Not(flattened(operand))
        case ValuePath(path, inner):
            return ValuePath(path, flattened(inner))
        case And(operands) | Or(operands):
            kind = type(tree)
            parts = [flattened(operand) for operand in operands]
            return kind(
                tuple(chain.from_iterable(p.operands if isinstance(p, kind) else (p,) for p in parts))
            )
        case _:
            return tree


@settings(max_examples=200, deadline=None)
@given(TREES, st.integers(0, 2**32))
def test_every_written_filter_is_read_back_as_the_same_tree(tree: Filter, seed: int) -> None:
    text = Writer(Random(seed)).write(tree)

    assert parse(text) == flattened(tree)


def holds(tree: Filter, values: dict[str, bool]) -> bool:
    match tree:
        case Present(path):
            return values[path.name]
        case Not(operand):
            return not holds(operand, values)
        case And(operands):
            return all(holds(operand, values) for operand in operands)
        case Or(operands):
            return any(holds(operand, values) for operand in operands)
        case _:
            raise AssertionError(tree)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["{}", "not ({})", "({})"]), min_size=1, max_size=8),
    st.lists(
        st.sampled_from([" and ", " or ", " and (", " or (", ") and ", ") or "]), min_size=7, max_size=7
    ),
    st.integers(0, 255),
)
def test_logical_operators_have_the_precedence_of_python(
    terms: list[str], words: list[str], bits: int
) -> None:
    values = {f"a{n}": bool(bits >> n & 1) for n in range(len(terms))}
    written = [term.format(f"a{n} pr") for n, term in enumerate(terms)]
    text = "".join(chain.from_iterable(zip_longest(written, words[: len(terms) - 1], fillvalue="")))
    text = "(" * text.count(")") + text + ")" * text.count("(")

    tree = parse(text)

    assert holds(tree, values) == eval(text.replace(" pr", ""), {}, values)


FRAGMENTS = st.sampled_from(
    [
        *'()[].:"\\ \t$-_0é\0',
        "a",
        "eq",
        "NOT",
        "and",
        " or ",
        "pr",
        "true",
        "null",
        '"x"',
        "1.5",
        "urn:a:2.0:",
        "a[",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.lists(FRAGMENTS, max_size=20).map("".join))
def test_random_text_is_read_or_refused_without_another_error(text: str) -> None:
    try:
        parse(text)
    except InvalidFilter as error:
        assert error.detail.endswith(".")  # noqa: PT017 - most rubbish is refused, but some is a filter


WORDS = st.sampled_from(
    ["a", "b.c", "eq", "gt", "pr", "and", "or", "not", "(", ")", "e[", "]", '"x"', "1", "true", "]. x", "].x"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_words_of_filters_in_any_order_are_read_or_refused_without_another_error(text: str) -> None:
    try:
        parse(text)
    except InvalidFilter as error:
        assert error.detail.endswith(".")  # noqa: PT017 - most orders are refused, but some are a filter
