"""One connection in Python, for requests that are not measured or that need the previous answer."""

import http.client
import json
import time
from types import TracebackType
from typing import Any, Self

from benchmarks.corpus import encoded
from benchmarks.samples import WrongAnswers
from benchmarks.servers.running import Organization


class Client:
    """Sends requests to one organization and checks the status of every answer."""

    def __init__(self, port: int, organization: Organization) -> None:
        self._organization = organization
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        expected: tuple[int, ...] = (200,),
    ) -> tuple[bytes, float]:
        """Send a request; return the answer's body and the time in seconds.

        Raises:
            WrongAnswers: the answer has another status.
        """
        headers = {
            "Authorization": f"Bearer {self._organization.token}",
            "Content-Type": "application/scim+json",
            "Accept": "application/scim+json",
        }
        text = None if body is None else encoded(body)
        began = time.perf_counter()
        self._connection.request(method, self._organization.root + path, text, headers)
        answer = self._connection.getresponse()
        received = answer.read()
        seconds = time.perf_counter() - began
        if answer.status not in expected:
            raise WrongAnswers(f"{method} {path}: {answer.status} {received[:300]!r}")
        return received, seconds

    def create(self, body: dict[str, Any]) -> str:
        """Create a person and return their id."""
        received, _ = self.send("POST", "/Users", body, expected=(201,))
        return str(json.loads(received)["id"])
