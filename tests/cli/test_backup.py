"""`scim-seats db backup` and `db restore`, while a server works."""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from scim_server.services.billing import due
from scim_server.services.organizations import queries as organizations
from tests.conftest import DIALECTS
from tests.support.oracles.recount import recount
from tests.support.servers.running import Organization, Server, command, environment_for, free_port

WRITERS = 2


def arrivals(organization: Organization, stop: str, writer: int) -> list[str]:
    """Create people until a file exists; return the ids of the answers."""
    ids: list[str] = []
    with organization.client() as client:
        while not Path(stop).exists():
            answer = client.post("/Users", json={"userName": f"w{writer}-{len(ids)}@example.com"})
            assert answer.status_code == 201
            ids.append(answer.json()["id"])
    return ids


@pytest.mark.parametrize("target", DIALECTS)
def test_a_copy_made_under_load_has_everybody_who_was_acknowledged_before_it(
    server: Server, target: str, new_url: Callable[[str], str], tmp_path: Path
) -> None:
    organization = server.organization(standard=100_000)
    file, stop, url = tmp_path / "copy.db", tmp_path / "stop", new_url(target)
    with organization.client() as client:
        first = client.post("/Users", json={"userName": "first@example.com"}).json()["id"]
    with ProcessPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(arrivals, organization, str(stop), number) for number in range(WRITERS)]
        try:
            done = server.separately("db", "backup", str(file), "--json", check=False)
        finally:
            stop.touch()
        acknowledged = {id_ for one in writing for id_ in one.result()}

    copied = json.loads(done.stdout)
    assert done.stderr == ""
    restored = json.loads(
        command(("db", "restore", str(file), "--json"), environment_for(url, free_port()), tmp_path).stdout
    )

    with closing(due.opened(url)) as database, database.snapshot() as connection:
        recount(connection, organizations.find(database, organization.slug).id)
        ids = set(
            connection.exec_driver_sql(
                "SELECT p.id FROM people p JOIN organizations o ON o.id = p.organization "
                f"WHERE o.slug = '{organization.slug}'"
            ).scalars()
        )
    assert first in ids
    assert ids <= acknowledged | {first}
    assert (copied["sound"], copied["problems"], restored["sound"]) == (True, [], True)
    assert restored["rows"]["people"] == copied["rows"]["people"]


def test_the_commands_say_what_they_copied_and_restored(server: Server, tmp_path: Path) -> None:
    server.organization()
    file, target = tmp_path / "copy.db", tmp_path / "seats.db"
    copied = server.command("db", "backup", str(file))
    restored = command(
        ("db", "restore", str(file)), environment_for(f"sqlite:///{target}", free_port()), tmp_path
    )

    assert "was copied to" in copied.stdout
    assert "The database is consistent." in copied.stdout
    assert f"The database {target} was restored from {file}: " in restored.stdout
    assert (restored.returncode, target.stat().st_mode & 0o777) == (0, 0o600)
