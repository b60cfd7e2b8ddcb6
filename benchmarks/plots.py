"""Draws plots as SVG without a library: bars of rates, one row for each workload."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

COLOURS: Final = ("#1b6ca8", "#58a4d6", "#c0392b", "#e08e45", "#8e9aa6")
BAR, GAP, LABELS, WIDTH, NUMBERS = 12, 14, 190, 420, 90


def bars(values: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> str:
    """Draw a row of bars for each workload; the longest bar of a row is the fastest server."""
    colours = dict(zip(names, COLOURS, strict=False))
    shapes: list[str] = []
    y = 30
    for column, name in enumerate(names):
        x = 10 + column * 130
        shapes += [_rectangle(x, 8, 12, colours[name]), _text(x + 17, 18, name)]
    for workload, by_server in values.items():
        shapes.append(_text(LABELS - 8, y + BAR * len(by_server) / 2 + 4, workload, anchor="end"))
        longest = max(by_server.values())
        for server, value in by_server.items():
            length = max(1.0, WIDTH * value / longest)
            shapes += [_rectangle(LABELS, y, length, colours[server])]
            shapes += [_text(LABELS + length + 4, y + BAR - 2, f"{value:,.0f}")]
            y += BAR
        y += GAP
    width = LABELS + WIDTH + NUMBERS
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" '
        f'font-family="sans-serif" font-size="11">\n<rect width="{width}" height="{y}" fill="white"/>\n'
        + "\n".join(shapes)
        + "\n</svg>\n"
    )


def _rectangle(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.1f}" height="{BAR - 2}" fill="{colour}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
