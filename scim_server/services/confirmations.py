"""Confirmation codes of previews. A command does exactly what the preview showed, or nothing.

A command that changes money, access or history has a preview. The preview contains a confirmation code for
the organization, the command and everything that the preview showed. A command with a confirmation code does
its work, compares the result with the preview, and rolls back if they differ.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

import orjson

from scim_server.services.context import Context
from scim_server.store.database.session import Write

T = TypeVar("T")

_WHOLE: Final = 24
_PIECE: Final = 6
_MOST_NAMES: Final = 10


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a preview.

    Attributes:
        name: the name of the part with its verb, such as `the price is`.
        value: the whole part, as JSON values.
        words: the same part as a short text for people.
    """

    name: str
    value: object
    words: str


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The result of a command, or of its preview.

    Attributes:
        confirmation: the confirmation code for this result; None if there is nothing to confirm.
        preview: whether the command was rolled back.
    """

    result: T
    confirmation: str | None
    preview: bool


@dataclass(frozen=True, slots=True)
class Stale:
    """The result would differ from the confirmed preview, so nothing was done.

    Attributes:
        foreign: whether the confirmation code is for another organization or another command.
        changed: the parts that differ from the preview.
        instead: what would have been done, as a new preview.
    """

    code: ClassVar[str] = "stale_confirmation"
    foreign: bool
    changed: tuple[Part, ...]
    instead: "Done[Any]"

    @property
    def detail(self) -> str:
        """The message for people."""
        why = (
            "this confirmation code is for another organization or command"
            if self.foreign
            else "the preview is no longer correct"
        )
        now = "; ".join(f"{one.name} now {one.words}" for one in self.changed)
        return f"{why}, so nothing was done: {now}. Make a new preview and confirm it"


def carry_out(  # noqa: PLR0913 - the work, what it shows, and the three ways to run it
    context: Context,
    command: str,
    work: Callable[[Write], T],
    shows: Callable[[T], Sequence[Part] | None],
    *,
    preview: bool = False,
    confirmation: str | None = None,
    due_first: bool = True,
) -> Done[T] | Stale:
    """Run a unit of work as a preview, with a confirmation code, or directly.

    Args:
        command: a stable word, so that a confirmation code is valid only for one command.
        shows: returns the parts of the result, always in the same order; None if the work does nothing.
        confirmation: the confirmation code of a preview; None if the caller needs none.
        due_first: whether due changes are applied before the work; false if the work itself applies them.
    """

    def unit(write: Write) -> Done[T]:
        result = work(write)
        parts = shows(result)
        token = None if parts is None else _token(context, command, parts)
        if parts is not None and not preview and confirmation not in (None, token):
            instead = Done(result, token, preview=True)
            raise _Refused(_stale(context, command, parts, str(confirmation), instead))
        return Done(result, token, preview)

    try:
        return context.database.write(
            context.organization, context.actor, unit, due_first=due_first, undo=preview
        )
    except _Refused as refused:
        return refused.stale


def foreseen(context: Context, command: str, result: T, parts: Sequence[Part] | None) -> Done[T]:
    """A preview that was computed without doing the work. Its confirmation code is that of the work."""
    return Done(result, None if parts is None else _token(context, command, parts), preview=True)


def require(
    context: Context, command: str, parts: Sequence[Part], confirmation: str | None, instead: Done[T]
) -> None:
    """Refuse a confirmation code early, inside `carry_out`, if one of the first parts differs from it.

    Args:
        parts: the first parts of the preview, which are known before the work is done.
    """
    if confirmation is None:
        return
    seen = _pieces_seen(confirmation)
    known = [piece[:_PIECE] for piece in _pieces(context, command, parts)]
    if seen[: len(known)] != known:
        raise _Refused(_stale(context, command, parts, confirmation, instead))


def names(people: Sequence[str]) -> str:
    """The people as a short text, for the words of a part."""
    if not people:
        return "nobody"
    more = len(people) - _MOST_NAMES
    return ", ".join(people[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


class _Refused(Exception):
    """Carries the refusal out of the transaction, which is then rolled back."""

    def __init__(self, stale: Stale) -> None:
        super().__init__()
        self.stale = stale


def _pieces(context: Context, command: str, parts: Sequence[Part]) -> list[str]:
    return [_digest([context.organization, command]), *(_digest(part.value) for part in parts)]


def _token(context: Context, command: str, parts: Sequence[Part]) -> str:
    """The digest of all parts, then the start of each part's digest, from which changed parts can be seen."""
    pieces = _pieces(context, command, parts)
    return _digest(pieces)[:_WHOLE] + "".join(piece[:_PIECE] for piece in pieces)


def _pieces_seen(given: str) -> list[str]:
    seen = given[_WHOLE:]
    return [seen[start : start + _PIECE] for start in range(0, len(seen), _PIECE)]


def _stale(context: Context, command: str, parts: Sequence[Part], given: str, instead: Done[T]) -> Stale:
    """Compare all parts, or the first parts, with a confirmation code."""
    pieces = [piece[:_PIECE] for piece in _pieces(context, command, parts)]
    seen = _pieces_seen(given)
    if len(seen) < len(pieces) or seen[0] != pieces[0]:
        return Stale(foreign=True, changed=tuple(parts), instead=instead)
    pairs = zip(parts, pieces[1:], seen[1:], strict=False)
    changed = tuple(part for part, now, before in pairs if now != before)
    return Stale(foreign=False, changed=changed, instead=instead)


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
