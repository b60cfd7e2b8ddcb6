"""Prints outcomes as text for people and as JSON for programs."""

import json
from collections.abc import Iterator, Mapping, Sequence

from conformance.jsonpath import Json
from conformance.outcome import Exchange, Outcome, StepOutcome

_BODY_SHOWN = 2000
_PATH_SHOWN = 78


def as_text(outcome: Outcome, *, only_failures: bool = False) -> str:
    """The report of one conversation; empty if only failures are wanted and there are none."""
    steps = [step for step in outcome.steps if not (only_failures and step.passed)]
    if only_failures and outcome.passed and not steps:
        return ""
    lines = [f"{'passed' if outcome.passed else 'FAILED'}  {outcome.name}  {outcome.title}".rstrip()]
    if outcome.reason is not None:
        lines.append(f"  {outcome.reason}")
    for step in steps:
        lines += _step(step)
    return "".join(f"{_printable(line)}\n" for line in lines)


def summary(outcomes: Sequence[Outcome]) -> str:
    """The last line: how many conversations passed and failed."""
    passed = sum(outcome.passed for outcome in outcomes)
    return f"{passed} passed, {len(outcomes) - passed} failed\n"


def as_json(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as one JSON object on one line."""
    passed = sum(outcome.passed for outcome in outcomes)
    document: Json = {
        "conversations": [_conversation(outcome) for outcome in outcomes],
        "passed": passed,
        "failed": len(outcomes) - passed,
    }
    return json.dumps(document) + "\n"


def _conversation(outcome: Outcome) -> Json:
    return {
        "name": outcome.name,
        "passed": outcome.passed,
        "reason": outcome.reason,
        "steps": [
            {
                "step": step.number,
                "method": step.method,
                "path": step.path,
                "status": step.status,
                "passed": step.passed,
                "optional": step.optional,
                "failures": list(step.failures),
            }
            for step in outcome.steps
        ],
    }


def _step(step: StepOutcome) -> Iterator[str]:
    verdict = "ok" if step.passed else "failed, optional" if step.optional else "FAILED"
    times = f" ({step.requests} requests)" if step.requests > 1 else ""
    path = step.path if len(step.path) <= _PATH_SHOWN else f"{step.path[: _PATH_SHOWN - 3]}..."
    yield f"  {step.number:>3} {step.method} {path}{times} -> {step.status or '-'} {verdict}"
    if step.passed:
        return
    if step.comment:
        yield f"      {step.comment}"
    yield from (f"      * {failure}" for failure in step.failures)
    if step.exchange is not None:
        yield from (f"      {line}" for line in _exchange(step.exchange))


def _exchange(exchange: Exchange) -> Iterator[str]:
    yield f"> {exchange.method} {exchange.url}"
    yield from _message(">", exchange.headers, exchange.body)
    if exchange.answer_headers is None:
        yield "< no answer"
    else:
        yield f"< {exchange.status}"
        yield from _message("<", exchange.answer_headers, exchange.answer_body)


def _message(side: str, headers: Mapping[str, str], body: str) -> Iterator[str]:
    yield from (f"{side} {name}: {value}" for name, value in headers.items())
    if body:
        left = len(body) - _BODY_SHOWN
        yield f"{side} {body[:_BODY_SHOWN]}{f'... ({left} more characters)' if left > 0 else ''}"


def _printable(line: str) -> str:
    """The line without control characters, because a server could use them to control a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
