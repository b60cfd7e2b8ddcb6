"""Loads traces, which are files with one JSON object per line. Each line is one step of a conversation.

Nothing in a file is ignored. For an unknown key, matcher or variable, the error gives file and line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.fields import TraceError, parse_object
from conformance.step import CONTROL, LIST, Step, read_step
from conformance.variables import GIVEN, names

SHIPPED = Path(__file__).parent / "traces"


@dataclass(frozen=True)
class Conversation:
    """One trace: steps that run in order in a fresh organization."""

    name: str
    title: str
    steps: tuple[Step, ...]

    @property
    def needs_control(self) -> bool:
        """Whether any step is a CONTROL step instead of a request."""
        return any(step.method == CONTROL for step in self.steps)


def load(path: Path, name: str | None = None) -> Conversation:
    """Load the conversation of one file.

    Raises:
        TraceError: the file cannot be read or used; the message begins with `file:line`.
    """
    steps: list[Step] = []
    for line, text in enumerate(_lines(path), start=1):
        try:
            steps.append(read_step(parse_object(text), line))
        except TraceError as error:
            raise TraceError(f"{path}:{line}: {error}") from None
    if not steps:
        raise TraceError(f"{path}:1: contains no step")
    _know_every_variable(path, steps)
    return Conversation(name or path.stem, steps[0].title, tuple(steps))


def find(trace: str) -> list[Conversation]:
    """The conversations of an argument: a file, a folder, or the name of traces in the package."""
    path = Path(trace)
    # An empty text would mean the current folder.
    if trace and path.is_dir():
        return _folder(path, path)
    if path.suffix == ".jsonl" or path.is_file():
        return [load(path)]
    for known in (SHIPPED / f"{trace}.jsonl", SHIPPED / trace):
        if trace and known.resolve().is_relative_to(SHIPPED.resolve()) and known.exists():
            return _folder(SHIPPED, known) if known.is_dir() else [load(known, trace)]
    raise TraceError(f"{trace}: neither a file, nor a folder, nor a trace in the package (see: list)")


def shipped() -> list[Conversation]:
    """Every trace in the package."""
    return _folder(SHIPPED, SHIPPED)


def _folder(root: Path, folder: Path) -> list[Conversation]:
    paths = sorted(folder.rglob("*.jsonl"))
    if not paths:
        raise TraceError(f"{folder}: contains no .jsonl file")
    return [load(path, path.relative_to(root).with_suffix("").as_posix()) for path in paths]


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").rstrip().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise TraceError(f"{path}: {reason}") from None
    return lines if lines != [""] else []


def _know_every_variable(path: Path, steps: Iterable[Step]) -> None:
    known = set(GIVEN)
    for step in steps:
        expected = [step.json, step.expect_headers, step.expect_counts]
        wanted = names([step.path, *step.headers.values(), step.body, *expected])
        rounds = {step.repeat.variable} if step.repeat else set()
        saved = {name.removesuffix(LIST) for name in step.save}
        unknown = (wanted - known - rounds) | (set(step.expect_disjoint) - known - saved)
        if unknown:
            raise TraceError(f"{path}:{step.line}: no earlier step saves the variable {min(unknown)!r}")
        known |= saved
