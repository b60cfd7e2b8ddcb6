"""Reads files of people and groups: CSV, JSON Lines (also exports of this product), arrays and SCIM lists."""

import codecs
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import NotJson, ScimError
from scim_server.protocol.messages import get_any_case, parse_list, parse_text
from scim_server.services.errors import UnreadableFile
from scim_server.services.imports import found
from scim_server.services.imports.found import Found
from scim_server.services.simulation import csv_files
from scim_server.store.rows.staged import GROUP, PERSON

MOST_BYTES: Final = 256 * 1024 * 1024
"""The largest CSV file, array or SCIM list. JSON Lines are read line by line, so they may be larger."""
_OTHER_ENCODINGS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_BLOCK: Final = 1024 * 1024
_PARTS: Final = frozenset({found.SCHEMA, found.RESOURCE_TYPE, found.RESOURCE, found.MEMBERS, PERSON, GROUP})
_ABOUT: Final = frozenset({"organization", "mapping", "end"})
"""Lines of an export that are not imported."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to import.

    Attributes:
        name: its name, for messages.
    """

    path: Path

    @property
    def name(self) -> str:
        """The name of the file, without folders."""
        return self.path.name

    def digest(self) -> str:
        """The digest of the content.

        Raises:
            UnreadableFile: the file cannot be read.
        """
        digest = hashlib.sha256()
        with self._opened() as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise UnreadableFile(f"{self.path} cannot be read: {error.strerror}") from None

    def entries(self) -> Iterator[Found]:
        """What the file contains, in its order.

        Raises:
            UnreadableFile: the whole file cannot be read.
        """
        with self._opened() as stream:
            start = stream.read(_BLOCK)
        if start.startswith(_OTHER_ENCODINGS):
            raise UnreadableFile("the file is UTF-16. Save it as UTF-8 (in a spreadsheet, as 'CSV UTF-8')")
        text = start.removeprefix(codecs.BOM_UTF8).lstrip()
        if text.startswith(b"{") and _is_object(text.partition(b"\n")[0]):
            return self._lines()
        return _whole(self._text())

    def _lines(self) -> Iterator[Found]:
        """The lines of a file in JSON Lines, read one after another."""
        ends, complete = False, True
        with self._opened() as stream:
            for number, line in enumerate(stream, start=1):
                content = line.removeprefix(codecs.BOM_UTF8).strip()
                if not content:
                    continue
                values = _parsed(number, content)
                if isinstance(values, Found):
                    yield values
                    continue
                kind = values.get("type")
                ends |= kind == "organization"
                complete = not ends or kind == "end"
                if kind not in _ABOUT or "userName" in values:
                    yield _of_object(values, number)
        if not complete:
            raise UnreadableFile("the export is cut off: its last line is missing. Export it again")

    def _text(self) -> str:
        with self._opened() as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise UnreadableFile(f"the file is larger than {MOST_BYTES // 1024 // 1024} MB. Use JSON Lines")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UnreadableFile(
                f"line {line} is not UTF-8. Save the file as UTF-8 (in a spreadsheet, as 'CSV UTF-8')"
            ) from None


def _is_object(line: bytes) -> bool:
    """Whether a line is a whole JSON object. A SCIM list or a single object may have several lines."""
    try:
        values = parse_text(line.decode())
    except (ScimError, UnicodeDecodeError):
        return False
    return not isinstance(get_any_case(values, "Resources"), list)


def _parsed(line: int, content: bytes) -> dict[str, JSON] | Found:
    try:
        return parse_text(content.decode())
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except NotJson:
        problem = "is not JSON. Write one object on each line"
    except ScimError as error:
        problem = error.detail
    return Found(PERSON, {}, line, problem)


def _whole(text: str) -> Iterator[Found]:
    start = text.lstrip()[:1]
    if start == "[":
        return _listed(_read(lambda: parse_list(text)))
    if start == "{":
        whole = _read(lambda: parse_text(text))
        resources = get_any_case(whole, "Resources")
        return _listed(resources if isinstance(resources, list) else [whole])
    _, rows = csv_files.rows(text)
    return map(_of_row, rows)


def _read(parse: Any) -> Any:  # noqa: ANN401 - either of two parsers, and its result
    try:
        return parse()
    except ScimError as error:
        raise UnreadableFile(f"the file cannot be read: {error.detail}") from None


def _listed(values: Iterable[JSON]) -> Iterator[Found]:
    for number, value in enumerate(values, start=1):
        if isinstance(value, dict):
            yield _of_object(value, number)
        else:
            yield Found(PERSON, {}, number, "is not a JSON object. Write an object with a userName")


def _of_object(values: Mapping[str, Any], line: int) -> Found:
    """A line of an export, or a SCIM resource."""
    kind = values.get("type")
    if kind in _PARTS and "userName" not in values:
        if kind == GROUP:
            return found.group(values.get("scim") or {}, line)
        if kind == found.MEMBERS:
            listed = values.get("members")
            ids = tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()
            return Found(found.MEMBERS, {"group": values.get("group")}, line, members=ids)
        return Found(str(kind), values, line)
    return found.resource(values, line)


def _of_row(row: csv_files.Row | tuple[int, str]) -> Found:
    line, cells = row
    if isinstance(cells, str):
        return Found(PERSON, {}, line, cells)
    try:
        body = csv_files.described(cells)
    except ValueError as error:
        return Found(PERSON, {}, line, str(error))
    more: dict[str, Any] = {"groups": list(csv_files.parts(cells["groups"]))} if "groups" in cells else {}
    if cells.get("tier"):
        more["wants"] = cells["tier"]
    if cells.get("id"):
        body["id"] = cells["id"]
    return found.person(body, line, **more)
