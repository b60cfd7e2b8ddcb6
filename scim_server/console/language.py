"""The languages of the console. Messages are written in English; `translations` has the others."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import request

LANGUAGES: Final = {"en": "English", "es": "Español"}
"""The names of the languages, by their codes."""
DEFAULT: Final = "en"


@cache
def translations(language: str) -> NullTranslations:
    """The messages of a language. Catalogues are read as text, so that no build is needed."""
    if language == DEFAULT:
        return NullTranslations()
    source = files("scim_server.console").joinpath("translations", f"{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def of_browser() -> str:
    """The language of the request that the browser prefers."""
    return request.accept_languages.best_match(tuple(LANGUAGES)) or DEFAULT


def known(language: str) -> str:
    """The language itself, or the default if the console does not have it."""
    return language if language in LANGUAGES else DEFAULT
