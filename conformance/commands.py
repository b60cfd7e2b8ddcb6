"""The two optional commands of the user: one creates an organization, one carries out CONTROL steps."""

import json
import os
import subprocess
from collections.abc import Mapping

from conformance.jsonpath import Json
from conformance.target import Control, Target, TargetError


class CommandFailed(Exception):
    """A command failed, or its output cannot be used."""


def organization(command: str, *, run_id: str, trace: str) -> Target:
    """Run the command that creates an organization; it prints {"base_url", "token", ...}.

    Raises:
        CommandFailed: it failed, or its output cannot be used.
    """
    printed = _shell(command, "", {"REPLAY_RUN": run_id, "REPLAY_TRACE": trace})
    try:
        answer: Json = json.loads(printed)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise CommandFailed("the organization command printed no JSON object")
    base_url, token = answer.get("base_url"), answer.get("token")
    if not isinstance(base_url, str) or not isinstance(token, str):
        raise CommandFailed("the organization command printed no base_url and token")
    try:
        return Target(base_url, token, answer)
    except TargetError as error:
        raise CommandFailed(f"the organization command printed something unusable: {error}") from None


def control(command: str) -> Control:
    """A control function that passes the body of each CONTROL step to the command."""

    def run(body: Json, target: Target, run_id: str) -> str | None:
        settings = {
            "REPLAY_BASE_URL": target.base_url,
            "REPLAY_TOKEN": target.token,
            "REPLAY_RUN": run_id,
            "REPLAY_ORG": _text(target.organization.get("org")),
            "REPLAY_ORGANIZATION": json.dumps(target.organization),
        }
        try:
            _shell(command, json.dumps(body), settings)
        except CommandFailed as error:
            return str(error)
        return None

    return run


def _shell(command: str, standard_input: str, settings: Mapping[str, str]) -> str:
    done = subprocess.run(  # noqa: S602 - the option is documented as a shell command
        command,
        shell=True,
        check=False,
        input=standard_input,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **settings},
    )
    if done.returncode:
        raise CommandFailed(done.stderr.strip() or f"the command exited with status {done.returncode}")
    return done.stdout


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
