"""Options of `scim-seats webhook`: the settings of an endpoint, and times such as `5m`."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click

from scim_server.services.webhooks.queries import LARGEST_BATCH, PAYLOADS

F = TypeVar("F", bound=Callable[..., Any])
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_TIME: Final = re.compile(r"([0-9]{1,6})([smhd])")


class Retries(tuple[int, ...]):
    """The seconds between attempts."""

    __slots__ = ()

    @classmethod
    def parse(cls, _context: object, _parameter: object, value: str | None) -> "Retries | None":
        """Read times such as `5s,5m,2h`.

        Raises:
            BadParameter: a time does not have this form.
        """
        if value is None:
            return None
        found = []
        for one in value.split(","):
            match = _TIME.fullmatch(one.strip())
            if match is None:
                raise click.BadParameter(f"'{one}' is not a time such as 5s, 30m or 2h")
            found.append(int(match[1]) * _UNITS[match[2]])
        return cls(found)

    @staticmethod
    def shown(seconds: Sequence[int]) -> str:
        """The same form for people."""
        return ", ".join(_time(one) for one in seconds)


def _time(seconds: int) -> str:
    unit, size = next((unit, size) for unit, size in reversed(_UNITS.items()) if seconds % size == 0)
    # A day is shown in hours, as the times around it are.
    return f"{seconds // 3_600}h" if unit == "d" else f"{seconds // size}{unit}"


def endpoint_options(command: F) -> F:
    """The options for the settings that a new endpoint and a changed one have."""
    for option in reversed(
        (
            click.option(
                "--type",
                "types",
                multiple=True,
                help="Send only events of this type, or of a family such as person.*; repeatable.",
            ),
            click.option(
                "--payload",
                type=click.Choice(PAYLOADS),
                help="Events with their values (full), or only which events (thin).  [default: full]",
            ),
            click.option(
                "--batch",
                type=click.IntRange(1, LARGEST_BATCH),
                help="Events in a message, at most. With more than 1, a message has a list.  [default: 1]",
            ),
            click.option(
                "--retries",
                callback=Retries.parse,
                help="Times between attempts.  [default: 5s,5m,30m,2h,5h,10h,14h,20h,24h]",
            ),
            click.option("--contact", help="Address that is notified if the endpoint is disabled."),
        )
    ):
        command = option(command)
    return command


def types_text(types: Sequence[str]) -> str:
    """Types of events for people."""
    return ", ".join(types) if types else "all public types"
