"""Writes logs as lines of JSON, without tokens, bodies and queries, because filters contain addresses."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
import structlog

from scim_server.printable import escaped

_DELETE: Final = b"\x7f"


def configure(level: str, *, for_good: bool = False) -> None:
    """Write structlog's lines of a level and above to standard error as JSON.

    Args:
        for_good: whether this setting never changes in this process, so that it is not read again for each
            line.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=for_good,
    )


def _line(event: Mapping[str, Any], default: Callable[[Any], Any]) -> bytes:
    try:
        line = orjson.dumps(event, default=default)
        return line if line.isascii() and _DELETE not in line else escaped(line.decode()).encode()
    except TypeError:  # The text of an exception may contain half of a surrogate pair.
        return json.dumps(event, default=default).encode()


log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
