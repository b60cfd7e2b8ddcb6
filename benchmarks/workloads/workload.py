"""One workload: what is sent to a server, and what is read off its answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.replay import Load, Request, run
from benchmarks.samples import Sample
from benchmarks.servers.running import Server

FASTEST: int = 8_000
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
        measure: does it once.
        needs: abilities of the server without which it is left out.
        kinds: kinds of request whose times are shown apart.
        group: the size of the group it needs.
        once: whether a second round would find nothing left to do.
    """

    name: str
    words: str
    measure: Callable[[Server, Turn], Sample]
    needs: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    group: int | None = None
    once: bool = False

    def suits(self, server: Server) -> bool:
        """Whether the server can do it."""
        return self.needs <= server.abilities and (self.group is None or self.group in server.main.groups)


Requests = Callable[[Server, Turn], Iterable[Request]]


def replayed(
    requests: Requests, clients: int, *, again: bool = False, each: int = 1
) -> Callable[[Server, Turn], Sample]:
    """Measure by sending prepared requests.

    Args:
        again: whether they may be repeated; else each is sent once at most.
        each: how many operations are in one request.
    """

    def measure(server: Server, turn: Turn) -> Sample:
        return run(server.port, requests(server, turn), Load(clients, turn.seconds, again=again), each=each)

    return measure
