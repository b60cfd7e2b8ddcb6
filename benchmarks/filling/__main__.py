"""Fill a new database and check it: `python -m benchmarks.filling DATABASE_URL PEOPLE MANIFEST`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.filling.directory import fill
from scim_server.services.billing import due
from scim_server.store.database import check, schema
from scim_server.store.database.session import timestamp


def main(url: str, people: int, manifest: Path) -> None:
    database = due.opened(url)
    try:
        schema.upgrade(database)
        filled = fill(database, people)
        with database.snapshot() as connection:
            problems = check.problems(connection, timestamp(database.now()))
    finally:
        database.close()
    if problems:
        raise SystemExit(f"the filled database is not consistent: {problems[:3]}")
    manifest.write_text(json.dumps([asdict(one) for one in filled]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
