"""Seeded makers of people, groups and filters for the differential test of filters."""
# ruff: noqa: RUF001 - letters that look like others are what these texts are for

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, timedelta, timezone
from random import Random
from typing import Any, TypeVar

from tests.store.query.filter_oracle import (
    CORE_GROUP,
    CORE_USER,
    ENTERPRISE,
    GROUP_ROWS,
    SEAT,
    Both,
    Either,
    Kind,
    Name,
    Opposite,
    Resource,
    Row,
    Test,
    Tree,
    Value,
    Within,
    instant,
)

T = TypeVar("T")
Body = dict[str, Any]

# Letters that databases fold, compare or match in ways of their own.
WORDS = (
    *("Ada", "ADA", "ada", "Grace Hopper", "O'Neil", "a", "b", "Z", "work", "Work", "home"),
    *("7", "10", "true", "null", "None", "Straße", "STRASSE", "straẞe", "ss", "ılık"),
    *("İstanbul", "istanbul", "I", "i", "Kelvin \u212a", "kelvin k", "Zoë", "Zoe\u0308", "zoë"),
    *("Ångström", "\u212bngström", "A\u030angstro\u0308m", "ÉCLAIR", "éclair", "σίσυφος", "ΣΊΣΥΦΟΣ"),
    *("ﬁnance", "FINANCE", "Ａｄａ", "٣", "ǅungla", "ǆungla", "ﷺ", "\uac01", "\u1100\u1161\u11a8"),
    *("😀", "👩‍💻 dev", "\U00010000", "\ufffd", "\uffee", "z\u200bz", "\u202eabc", "日本語", "Ꭰ", "ꭰ"),
    *("100%", "%", "_", "a_b", "aXb", "\\", "C:\\dir", '"', 'say "hi"', "a\nb", "a\tb", " "),
    *(" lead", "trail ", "[x]", "(y)", "'", "''; --", "$.a", "{}", "\x7f", "W/", "-", "a.b"),
    "ünïcödé " * 3,
)
KINDS = ("work", "Work", "home", "other", "ＷＯＲＫ", "straße", "mobile")


class Maker:
    """Bodies of people and groups; the same seed makes the same."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def maybe(self, make: Callable[[], T], chance: float = 0.6) -> T | None:
        return make() if self.rng.random() < chance else None

    def word(self) -> str:
        rng = self.rng
        text = rng.choice(WORDS)
        if rng.random() < 0.2:
            text += rng.choice(WORDS)
        return rng.choice((text, text, text, text.upper(), text.lower(), text.swapcase()))

    def parts(self, row: Row) -> Body:
        return {
            name: self.rng.random() < 0.5 if kind is Kind.BOOLEAN else self.word()
            for name, kind in row.subs.items()
            if self.rng.random() < 0.6
        }

    def element(self, row: Row) -> Body:
        element = self.parts(row)
        if "type" in element:
            element["type"] = self.rng.choice(KINDS)
        return element

    def person(self, number: int, rows: Mapping[str, Row], earlier: Sequence[str]) -> Body:
        """A body to create a person; `earlier` are ids of people, who may be the manager."""
        rng = self.rng
        login = rng.choice(("{w}{n}@example.com", "{n}{w}", "U{n}_{w}", "{w} {n}", "u{n}@ＥＸＡＭＰＬＥ.com"))
        body: Body = {
            "userName": login.format(w=self.word(), n=number),
            "externalId": self.maybe(lambda: rng.choice((self.word(), f"ext-{number % 7}"))),
            "active": self.maybe(lambda: rng.random() < 0.6, 0.8),
            "name": self.maybe(lambda: self.parts(rows["name"]), 0.8),
            "addresses": [self.element(rows["addresses"]) for _ in range(rng.choice((0, 0, 1, 2)))],
        }
        for name in ("emails", "phoneNumbers", "ims", "photos", "entitlements", "roles", "x509Certificates"):
            body[name] = [self.element(rows[name]) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
        names = ("displayName", "nickName", "profileUrl", "title", "userType", "locale", "timezone")
        body |= {name: self.maybe(self.word) for name in names}
        if rng.random() < 0.7:
            body[ENTERPRISE] = self.enterprise(rows, earlier)
        return body

    def enterprise(self, rows: Mapping[str, Row], earlier: Sequence[str]) -> Body:
        texts = [name for name, row in rows.items() if row.urn == ENTERPRISE and row.kind is Kind.TEXT]
        return {name: self.maybe(self.word) for name in texts} | {
            "manager": self.maybe(lambda: {"value": self.rng.choice([*earlier, "nobody", self.word()])})
        }

    def group(self, people: Sequence[str]) -> Body:
        """A body to create a group with some of these people."""
        size = self.rng.choice((0, 1, 3, 10))
        return {
            "displayName": self.word() + self.rng.choice(("", " team")) or "x",
            "externalId": self.maybe(self.word),
            "members": [{"value": one} for one in self.rng.sample(people, size)],
        }


COMPARISONS = ("eq", "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
OPERATORS = {
    Kind.BOOLEAN: ("eq", "ne"),
    Kind.BINARY: ("eq", "ne", "co", "sw", "ew"),
}


class FilterMaker:
    """Filters on resources of one type, which match present values more often than absent ones."""

    def __init__(self, rng: Random, rows: Mapping[str, Row], resources: Sequence[Resource]) -> None:
        self.rng = rng
        self.rows = rows
        self.core = CORE_GROUP if rows is GROUP_ROWS else CORE_USER
        self.names = tuple(rows)
        self.many = tuple(name for name, row in rows.items() if row.many)
        self.there = {name: self._seen(name, resources) for name in self.names}

    def _seen(self, name: str, resources: Sequence[Resource]) -> dict[str | None, list[Value]]:
        """The values that an attribute and its parts have, so that filters find something."""
        row = self.rows[name]
        seen: dict[str | None, list[Value]] = {sub: [] for sub in (None, *row.subs)}
        for resource in resources:
            value = (resource.get(row.urn, {}) if row.urn else resource).get(name)
            for element in value if isinstance(value, list) else [value]:
                if isinstance(element, dict):
                    for sub in row.subs:
                        seen[sub].append(element.get(sub))
                else:
                    seen[None].append(element)
        return {sub: [value for value in values if value is not None] for sub, values in seen.items()}

    def tree(self, depth: int = 3) -> Tree:
        """A filter of up to about ten comparisons."""
        choice = self.rng.random()
        if depth == 0 or choice < 0.45:
            return self.within() if self.rng.random() < 0.3 else self.test()
        if choice < 0.6:
            return Opposite(self.tree(depth - 1))
        parts = tuple(self.tree(depth - 1) for _ in range(self.rng.choice((2, 2, 3))))
        return Both(parts) if choice < 0.8 else Either(parts)

    def test(self) -> Test:
        rng = self.rng
        attribute = rng.choice(self.names)
        row = self.rows[attribute]
        sub = rng.choice((None, *row.subs, *row.subs)) if row.subs else None
        if sub is None and row.subs and "value" not in row.subs:
            return Test(Name(attribute), *rng.choice((("pr",), ("eq", None), ("ne", None))))
        if rng.random() < 0.02 and self.rows is not GROUP_ROWS:
            return Test(Name(rng.choice((CORE_USER, ENTERPRISE, SEAT))), "pr")
        kind = row.subs[sub or "value"] if row.subs else row.kind
        return self.comparison(Name(attribute, sub), kind, self.there[attribute][sub if row.subs else None])

    def comparison(self, name: Name, kind: Kind | None, there: Sequence[Value]) -> Test:
        choice = self.rng.random()
        if kind is None or choice < 0.1:
            return Test(name, "pr")
        if choice < 0.14:
            return Test(name, self.rng.choice(("eq", "ne")), None)
        operator = self.rng.choice(OPERATORS.get(kind, COMPARISONS))
        return Test(name, operator, self.literal(kind, operator, there))

    def within(self) -> Within:
        attribute = self.rng.choice(self.many)
        row = self.rows[attribute]
        last = self.inside(attribute, row) if row.subs and self.rng.random() < 0.3 else None
        return Within(attribute, self.inner(attribute, row, 2), last)

    def inner(self, attribute: str, row: Row, depth: int) -> Tree:
        choice = self.rng.random()
        if depth == 0 or choice < 0.5:
            return self.inside(attribute, row)
        if choice < 0.65:
            return Opposite(self.inner(attribute, row, depth - 1))
        parts = tuple(self.inner(attribute, row, depth - 1) for _ in range(2))
        return Both(parts) if choice < 0.85 else Either(parts)

    def inside(self, attribute: str, row: Row) -> Test:
        sub = self.rng.choice(tuple(row.subs)) if row.subs else "value"
        kind = row.subs.get(sub, row.kind)
        return self.comparison(Name(sub), kind, self.there[attribute][sub if row.subs else None])

    def literal(self, kind: Kind, operator: str, there: Sequence[Value]) -> Value:
        rng = self.rng
        value = rng.choice(there) if there and rng.random() < 0.8 else rng.choice(WORDS)
        if kind is Kind.BOOLEAN:
            return rng.choice((True, False, "True", "false"))
        text = str(value)
        if kind is Kind.DATE:
            return self.date(text if there and value in there else "2026-03-01T08:30:00Z", operator)
        if operator in ("co", "sw", "ew") and text:
            start, end = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
            text = {"co": text[start:end], "sw": text[:end], "ew": text[start:]}[operator]
        change = rng.choice((str, str, str.upper, str.lower, str.swapcase, str.title))
        text = change(text)
        if rng.random() < 0.2:
            text = unicodedata.normalize(rng.choice(("NFC", "NFD")), text)
        return text

    def date(self, text: str, operator: str) -> str:
        rng = self.rng
        if operator in ("co", "sw", "ew"):
            return rng.choice(
                (text[: rng.randrange(len(text))], text[rng.randrange(len(text)) :], text[11:19])
            )
        moment = instant(text) + rng.choice((0, 0, 1, -1, 3600)) * timedelta(seconds=1)
        zone = timezone(timedelta(minutes=rng.choice((0, 60, -330, 840))))
        shown = moment.astimezone(rng.choice((UTC, zone))).isoformat()
        return rng.choice((shown, shown.replace("+00:00", "Z"), shown.replace("+00:00", "")))

    def text(self, tree: Tree) -> str:
        """The filter as some client would write it."""
        match tree:
            case Both(parts):
                return self._space(self._any_case("and")).join(self._operand(part, Either) for part in parts)
            case Either(parts):
                return self._space(self._any_case("or")).join(self._operand(part) for part in parts)
            case Opposite(part):
                return f"{self._any_case('not')}{self.rng.choice((' ', ''))}({self.text(part)})"
            case Within(attribute, part, last):
                ending = f".{self._comparison(self._any_case(last.name.attribute), last)}" if last else ""
                return f"{self._path(attribute)}[{self.text(part)}]{ending}"
            case Test(name):
                sub = f".{self._any_case(name.sub)}" if name.sub else ""
                return self._comparison(self._path(name.attribute) + sub, tree)

    def _operand(self, tree: Tree, *looser: type) -> str:
        text = self.text(tree)
        return f"({text})" if isinstance(tree, looser) or self.rng.random() < 0.1 else text

    def _comparison(self, path: str, test: Test) -> str:
        if test.operator == "pr":
            return f"{path} {self._any_case('pr')}"
        return f"{path}{self._space(self._any_case(test.operator))}{self._literal(test.literal)}"

    def _literal(self, value: Value) -> str:
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=self.rng.random() < 0.5)
        return self._any_case(json.dumps(value))

    def _path(self, attribute: str) -> str:
        row = self.rows.get(attribute)
        if row is None or self.rng.random() < 0.8:
            return self._any_case(attribute)
        return f"{self._any_case(row.urn or self.core)}:{self._any_case(attribute)}"

    def _any_case(self, word: str) -> str:
        change = self.rng.choice((str, str, str.upper, str.lower, str.swapcase))
        return change(word)

    def _space(self, word: str) -> str:
        return f"{self.rng.choice((' ', '  '))}{word}{self.rng.choice((' ', '  '))}"
