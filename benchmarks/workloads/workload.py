"""One workload: the requests that it sends, and the measures that it takes from the answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.replay import Load, Request, run
from benchmarks.samples import Sample
from benchmarks.servers.running import Server

FASTEST: int = 8_000
"""More requests than any server here answers in one second; this many are prepared."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of a workload on one server.

    Attributes:
        number: the number of this run in the whole benchmark; the names of new people contain it.
        seconds: the time that the run may take.
    """

    number: int
    seconds: float

    @property
    def series(self) -> str:
        """Letters that no other turn uses, for the people whom this turn creates."""
        letters, rest = "", self.number
        while True:
            letters, rest = chr(ord("a") + rest % 26) + letters, rest // 26
            if not rest:
                return f"n{letters}"

    @property
    def most(self) -> int:
        """The number of requests that is enough."""
        return int(FASTEST * max(1, self.seconds))


@dataclass(frozen=True, slots=True)
class Workload:
    """What is measured and how.

    Attributes:
        name: its name on the command line and in results.
        words: its description in reports.
        measure: runs it once.
        needs: abilities that the server must have.
        kinds: kinds of request whose times are shown separately.
        group: the size of the group that it needs.
        once: whether a second round would have nothing left to do.
    """

    name: str
    words: str
    measure: Callable[[Server, Turn], Sample]
    needs: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    group: int | None = None
    once: bool = False

    def suits(self, server: Server) -> bool:
        """Whether the server has the abilities for this workload."""
        return self.needs <= server.abilities and (self.group is None or self.group in server.main.groups)


Requests = Callable[[Server, Turn], Iterable[Request]]


def replayed(
    requests: Requests, clients: int, *, again: bool = False, each: int = 1
) -> Callable[[Server, Turn], Sample]:
    """Measure by sending prepared requests.

    Args:
        again: whether the requests may be repeated; if not, each is sent at most once.
        each: number of operations in one request.
    """

    def measure(server: Server, turn: Turn) -> Sample:
        return run(server.port, requests(server, turn), Load(clients, turn.seconds, again=again), each=each)

    return measure
