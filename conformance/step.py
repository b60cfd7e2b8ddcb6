"""One step of a trace: a request, its expected answer, and the values to save."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from conformance.fields import Fields
from conformance.jsonpath import Json, PathError, pieces
from conformance.variables import GIVEN

# The method of a step that is not a request. The control command carries it out.
CONTROL = "CONTROL"
LIST = "[]"

_FIDELITIES = ("verbatim", "documented", "observed", "derived", "inferred", "assertion", "harness")
_OF_ANSWERS = ("save", "repeat", "max_ms", "expect_headers", "expect_counts", "expect_disjoint")
_KEYS = frozenset(
    {"title", "step", "method", "path", "headers", "body", "expect", "fidelity", "comment", "optional"}
    | set(_OF_ANSWERS)
)

# What `"parallel": true` means: enough requests for a race, but few enough for any machine.
_ALL_AT_ONCE = 64


@dataclass(frozen=True)
class Repeat:
    """Runs the step once for each value of a variable, with the given number of requests at a time."""

    variable: str
    first: int
    last: int
    at_once: int = 1


@dataclass(frozen=True)
class Step:
    """One line of a trace."""

    line: int
    title: str
    number: int
    method: str
    path: str
    headers: dict[str, str]
    body: Json
    statuses: tuple[int, ...]
    expects_json: bool
    json: Json
    save: dict[str, str]
    fidelity: str
    comment: str
    repeat: Repeat | None
    max_ms: int | None
    expect_headers: dict[str, Json]
    expect_counts: dict[str, Json]
    expect_disjoint: tuple[str, ...]
    optional: bool


def read_step(raw: dict[str, Json], line: int) -> Step:
    """Read the step in a line of a trace.

    Raises:
        TraceError: a key is missing, unknown or unusable.
    """
    fields = Fields(raw, _KEYS)
    expect = fields.inner("expect", ("status", "json"))
    step = Step(
        line=line,
        title=fields.text("title", ""),
        number=fields.whole("step", line),
        method=fields.text("method", pattern="[A-Z]+"),
        path=fields.text("path", pattern=r"(/|\$\{).*"),
        headers=fields.texts("headers"),
        body=_body(fields),
        statuses=tuple(_statuses(expect)),
        expects_json="json" in expect,
        json=expect.expectation("json"),
        save=_save(fields),
        fidelity=fields.text("fidelity", "", pattern="|".join(("", *_FIDELITIES))),
        comment=fields.text("comment", ""),
        repeat=_repeat(fields) if "repeat" in fields else None,
        max_ms=fields.whole("max_ms") if "max_ms" in fields else None,
        expect_headers=fields.expectations("expect_headers"),
        expect_counts=_counts(fields),
        expect_disjoint=tuple(_variables(fields, "expect_disjoint")),
        optional=fields.flag("optional"),
    )
    if step.title and line > 1:
        fields.refuse("title", "is only possible in the first step")
    if step.method == CONTROL:
        _refuse_answers(fields, step)
    return step


def _refuse_answers(fields: Fields, step: Step) -> None:
    for key in _OF_ANSWERS:
        if fields.value(key):
            fields.refuse(key, "has no meaning in a CONTROL step")
    if step.statuses or step.expects_json:
        fields.refuse("expect", "has no meaning in a CONTROL step")


def _statuses(expect: Fields) -> Iterator[int]:
    for status in expect.elements("status"):
        if not isinstance(status, int) or not HTTPStatus.CONTINUE <= status <= 599:  # noqa: PLR2004 - the last status
            expect.refuse("status", f"contains {status!r}, which is not an HTTP status")
        yield status


def _counts(fields: Fields) -> dict[str, Json]:
    counts = fields.expectations("expect_counts")
    for status in counts:
        if not status.isdecimal():
            fields.refuse("expect_counts", f"contains {status!r}, which is not an HTTP status")
    return counts


def _variables(fields: Fields, key: str) -> Iterator[str]:
    for name in fields.elements(key):
        if not isinstance(name, str):
            fields.refuse(key, "contains a name that is not text")
        yield name


def _save(fields: Fields) -> dict[str, str]:
    for name, path in fields.texts("save").items():
        plain = name.removesuffix(LIST)
        if not plain.isidentifier() or plain in GIVEN:
            fields.refuse("save", f"cannot set {name!r}")
        try:
            list(pieces(path))
        except PathError as error:
            fields.refuse("save", f"cannot use the path {error}")
    return fields.texts("save")


def _repeat(fields: Fields) -> Repeat:
    repeat = fields.inner("repeat", ("var", "from", "to", "parallel"))
    first = repeat.whole("from", minimum=0)
    parallel = repeat.value("parallel")
    if parallel is None or isinstance(parallel, bool):
        at_once = _ALL_AT_ONCE if parallel else 1
    else:
        at_once = repeat.whole("parallel")
    return Repeat(repeat.text("var", pattern=r"\w+"), first, repeat.whole("to", minimum=first), at_once)


def _body(fields: Fields) -> Json:
    for value in _objects(fields.value("body")):
        if "$each" in value and (value.keys() != {"$each", "as"} or not isinstance(value["$each"], str)):
            fields.refuse("body", 'contains an "$each" that is not {"$each": "name", "as": ...}')
    return fields.value("body")


def _objects(value: Json) -> Iterator[dict[str, Json]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(child)
