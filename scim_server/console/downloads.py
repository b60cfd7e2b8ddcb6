"""Lists as files. They are sent while they are read, so that no list is ever whole in memory."""

from collections.abc import Iterable, Iterator, Sequence

import orjson
from flask import Response, stream_with_context

from scim_server.documents import tables


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with a header, without formulas."""

    def lines() -> Iterator[bytes]:
        yield (tables.BOM + tables.line(header)).encode()
        for row in rows:
            yield tables.line(row).encode()

    return _file(f"{name}.csv", "text/csv; charset=utf-8", lines())


def jsonl_file(name: str, objects: Iterable[object]) -> Response:
    """A file with one JSON object on each line."""
    return _file(f"{name}.jsonl", "application/jsonl", (orjson.dumps(one) + b"\n" for one in objects))


def _file(name: str, type_: str, parts: Iterable[bytes]) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(stream_with_context(iter(parts)), headers=headers, content_type=type_)
