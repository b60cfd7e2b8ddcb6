"""The variables of a conversation: given values, saved values of answers, and their use in templates."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from conformance.jsonpath import Json

_NAME = re.compile(r"\$\{(\w+)\}")
_GUIDS = tuple(f"guid{number}" for number in range(1, 10))

# The current element inside {"$each": "ids", "as": {...}}.
ITEM = "item"
GIVEN = frozenset({"base", "token", "bad_token", "run", "RUN", *_GUIDS})


class UnsetVariableError(LookupError):
    """A template uses a variable that no earlier answer has set."""


@dataclass(frozen=True)
class Variables:
    """Names and their values.

    Every change makes a new object, so parallel rounds do not affect each other.
    """

    values: Mapping[str, Json]

    def holding(self, name: str, value: Json) -> "Variables":
        """A copy with one more variable."""
        return Variables({**self.values, name: value})

    def text(self, template: str) -> str:
        """The template with each `${name}` replaced by its value's text."""
        return _NAME.sub(lambda match: _as_text(self._value(match[1])), template)

    def fill(self, template: Json) -> Json:
        """Fill in the template; a text that is only one variable becomes its value, with the same type."""
        if isinstance(template, str):
            alone = _NAME.fullmatch(template)
            return self._value(alone[1]) if alone else self.text(template)
        if isinstance(template, list):
            return [self.fill(element) for element in template]
        if isinstance(template, dict):
            if "$each" in template:
                return self._each(str(template["$each"]), template.get("as"))
            return {self.text(key): self.fill(value) for key, value in template.items()}
        return template

    def listed(self, name: str) -> list[Json]:
        """The value as a list; a single value becomes a list of one."""
        value = self._value(name)
        return value if isinstance(value, list) else [value]

    def _each(self, name: str, template: Json) -> list[Json]:
        return [self.holding(ITEM, element).fill(template) for element in self.listed(name)]

    def _value(self, name: str) -> Json:
        if name not in self.values:
            raise UnsetVariableError(f"${{{name}}} has no value, because no earlier answer set it")
        return self.values[name]


def fresh_run() -> str:
    """A new, unique run id: lower-case letters and digits, beginning with a letter."""
    return f"r{secrets.token_hex(6)}"


def given(base: str, token: str, run_id: str) -> Variables:
    """The variables that every conversation has at its start."""
    return Variables(
        {
            "base": base,
            "token": token,
            "bad_token": f"bad{secrets.token_hex(8)}",
            "run": run_id,
            "RUN": run_id.upper(),
            **{name: str(uuid4()) for name in _GUIDS},
        }
    )


def names(template: Json) -> set[str]:
    """The name of every variable in a template."""
    if isinstance(template, str):
        return set(_NAME.findall(template))
    if isinstance(template, list):
        return set().union(*(names(element) for element in template))
    if isinstance(template, dict):
        if "$each" in template:
            return {str(template["$each"])} | (names(template.get("as")) - {ITEM})
        return set().union(*(names(key) | names(value) for key, value in template.items()))
    return set()


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
