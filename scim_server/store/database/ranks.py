"""At which place of a long list a row stands: what this process has seen of it (decision 29).

Rows are listed in the order of arrival, so one that stays keeps its place until an earlier one is removed.
The history says when that was: a place that was seen before is good while no removal came since.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

MOST_LISTS: Final = 1_000
"""Lists of which places are known."""
MOST_PLACES: Final = 512
"""Places known of one list: a page anywhere among a million rows then passes over a few thousand keys."""


@dataclass(slots=True)
class _List:
    """Places of one list.

    Attributes:
        removed: the last removal when they were seen.
        ranks: how many rows come before, ascending.
        sequences: of the rows there.
    """

    removed: int
    ranks: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)


class Ranks:
    """Places of the lists of one database."""

    def __init__(self) -> None:
        self._lists: dict[tuple[str, str], _List] = {}

    def before(self, organization: str, name: str, rank: int) -> tuple[int, int, int] | None:
        """The nearest known place that does not come after a rank.

        Returns:
            Its rank, the sequence of the row there, and the last removal when it was seen.
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
        # Replaced as a whole: other threads read it at any moment.
        self._lists[organization, name] = _List(
            removed, [rank for rank, _ in ordered], [sequence for _, sequence in ordered]
        )


def _thinned(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half of the places at most, as evenly spread as they are known."""
    apart = (places[-1][0] - places[0][0]) / (MOST_PLACES // 2)
    kept = [places[0]]
    for place in places[1:]:
        if place[0] - kept[-1][0] >= apart:
            kept.append(place)
    return kept
