"""The places of rows in long lists, as far as this process has seen them (decision 29).

Rows are listed in the order of creation, so a row keeps its place until an earlier row is removed. The
history shows when a row was removed. A remembered place is correct if no row was removed since.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

MOST_LISTS: Final = 1_000
"""For how many lists places are remembered."""
MOST_PLACES: Final = 512
"""How many places of one list are remembered. A page among a million rows then skips a few thousand keys."""


@dataclass(slots=True)
class _List:
    """The remembered places of one list.

    Attributes:
        removed: the last removal at the time when the places were seen.
        ranks: the number of rows before each place, ascending.
        sequences: the sequence numbers of the rows at these places.
    """

    removed: int
    ranks: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)


class Ranks:
    """The remembered places of the lists in one database."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], _List] = {}

    def before(self, organization: str, name: str, rank: int) -> tuple[int, int, int] | None:
        """The nearest remembered place that is not after a rank.

        Returns:
            The rank of the place, the sequence of its row, and the last removal when the place was seen.
        """
        known = self._lists.get((organization, name))
        if known is None:
            return None
        ranks, sequences = known.ranks, known.sequences
        place = bisect_right(ranks, rank) - 1
        return (ranks[place], sequences[place], known.removed) if place >= 0 else None

    def note(self, organization: str, name: str, removed: int, places: dict[int, int]) -> None:
        """Remember the sequences of rows by their ranks, as they were after the last removal."""
        known = self._lists.get((organization, name))
        if known is None or known.removed != removed:
            if len(self._lists) >= MOST_LISTS:
                self._lists.clear()
            known = _List(removed)
        merged = dict(zip(known.ranks, known.sequences, strict=True)) | places
        ordered = sorted(merged.items())
        if len(ordered) > MOST_PLACES:
            ordered = _thinned(ordered)
        # The list is replaced as a whole, because other threads may read it at any time.
        self._lists[organization, name] = _List(
            removed, [rank for rank, _ in ordered], [sequence for _, sequence in ordered]
        )


def _thinned(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """At most half of the places, spread as evenly as possible."""
    apart = (places[-1][0] - places[0][0]) / (MOST_PLACES // 2)
    kept = [places[0]]
    for place in places[1:]:
        if place[0] - kept[-1][0] >= apart:
            kept.append(place)
    return kept
