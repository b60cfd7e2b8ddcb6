"""Parses the text of a filter into a filter tree (RFC 7644 section 3.4.2.2).

    parse('emails[type eq "work"] and active eq true')

This module alone uses the library scim2-filter-parser, and uses its grammar. The library's lexer is not used,
because it splits names that begin with a keyword, reads numbers digit by digit and returns literals as text.
The library's parser gets our tokens instead. Their values are already parts of our tree. The library's trees
give `and` and `or` the same precedence; our conversion corrects that. Every failure is an InvalidFilter.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from scim2_filter_parser import ast
from scim2_filter_parser.parser import SCIMParser, SCIMParserError

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filter_tree import (
    AttributePath,
    Comparison,
    Filter,
    Literal,
    Not,
    Operator,
    Present,
    ValuePath,
    all_of,
    any_of,
)

# SECURITY 12: a hostile filter must be refused within 50 ms.
MAX_BYTES = 4096
MAX_TERMS = 50
MAX_DEPTH = 20

_MAX_INTEGER = 2**63 - 1  # The largest integer that the databases can compare.
_MAX_QUOTED = 60  # An error repeats at most this number of characters of the client's text.
_PIECE = re.compile(
    r'(?P<space>[ \t]+)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<bracket>[()\[\]])'
    # The sub-attribute of a value path directly follows its closing bracket.
    r"|(?P<sub>(?<=\])\.[A-Za-z$][A-Za-z0-9_$-]*(?=[ \t)]|\Z))"
    r'|(?P<word>[^ \t"()\[\]]+)',
    re.DOTALL,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BRACKETS = {"(": "LPAREN", ")": "RPAREN", "[": "LBRACKET", "]": "RBRACKET"}
_OPENING = {"RPAREN": "LPAREN", "RBRACKET": "LBRACKET"}
_KEYWORDS: dict[str, tuple[str, Operator | Literal]] = {
    **{operator.value: (operator.name, operator) for operator in Operator},
    **{word: (word.upper(), word) for word in ("pr", "and", "or", "not")},
    # Entra writes True and False with a capital letter.
    "true": ("TRUE", True),
    "false": ("FALSE", False),
    "null": ("NULL", None),
}
_COMPARISONS = frozenset(operator.name for operator in Operator)
_EQUALITIES = frozenset({"EQ", "NE"})
_NAMED_VALUES = frozenset({"TRUE", "FALSE", "NULL"})
_EXPECTED = {
    **dict.fromkeys(("START", "LPAREN", "LBRACKET", "AND", "OR"), "an attribute name, ( or not ("),
    **dict.fromkeys(("ATTRNAME", "SUBATTR"), "one of the operators " + ", ".join([*Operator, "pr"])),
    **dict.fromkeys(_COMPARISONS, "a value: text in double quotes, a number, true, false or null"),
    **dict.fromkeys((*_NAMED_VALUES, "NUMBER", "COMP_VALUE", "PR"), "'and', 'or' or the end"),
    **dict.fromkeys(("RPAREN", "RBRACKET"), "'and', 'or' or the end"),
    "NOT": "( after not",
}
_LIBRARY_ERRORS = (SCIMParserError, ValueError, TypeError, AttributeError, LookupError, RuntimeError)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token for the library's parser. START, END and UNKNOWN match none of its rules."""

    type: str
    value: AttributePath | Operator | Literal
    text: str
    index: int
    lineno: int = 1

    @property
    def end(self) -> int:
        return self.index + len(self.text)


# Trees are immutable, so threads and requests may share them. Errors are not cached.
@lru_cache(maxsize=256)
def parse(text: str) -> Filter:
    """Parse a filter. Raises InvalidFilter with the reason and its position, counted from 1 in characters."""
    check_size(text)
    return _parse(_tokens(text, 0, len(text)), within_value_path=False)


def parse_value_filter(text: str, start: int, end: int) -> Filter:
    """Parse the filter in the brackets of a value path, `text[start:end]`.

    Positions count from the start of `text`.
    """
    check_size(text)
    return _parse(_tokens(text, start, end), within_value_path=True)


def check_size(text: str) -> None:
    """Refuse a text of more than MAX_BYTES, or one that cannot be encoded in UTF-8."""
    try:
        # This first check avoids encoding a megabyte.
        too_long = len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES
    except UnicodeEncodeError as error:
        raise _refusal(error.start, "half of a surrogate pair is not a character") from None
    if too_long:
        raise InvalidFilter(f"The text is longer than {MAX_BYTES} bytes.")


def shortened(text: str) -> str:
    """A part of the client's text for an error, shortened if it is long."""
    return text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + "…"


def _refusal(index: int, reason: str) -> InvalidFilter:
    return InvalidFilter(f"At character {index + 1}: {reason}.")


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    tokens = []
    while start < end:
        piece = _PIECE.match(text, start, end)
        if piece is None:
            raise _refusal(start, "the text that begins with this double quote is not closed")
        if piece.lastgroup != "space":
            kind, value = _READERS[str(piece.lastgroup)](piece)
            tokens.append(_Token(kind, value, piece[0], start))
        start = piece.end()
    if not tokens:
        raise InvalidFilter('The filter is empty; an example is userName eq "grace".')
    return tokens


def _read_bracket(piece: re.Match[str]) -> tuple[str, str]:
    return _BRACKETS[piece[0]], piece[0]


def _read_sub(piece: re.Match[str]) -> tuple[str, str]:
    return "SUBATTR", piece[0].removeprefix(".")


def _read_string(piece: re.Match[str]) -> tuple[str, str]:
    try:
        value = str(json.loads(piece[0]))
        value.encode()
    except json.JSONDecodeError as error:
        raise _refusal(piece.start(), f"the text in double quotes is not JSON: {error.msg}") from None
    except UnicodeEncodeError:
        raise _refusal(piece.start(), "the text in double quotes contains half of a surrogate pair") from None
    if "\0" in value:
        # PostgreSQL can neither store this character nor accept it in a query.
        raise _refusal(piece.start(), "values cannot contain the character \\u0000")
    return "COMP_VALUE", value


def _read_word(piece: re.Match[str]) -> tuple[str, AttributePath | Operator | Literal]:
    word = piece[0]
    if word.lower() in _KEYWORDS:
        return _KEYWORDS[word.lower()]
    if number := _NUMBER.fullmatch(word):
        return "NUMBER", _read_number(number, piece.start())
    path = AttributePath.read(word)
    return ("UNKNOWN", word) if path is None else ("ATTRNAME", path)


def _read_number(number: re.Match[str], start: int) -> int | float:
    # A fraction or an exponent makes the number a float, as in Python's JSON parser.
    value = float(number[0]) if number[1] or number[2] else int(number[0])
    if math.isinf(value) if isinstance(value, float) else abs(value) > _MAX_INTEGER:
        raise _refusal(start, f"the number {shortened(number[0])} is too large")
    return value


_READERS = {"bracket": _read_bracket, "sub": _read_sub, "string": _read_string, "word": _read_word}


def _parse(tokens: list[_Token], *, within_value_path: bool) -> Filter:
    if sum(token.type in _COMPARISONS or token.type == "PR" for token in tokens) > MAX_TERMS:
        raise InvalidFilter(f"The filter has more than {MAX_TERMS} comparisons.")
    _check_brackets(tokens, within_value_path=within_value_path)
    for previous, token in pairwise(tokens):
        _check_pair(previous, token)
    taken = [_Token("START", None, "", tokens[0].index)]
    try:
        # The parser stores its stacks in itself, so each call needs its own parser. Threads would share them.
        tree = SCIMParser().parse(_noting(tokens, taken))
    except _LIBRARY_ERRORS:
        raise _unexpected(*taken[-2:]) from None
    return _filter(tree)


def _noting(tokens: list[_Token], taken: list[_Token]) -> Iterator[_Token]:
    """Record the tokens that the parser takes. The last one is the token that it could not use."""
    for token in tokens:
        taken.append(token)
        yield token
    taken.append(_Token("END", None, "", tokens[-1].end))


def _check_brackets(tokens: list[_Token], *, within_value_path: bool) -> None:
    open_ones: list[_Token] = []
    for token in tokens:
        if token.type in _OPENING:
            if not open_ones or open_ones.pop().type != _OPENING[token.type]:
                raise _refusal(token.index, f"this {token.text} has no opening bracket")
        elif token.text in _BRACKETS:
            in_brackets = within_value_path or any(one.text == "[" for one in open_ones)
            if token.text == "[" and in_brackets:
                raise _refusal(token.index, "a value path cannot be inside another")
            open_ones.append(token)
            if len(open_ones) + within_value_path > MAX_DEPTH:
                raise _refusal(token.index, f"parentheses are nested more than {MAX_DEPTH} levels deep")
    if open_ones:
        raise _refusal(open_ones[-1].index, f"this {open_ones[-1].text} is not closed")


def _check_pair(previous: _Token, token: _Token) -> None:
    """Refuse filters that the library would wrongly accept."""
    if token.type == "LBRACKET":
        path = previous.value
        if not isinstance(path, AttributePath) or path.sub is not None or previous.end != token.index:
            raise _refusal(token.index, "a [ must directly follow the name of a multi-valued attribute")
    if previous.type == "RBRACKET" and token.type in {*_COMPARISONS, "PR"}:
        raise _refusal(token.index, f"a sub-attribute is needed before {token.text}, such as emails[…].value")
    if previous.type in _COMPARISONS - _EQUALITIES and token.type in _NAMED_VALUES:
        raise _refusal(
            token.index,
            f"for the value {token.text}, use the operator eq or ne; {previous.text} is not allowed",
        )


def _unexpected(previous: _Token, token: _Token) -> InvalidFilter:
    if previous.type in _COMPARISONS and token.type in {"ATTRNAME", "UNKNOWN"}:
        # Old clients send values without quotes.
        return _refusal(token.index, f"the value {shortened(token.text)} must be in double quotes")
    found = shortened(token.text) if token.text else "the end"
    return _refusal(token.index, f"found {found}, expected {_EXPECTED[previous.type]}")


def _filter(node: ast.Filter) -> Filter:
    if node.namespace is not None:
        return ValuePath(node.namespace.attr_name, _filter(node.expr))
    if isinstance(node.expr, ast.AttrExpr):
        return _term(node.expr)
    if isinstance(node.expr, ast.LogExpr):
        return any_of([all_of(operands) for operands in _alternatives(node)])
    operand = _filter(node.expr)
    return Not(operand) if node.negated else operand


def _alternatives(node: ast.Filter) -> list[list[Filter]]:
    """Split a sequence of `and` and `or` at each `or`.

    For all operators, the library nests `a or b and c` from the left. It makes a separate node for
    parentheses, so a LogExpr directly below another one was not in parentheses.
    """
    if not isinstance(node.expr, ast.LogExpr):
        return [[_filter(node)]]
    left, right = _alternatives(node.expr.expr1), _alternatives(node.expr.expr2)
    if node.expr.op == "or":
        return left + right
    return [*left[:-1], left[-1] + right[0], *right[1:]]


def _term(node: ast.AttrExpr) -> Filter:
    path = node.attr_path.attr_name
    if isinstance(path, AttributePath):
        return _comparison(path, node)
    # Entra sends emails[type eq "work"].value eq "x". The library moves the sub-attribute into the namespace.
    sub_attribute = AttributePath(None, path.namespace.sub_attr.value)
    same_element = all_of([_filter(path.expr), _comparison(sub_attribute, node)])
    return ValuePath(path.namespace.attr_name, same_element)


def _comparison(path: AttributePath, node: ast.AttrExpr) -> Filter:
    return Present(path) if node.value == "pr" else Comparison(path, node.value, node.comp_value.value)
