"""Compares one answer, and all answers of a step, with the expectations of the step."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from conformance.client import Answer
from conformance.jsonpath import ABSENT, Absent, Found, Json, find
from conformance.matchers import compare, describe
from conformance.step import LIST, Step
from conformance.variables import Variables

_NO_CONTENT = 204
_FIRST_ERROR = 400


def judge(step: Step, variables: Variables, answer: Answer) -> Iterator[str]:
    """Every expectation of the step that this answer does not meet, one line for each."""
    if step.statuses and answer.status not in step.statuses:
        yield f"status: expected {' or '.join(map(str, step.statuses))}, found {answer.status}"
    for name, expected in step.expect_headers.items():
        found = answer.headers.get(name.lower(), ABSENT)
        yield from map(str, compare(variables.fill(expected), found, f"header {name}"))
    if step.expects_json and answer.status != _NO_CONTENT:
        yield from _judge_json(variables.fill(step.json), answer)
    if step.max_ms is not None and answer.milliseconds > step.max_ms:
        yield f"max_ms: expected at most {step.max_ms} ms, took {answer.milliseconds:.0f} ms"


def judge_counts(step: Step, variables: Variables, answers: Sequence[Answer]) -> Iterator[str]:
    """Every expected number of answers by status that was not met."""
    counts = Counter(answer.status for answer in answers)
    for status, expected in step.expect_counts.items():
        yield from map(
            str, compare(variables.fill(expected), counts[int(status)], f"answers with status {status}")
        )


def judge_disjoint(step: Step, variables: Variables) -> Iterator[str]:
    """Every pair of the given lists that have a value in common."""
    lists = {name: {json.dumps(value) for value in variables.listed(name)} for name in step.expect_disjoint}
    for (left, values), (right, others) in combinations(lists.items(), 2):
        shared = sorted(values & others)
        if shared:
            yield f"expect_disjoint: {left} and {right} both have {len(shared)} values, such as {shared[0]}"


def keep(step: Step, variables: Variables, answers: Sequence[Answer]) -> tuple[Variables, list[str]]:
    """The variables with the saved values of the step's answers, and the values that are missing.

    A list contains the values of all answers except errors, in order. A plain name contains the last value.
    """
    failures: list[str] = []
    for name, path in step.save.items():
        plain = name.removesuffix(LIST)
        holders = [answer for answer in answers if name == plain or answer.status < _FIRST_ERROR]
        found = [find(_document(answer), path) for answer in holders]
        failures += [f"save {name}: {path} is not in the answer" for value in found if value is ABSENT]
        values = [value for value in found if not isinstance(value, Absent)]
        if name != plain:
            variables = _lengthen(variables, plain, values)
        elif values:
            variables = variables.holding(name, values[-1])
    return variables, failures


def _lengthen(variables: Variables, name: str, values: Sequence[Json]) -> Variables:
    longer = variables.listed(name) if name in variables.values else []
    for value in values:
        # A path with [*] finds a list. A list of lists is not supported.
        longer = [*longer, *(value if isinstance(value, list) else [value])]
    return variables.holding(name, longer)


def _judge_json(expected: Json, answer: Answer) -> Iterator[str]:
    try:
        document = answer.json()
    except ValueError:
        yield f"$: expected {describe(expected)}, found no JSON"
    else:
        yield from map(str, compare(expected, document))


def _document(answer: Answer) -> Found:
    try:
        return answer.json()
    except ValueError:
        return ABSENT
