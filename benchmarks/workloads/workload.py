"""One workload: which requests are sent, by how many clients, and what is read off their answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.replay import Request
from benchmarks.servers.running import Server

FASTEST = 8_000
"""Requests that no server here answers in a second: so many are prepared."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of a workload on one server.

    Attributes:
        number: of all runs of this benchmark: names of new people are made of it.
        seconds: that it may take.
    """

    number: int
    seconds: float

    @property
    def series(self) -> str:
        """Marks the people whom this turn creates: letters that no other turn has."""
        letters, rest = "", self.number
        while True:
            letters, rest = chr(ord("a") + rest % 26) + letters, rest // 26
            if not rest:
                return f"n{letters}"

    @property
    def most(self) -> int:
        """How many requests are enough."""
        return int(FASTEST * max(1, self.seconds))


@dataclass(frozen=True, slots=True)
class Workload:
    """What is measured.

    Attributes:
        name: on the command line and in results.
        words: what is asked, for reports.
        requests: of one turn.
        again: whether the requests may be repeated; else each is sent once at most.
        needs: abilities of the server without which it is left out.
        kinds: kinds of request whose times are shown apart; empty where only the rate counts.
    """

    name: str
    words: str
    clients: int
    requests: Callable[[Server, Turn], Iterable[Request]]
    again: bool = False
    needs: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
