"""Every message of the console has a Spanish translation, and the catalogue has no others."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from scim_server import console

FOLDER = Path(console.__file__).parent
KEYWORDS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "forms": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|%")


MARKED = (
    "audit.py: gettext(KINDS[",
    "audit_details.py: gettext(_REASONS[",
    "audit_details.py: gettext(_FIELDS[",
    "audit_details.py: gettext(message)",
    "audit_words.py: gettext(_SETTINGS[",
    "audit_words.py: gettext(message)",
    "left_out_words.py: ngettext(*words, ",
    "menu.py: gettext(name)",
    "people_words.py: ngettext(*words, len(named)",
)
"""Calls with messages that `_` or `forms` marked before, as literal texts."""


def in_template(file: Path) -> Iterator[tuple[str, ...]]:
    with file.open("rb") as opened:
        for _, message, _, _ in extract(
            "jinja2.ext:babel_extract", opened, KEYWORDS, options={"silent": "false"}
        ):
            yield message if isinstance(message, tuple) else (message,)


def calls(file: Path) -> Iterator[ast.Call]:
    """The calls that mark or translate a message. Babel itself finds none inside an f-string."""
    for call in ast.walk(ast.parse(file.read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS:
            yield call


def in_module(file: Path) -> Iterator[tuple[str, ...]]:
    for call in calls(file):
        forms = call.args[: len(KEYWORDS[call.func.id] or (1,))] if isinstance(call.func, ast.Name) else []
        literal = [one.value for one in forms if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if literal:
            yield tuple(literal)


@cache
def written() -> set[tuple[str, ...]]:
    """The messages of the templates and modules; those with two forms are pairs."""
    templates = {message for file in FOLDER.glob("templates/*.html") for message in in_template(file)}
    return templates | {message for file in FOLDER.glob("*.py") for message in in_module(file)}


@cache
def catalogue() -> dict[tuple[str, ...], Message]:
    source = (FOLDER / "translations/es.po").read_bytes()
    read: Catalog = read_po(BytesIO(source), locale="es", abort_invalid=True)
    return {texts(message.id): message for message in read if message.id}


def texts(given: object) -> tuple[str, ...]:
    """The forms of a message; most have one."""
    return tuple(map(str, given)) if isinstance(given, tuple | list) else (str(given or ""),)


def test_every_message_is_translated_and_every_translation_is_used() -> None:
    messages, translations = written(), catalogue()

    assert len(messages) > 100, "the messages were not found"
    assert sorted(messages - set(translations)) == []
    assert sorted(set(translations) - messages) == []
    assert [one.id for one in translations.values() if one.fuzzy or not all(texts(one.string))] == []


def test_a_translation_has_the_placeholders_of_its_message() -> None:
    different = [
        (text, translated)
        for message, one in catalogue().items()
        for text, translated in zip(message, texts(one.string), strict=True)
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translated))
    ]

    assert different == []


def test_a_message_is_a_literal_text_except_where_it_was_marked_before() -> None:
    """Only literal texts are found and translated."""
    variable = {
        f"{file.name}: {ast.unparse(call)}"
        for file in FOLDER.glob("*.py")
        for call in calls(file)
        if not (call.args and isinstance(call.args[0], ast.Constant))
    }

    assert {one for one in variable if not one.startswith(MARKED)} == set()


def test_the_style_sheet_is_under_20_kilobytes() -> None:
    assert (FOLDER / "static/console.css").stat().st_size < 20_000
