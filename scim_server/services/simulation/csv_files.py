"""People in CSV files, with the columns of this project, of Okta's exports or of Entra's exports."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

from scim_server.protocol.attributes import JSON
from scim_server.services.errors import UnreadableFile

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "userName": ("username", "login", "userprincipalname", "upn"),
    "displayName": ("displayname",),
    "givenName": ("givenname", "firstname", "namegivenname"),
    "familyName": ("familyname", "lastname", "surname", "namefamilyname"),
    "emails": ("email", "emails", "mail", "emailaddress", "primaryemail"),
    "externalId": ("externalid", "objectid"),
    "id": ("id", "scimid"),
    "active": ("active", "accountenabled", "enabled", "status"),
    "groups": ("groups", "group", "memberof"),
    "tier": ("tier", "tierwanted", "wants"),
}
"""The meaning of a heading. The key is its text in lower case, without spaces and signs."""
_ALIASES: Final = {alias: name for name, aliases in _COLUMNS.items() for alias in aliases}
_NO_LETTER: Final = re.compile(r"[\W_]+")
_YES: Final = frozenset(
    {"true", "yes", "1", "active", "enabled", "provisioned", "staged", "recovery", "password expired"}
    | {"password_expired", "locked_out", "locked out"}
)
_NO: Final = frozenset(
    {"false", "no", "0", "inactive", "disabled", "deactivated", "deprovisioned", "suspended"}
)
"""Values of `active`, including those of Okta's `status`. A locked-out person still has an account."""

Row = tuple[int, Mapping[str, str]]
"""The first line of a row, and its cells by the meaning of their column."""


def rows(text: str) -> tuple[list[str], Iterator[Row | tuple[int, str]]]:
    """The rows of a file, and the headings of ignored columns.

    Returns:
        The cells or the fault of each row, and the headings.

    Raises:
        UnreadableFile: the header or the whole file cannot be read.
    """
    header = text.lstrip().partition("\n")[0]
    if not header:
        raise UnreadableFile(
            "the file is empty. It must have a header such as userName,displayName,email,groups"
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(header), strict=True)
    records = _records(reader)
    headings = next(cells for _, cells in records if any(cells))
    named = [_ALIASES.get(_NO_LETTER.sub("", heading.lower())) for heading in headings]
    _check(headings, named)
    unused = [heading for heading, name in zip(headings, named, strict=True) if name is None and heading]
    return unused, (_row(line, cells, named) for line, cells in records if any(cells))


def _delimiter(header: str) -> str:
    """The separator. Spreadsheets write semicolons or tabs where commas are decimal signs."""
    return max(",;\t", key=header.count)


class _Reader(Protocol):
    """A reader of the `csv` module, whose own type has no public name."""

    @property
    def line_num(self) -> int:
        """The last line that was read."""

    def __next__(self) -> list[str]: ...


def _records(reader: _Reader) -> Iterator[tuple[int, list[str]]]:
    """The records of the file, each with its first line."""
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFile(
                f"line {line} cannot be read as CSV ({error}). Close every quote, double a quote "
                f"inside a quoted cell, and write at most {csv.field_size_limit():,} characters in a cell"
            ) from None
        yield line, [cell.strip() for cell in cells]
        line = reader.line_num + 1


def _check(headings: Sequence[str], named: Sequence[str | None]) -> None:
    if "userName" not in named:
        shown = ", ".join(headings)[:200]
        raise UnreadableFile(
            "the header has no column with userNames. Call a column userName, login or userPrincipalName. "
            f"The present columns are: {shown}"
        )
    for name in _COLUMNS:
        twice = [heading for heading, said in zip(headings, named, strict=True) if said == name]
        if len(twice) > 1:
            raise UnreadableFile(
                f"the columns {' and '.join(twice)} both contain {name}. Keep only one of them"
            )


def _row(line: int, cells: Sequence[str], named: Sequence[str | None]) -> Row | tuple[int, str]:
    if len(cells) > len(named):
        return (
            line,
            f"has {len(cells)} cells, but the header has {len(named)}. Quote a cell that contains a comma",
        )
    return line, {name: cell for name, cell in zip(named, cells, strict=False) if name is not None}


def described(cells: Mapping[str, str]) -> dict[str, JSON]:
    """The cells of a row as the body of a SCIM request, except groups and tier.

    Raises:
        ValueError: the value of a cell is wrong for its column; the message has the cell and a correct value.
    """
    body: dict[str, JSON] = {
        name: cells[name] for name in ("userName", "displayName", "externalId") if name in cells
    }
    body["name"] = {name: cells[name] for name in ("givenName", "familyName") if cells.get(name)}
    body["emails"] = [{"value": address} for address in parts(cells.get("emails", ""))]
    body["active"] = _active(cells.get("active", ""))
    return body


def _active(cell: str) -> bool | None:
    word = cell.lower()
    if word in _YES or word in _NO:
        return word in _YES
    if word:
        raise ValueError(f"'{cell[:40]}' is not a value for active. Write true or false")
    return None


def parts(cell: str) -> tuple[str, ...]:
    """The values in one cell, which are separated by semicolons."""
    return tuple(part.strip() for part in cell.split(";") if part.strip())
