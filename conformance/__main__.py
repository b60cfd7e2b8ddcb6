"""The command line: `python -m conformance replay TRACE... --base-url URL --token TOKEN`."""

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn, TextIO

from conformance import commands, replay, report, transcript
from conformance.fields import TraceError
from conformance.outcome import Outcome
from conformance.target import Control, Target, TargetError
from conformance.transcript import Conversation
from conformance.variables import fresh_run

_PASSED, _FAILED, _MISUSED = 0, 1, 2

_DESCRIPTION = "Replays recorded identity-provider conversations against any SCIM 2.0 server."
_EXAMPLES = """\
examples:
  # the traces that come with the package
  python -m conformance list

  # replay one trace, and all traces of one provider, against a server
  python -m conformance replay entra/create-user okta --base-url https://scim.example.com/v2 --token TOKEN

  # use a new organization for each conversation, and a command that sets its seats
  python -m conformance replay entra okta \\
      --organization-command './new-organization' --control-command './set-scene'

  # replay your own file or folder, and print the result as JSON
  python -m conformance replay my-traces/ --base-url http://127.0.0.1:8080/scim/v2 --token TOKEN --json

exit status: 0 all conversations passed, 1 some failed, 2 the command could not be used
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Print one clear line instead of the whole usage text."""
        self.exit(_MISUSED, f"conformance: {message}\n")


def main(
    arguments: Sequence[str] | None = None, out: TextIO | None = None, errors: TextIO | None = None
) -> int:
    """Run one command; the exit status is its result."""
    options = _parser().parse_args(arguments)
    out, errors = out or sys.stdout, errors or sys.stderr
    try:
        if options.command == "list":
            return _list(out)
        return _replay(options, out)
    except (TraceError, TargetError) as error:
        errors.write(f"conformance: {error}\n")
        return _MISUSED


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        "python -m conformance", description=_DESCRIPTION, epilog=_EXAMPLES, formatter_class=layout
    )
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parsers.add_parser("list", help="the traces that come with the package")
    play = parsers.add_parser(
        "replay", help="replay conversations with a server", epilog=_EXAMPLES, formatter_class=layout
    )
    add = play.add_argument
    add(
        "traces",
        nargs="+",
        metavar="TRACE",
        help="a .jsonl file, a folder, or the name of a trace or provider in the package",
    )
    add("--base-url", metavar="URL", help="the SCIM base URL, without /Users")
    add("--token", metavar="TOKEN", help="the bearer token")
    add(
        "--organization-command",
        metavar="CMD",
        help="shell command that runs before each conversation and prints one JSON object with "
        "base_url and token of a new organization (environment: REPLAY_RUN, REPLAY_TRACE)",
    )
    add(
        "--control-command",
        metavar="CMD",
        help="shell command that runs for each CONTROL step and reads the step's body from standard input"
        " (environment: REPLAY_BASE_URL, REPLAY_TOKEN, REPLAY_RUN, REPLAY_ORG, REPLAY_ORGANIZATION)",
    )
    add("--json", action="store_true", help="print one JSON object instead of the report")
    add(
        "--timeout",
        type=_seconds,
        default=30.0,
        metavar="S",
        help="seconds to wait for an answer (default: 30)",
    )
    add("--only-failures", action="store_true", help="report only failed conversations")
    return parser


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(text)
    return seconds


def _list(out: TextIO) -> int:
    conversations = transcript.shipped()
    width = max(len(each.name) for each in conversations)
    out.writelines(f"{each.name:<{width}}  {each.title}\n" for each in conversations)
    return _PASSED


def _replay(options: argparse.Namespace, out: TextIO) -> int:
    target = _target(options)
    conversations = [found for trace in options.traces for found in transcript.find(trace)]
    control = commands.control(options.control_command) if options.control_command else None
    outcomes = []
    for outcome in _hold(conversations, options, target, control):
        outcomes.append(outcome)
        if not options.json:
            out.write(report.as_text(outcome, only_failures=options.only_failures))
            out.flush()
    out.write(report.as_json(outcomes) if options.json else report.summary(outcomes))
    return _PASSED if all(outcome.passed for outcome in outcomes) else _FAILED


def _target(options: argparse.Namespace) -> Target | None:
    if options.organization_command:
        return None
    if not options.base_url or not options.token:
        raise TargetError("give --base-url and --token, or --organization-command")
    return Target(options.base_url, options.token)


def _hold(
    conversations: Sequence[Conversation],
    options: argparse.Namespace,
    target: Target | None,
    control: Control | None,
) -> Iterator[Outcome]:
    for conversation in conversations:
        run_id = fresh_run()
        try:
            where = target or commands.organization(
                options.organization_command, run_id=run_id, trace=conversation.name
            )
        except commands.CommandFailed as error:
            yield Outcome(conversation.name, conversation.title, (), str(error))
            continue
        yield replay.run(conversation, where, control, run_id=run_id, timeout=options.timeout)


if __name__ == "__main__":
    sys.exit(main())
