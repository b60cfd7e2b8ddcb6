"""The result of a replay, with all secrets removed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from conformance.client import Answer, Request

HIDDEN = "***"
_SHOWN = 1000
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "set-cookie"}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer without secrets; status 0 means that there was no answer."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    status: int = 0
    answer_headers: Mapping[str, str] | None = None
    answer_body: str = ""


@dataclass(frozen=True)
class StepOutcome:
    """The result of one step.

    `status` is None if there was no answer; `requests` counts the rounds of a repeat.
    """

    number: int
    method: str
    path: str
    comment: str
    status: int | None
    failures: tuple[str, ...]
    optional: bool = False
    requests: int = 1
    exchange: Exchange | None = None

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures


@dataclass(frozen=True)
class Outcome:
    """The result of one conversation; `reason` is set if it could not be replayed at all."""

    name: str
    title: str
    steps: tuple[StepOutcome, ...]
    reason: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the conversation was replayed and every step passed, except optional ones."""
        return self.reason is None and all(step.passed or step.optional for step in self.steps)


@dataclass(frozen=True)
class Redaction:
    """Removes a token from everything that is shown."""

    token: str

    def text(self, text: str) -> str:
        """The text without the token, in any encoding of the token."""
        for written in (self.token, quote(self.token, safe=""), json.dumps(self.token)[1:-1]):
            text = text.replace(written, HIDDEN)
        return text

    def line(self, text: str) -> str:
        """Write a failure in one line. A long line is cut, but only after the token is removed."""
        text = self.text(text)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers without credentials, whether the credentials are right or wrong."""
        return {
            name: _credentials(value) if name.lower() in _SECRET_HEADERS else self.text(value)
            for name, value in headers.items()
        }

    def exchange(self, base_url: str, request: Request, answer: Answer | None) -> Exchange:
        """The request and its answer without secrets."""
        asked = Exchange(
            method=request.method,
            url=self.text(base_url + request.path),
            headers=self.headers(request.headers),
            body=self.text(_decoded(request.content)),
        )
        if answer is None:
            return asked
        return Exchange(
            method=asked.method,
            url=asked.url,
            headers=asked.headers,
            body=asked.body,
            status=answer.status,
            answer_headers=self.headers(answer.headers),
            answer_body=self.text(_decoded(answer.content)),
        )


def _credentials(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {HIDDEN}" if space and scheme.isalpha() else HIDDEN


def _decoded(content: bytes | None) -> str:
    return (content or b"").decode("utf-8", "replace")
