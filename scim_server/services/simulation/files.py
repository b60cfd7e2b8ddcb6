"""Files of people: CSV, JSON Lines, a JSON array, or a SCIM list response."""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import NotJson, ScimError
from scim_server.protocol.messages import get_any_case, parse_list, parse_text
from scim_server.protocol.schemas import ResourceSchema
from scim_server.protocol.user import parse_user
from scim_server.services.errors import UnreadableFile
from scim_server.services.simulation import csv_files
from scim_server.services.simulation.requests import SimulatedPerson

MOST_PEOPLE: Final = 100_000
MOST_BYTES: Final = 64 * 1024 * 1024
_OTHER_ENCODINGS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


@dataclass(frozen=True, slots=True)
class BadEntry:
    """An entry that is not a valid person.

    Attributes:
        line: the first line of the entry; in a JSON array, the position of the entry.
        problem: the fault, and a correct value.
    """

    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """The content of a file.

    Attributes:
        unit: what an entry of the file is called: `line` or `entry`.
        unused: the headings of ignored columns.
    """

    people: tuple[SimulatedPerson, ...]
    bad: tuple[BadEntry, ...]
    unit: str = "line"
    unused: tuple[str, ...] = ()

    @property
    def bad_in_words(self) -> str:
        """How many entries are wrong, with the verb, such as `one line is` or `3 entries are`."""
        if len(self.bad) == 1:
            return f"one {self.unit} is"
        return f"{len(self.bad)} {'lines' if self.unit == 'line' else 'entries'} are"


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    body: dict[str, JSON]
    groups: tuple[str, ...] | None
    tier: str | None


def read(content: bytes, reader: ResourceSchema, tiers: Sequence[str], tier: str | None = None) -> PeopleFile:
    """Parse a file.

    Args:
        reader: the reader of the organization's Users.
        tiers: the tiers that a person may request.
        tier: the tier of people who have no tier in the file; None for what their groups give.

    Raises:
        UnreadableFile: the whole file cannot be read.
    """
    text = _text(content)
    start = text.lstrip()[:1]
    unit, unused = "line", list[str]()
    if start == "[":
        unit, entries = "entry", _listed(_whole(text))
    elif start == "{":
        resources = _resources(text)
        unit, entries = ("line", _json_lines(text)) if resources is None else ("entry", _listed(resources))
    else:
        unused, found = csv_files.rows(text)
        entries = map(_csv_entry, found)
    return _file(entries, (reader, tiers, tier), unit, unused)


def listed(
    values: Sequence[JSON], reader: ResourceSchema, tiers: Sequence[str], tier: str | None = None
) -> PeopleFile:
    """Parse a list of SCIM Users as the entries of a file; the other arguments are those of `read`."""
    return _file(_listed(values), (reader, tiers, tier), "entry", ())


def _file(
    entries: Iterable[_Entry | BadEntry],
    reading: tuple[ResourceSchema, Sequence[str], str | None],
    unit: str,
    unused: Sequence[str],
) -> PeopleFile:
    made = (entry if isinstance(entry, BadEntry) else _simulated(entry, *reading) for entry in entries)
    people, bad = _each_once(made, unit)
    return PeopleFile(tuple(people), tuple(bad), unit, tuple(unused))


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"the file is larger than {MOST_BYTES // 1024 // 1024} MB. Split it")
    if content.startswith(_OTHER_ENCODINGS):
        raise UnreadableFile("the file is UTF-16. Save it as UTF-8 (in a spreadsheet, as 'CSV UTF-8')")
    nul = content.find(b"\0")
    if nul >= 0:
        raise UnreadableFile(
            f"line {_line(content, nul)} contains NUL, so it is not text. Save the file as UTF-8"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"line {_line(content, error.start)} is not UTF-8. Save the file as UTF-8 (in a "
            "spreadsheet, as 'CSV UTF-8')"
        ) from None


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1


def _whole(text: str) -> list[JSON]:
    try:
        return parse_list(text)
    except ScimError as error:
        raise UnreadableFile(f"the file cannot be read: {error.detail}") from None


def _resources(text: str) -> list[JSON] | None:
    """The resources of a SCIM list, or the single object of the file; None if the file is neither."""
    try:
        whole = parse_text(text)
    except ScimError:
        return None
    found = get_any_case(whole, "Resources")
    return found if isinstance(found, list) else [whole]


def _listed(values: Iterable[JSON]) -> Iterator[_Entry | BadEntry]:
    return (_json_entry(place, value) for place, value in enumerate(values, start=1))


def _json_lines(text: str) -> Iterator[_Entry | BadEntry]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield _json_entry(number, parse_text(line))
            except NotJson:
                yield BadEntry(number, "is not JSON. Write one object with a userName on each line")
            except ScimError as error:
                yield BadEntry(number, error.detail)


def _json_entry(line: int, value: JSON) -> _Entry | BadEntry:
    if not isinstance(value, dict):
        return BadEntry(line, "is not a JSON object. Write an object with a userName")
    body = {name: content for name, content in value.items() if name.lower() not in ("groups", "tier")}
    groups, tier = get_any_case(value, "groups"), get_any_case(value, "tier")
    if tier is not None and not isinstance(tier, str):
        return BadEntry(line, "has a tier that is not text. Write the name of a tier")
    if groups is None:
        return _Entry(line, body, None, tier)
    names = [_group_name(one) for one in groups] if isinstance(groups, list) else [None]
    found = tuple(name for name in names if name is not None)
    if len(found) < len(names):
        return BadEntry(
            line, 'has groups without names. Write ["Engineering"] or [{"display": "Engineering"}]'
        )
    return _Entry(line, body, found, tier)


def _group_name(value: JSON) -> str | None:
    if isinstance(value, dict):
        value = get_any_case(value, "display") or get_any_case(value, "displayName")
    return value if isinstance(value, str) else None


def _csv_entry(row: csv_files.Row | tuple[int, str]) -> _Entry | BadEntry:
    line, cells = row
    if isinstance(cells, str):
        return BadEntry(line, cells)
    try:
        body = csv_files.described(cells)
    except ValueError as error:
        return BadEntry(line, str(error))
    groups = csv_files.parts(cells["groups"]) if "groups" in cells else None
    return _Entry(line, body, groups, cells.get("tier") or None)


def _simulated(
    entry: _Entry, reader: ResourceSchema, tiers: Sequence[str], tier: str | None
) -> SimulatedPerson | BadEntry:
    if entry.tier is not None and entry.tier not in tiers:
        return BadEntry(
            entry.line, f"has the unknown tier '{entry.tier[:40]}'. The tiers are: {', '.join(tiers)}"
        )
    try:
        user = parse_user(entry.body, reader)
    except ScimError as error:
        return BadEntry(entry.line, error.detail)
    return SimulatedPerson.described(user, entry.groups, entry.tier or tier, entry.line)


def _each_once(
    made: Iterable[SimulatedPerson | BadEntry], unit: str
) -> tuple[list[SimulatedPerson], list[BadEntry]]:
    """The valid people, and the faults of the other entries. A second entry for one person is a fault."""
    people, bad = dict[str, SimulatedPerson](), list[BadEntry]()
    for one in made:
        if len(people) + len(bad) >= MOST_PEOPLE:
            raise UnreadableFile(f"the file contains more than {MOST_PEOPLE:,} people. Split it")
        if isinstance(one, BadEntry):
            bad.append(one)
        elif (first := people.setdefault(one.user_name_key, one)) is not one:
            place = 0 if one.line is None else one.line
            bad.append(
                BadEntry(
                    place,
                    f"has the userName {one.user_name}, like {unit} {first.line}. Keep only one of them",
                )
            )
    return list(people.values()), bad
