"""Replays a recorded conversation with a SCIM server and returns the result.

outcome = run(load(path), Target("https://scim.example.com/v2", token))
assert outcome.passed, outcome
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from conformance.client import Answer, Client, NoAnswer, Request, encode_body
from conformance.judge import judge, judge_counts, judge_disjoint, keep
from conformance.outcome import Outcome, Redaction, StepOutcome
from conformance.step import CONTROL, Step
from conformance.target import Control, Target, TargetError
from conformance.transcript import Conversation
from conformance.variables import UnsetVariableError, Variables, fresh_run, given

NEEDS_CONTROL = "needs --control-command"

# If a step fails 1,200 times, the first few failures are enough.
_ROUNDS_SHOWN = 3


@dataclass(frozen=True)
class _Scene:
    """Values that stay the same during a conversation."""

    target: Target
    control: Control
    run_id: str
    client: Client
    redaction: Redaction


@dataclass(frozen=True)
class _Round:
    """One request of a step.

    The request is missing if a variable has no value; the answer may be missing too.
    """

    failures: tuple[str, ...]
    request: Request | None = None
    answer: Answer | None = None


def run(
    conversation: Conversation,
    target: Target,
    control: Control | None = None,
    *,
    run_id: str | None = None,
    timeout: float = 30.0,
) -> Outcome:
    """Run every step of the conversation in order, and continue after a failure.

    A conversation with CONTROL steps does not start without a control command.
    """
    if conversation.needs_control and control is None:
        return Outcome(conversation.name, conversation.title, (), NEEDS_CONTROL)
    run_id = run_id or fresh_run()
    variables = given(target.base_url, target.token, run_id)
    outcomes = []
    with Client(target.base_url, timeout) as client:
        scene = _Scene(target, control or _no_control, run_id, client, Redaction(target.token))
        for step in conversation.steps:
            outcome, variables = _play(step, variables, scene)
            outcomes.append(outcome)
    return Outcome(conversation.name, conversation.title, tuple(outcomes))


def _no_control(_body: object, _target: Target, _run_id: str) -> str:
    return NEEDS_CONTROL


def _play(step: Step, variables: Variables, scene: _Scene) -> tuple[StepOutcome, Variables]:
    if step.method == CONTROL:
        return _set_scene(step, variables, scene), variables
    rounds = _ask_all(step, variables, scene)
    answers = [one.answer for one in rounds if one.answer is not None]
    failures = list(_describe_failures(step, rounds))
    kept, missing = keep(step, variables, answers)
    failures += missing[:_ROUNDS_SHOWN]
    try:
        failures += judge_counts(step, variables, answers)
        failures += judge_disjoint(step, kept)
    except UnsetVariableError as error:
        failures.append(str(error))
    return _outcome(step, rounds, failures, scene), kept


def _set_scene(step: Step, variables: Variables, scene: _Scene) -> StepOutcome:
    try:
        failure = scene.control(variables.fill(step.body), scene.target, scene.run_id)
    except UnsetVariableError as error:
        failure = str(error)
    failures = () if failure is None else (scene.redaction.line(failure),)
    return StepOutcome(step.number, CONTROL, step.path, step.comment, None, failures, step.optional)


def _ask_all(step: Step, variables: Variables, scene: _Scene) -> list[_Round]:
    repeat = step.repeat
    if repeat is None:
        return [_ask(step, variables, scene)]
    values = range(repeat.first, repeat.last + 1)
    each = [variables.holding(repeat.variable, str(value)) for value in values]
    if repeat.at_once == 1:
        return [_ask(step, one, scene) for one in each]
    with ThreadPoolExecutor(min(repeat.at_once, len(each))) as pool:
        return list(pool.map(lambda one: _ask(step, one, scene), each))


def _ask(step: Step, variables: Variables, scene: _Scene) -> _Round:
    try:
        request = _request(step, variables)
    except (UnsetVariableError, TargetError) as error:
        return _Round((f"not sent: {error}",))
    try:
        answer = scene.client.send(request, patience=(step.max_ms or 0) / 1000)
    except NoAnswer as error:
        return _Round((str(error),), request)
    failures: list[str] = []
    try:
        # Failures found before the missing variable stay in the list.
        failures.extend(judge(step, variables, answer))
    except UnsetVariableError as error:
        failures.append(str(error))
    return _Round(tuple(failures), request, answer)


def _request(step: Step, variables: Variables) -> Request:
    # A path may be an absolute address from an answer, if it is below the base URL.
    path = variables.text(step.path).removeprefix(variables.text("${base}"))
    if not path.startswith("/"):
        raise TargetError(f"{path!r} is not below the base URL")
    headers = {name: variables.text(value) for name, value in step.headers.items()}
    return Request(step.method, path, headers, encode_body(variables.fill(step.body)))


def _describe_failures(step: Step, rounds: Sequence[_Round]) -> Iterator[str]:
    """Describe the first failed rounds, each with its value of the repeat's variable."""
    failed = [(index, one) for index, one in enumerate(rounds) if one.failures]
    for index, one in failed[:_ROUNDS_SHOWN]:
        label = f"{step.repeat.variable}={step.repeat.first + index}: " if step.repeat else ""
        yield from (label + failure for failure in one.failures)
    if len(failed) > _ROUNDS_SHOWN:
        yield f"and {len(failed) - _ROUNDS_SHOWN} more of {len(rounds)} requests failed"


def _outcome(step: Step, rounds: Sequence[_Round], failures: Sequence[str], scene: _Scene) -> StepOutcome:
    shown = next((one for one in rounds if one.failures), rounds[0])
    exchange = None
    if shown.request is not None:
        exchange = scene.redaction.exchange(scene.target.base_url, shown.request, shown.answer)
    return StepOutcome(
        number=step.number,
        method=step.method,
        path=scene.redaction.text(shown.request.path if shown.request else step.path),
        comment=step.comment,
        status=shown.answer.status if shown.answer else None,
        failures=tuple(map(scene.redaction.line, failures)),
        optional=step.optional,
        requests=len(rounds),
        exchange=exchange,
    )
