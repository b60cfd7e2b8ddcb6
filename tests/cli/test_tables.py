"""The text output of commands."""

from click.testing import CliRunner

from scim_server.cli import main
from tests.api.wire import founded, user_name
from tests.support.servers.running import Server


def printed(server: Server, *arguments: str) -> list[str]:
    """The lines that a command prints."""
    done = CliRunner().invoke(main, arguments, env={**server.environment, "COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_the_log_and_the_seats_are_printed_as_tables(server: Server) -> None:
    organization = founded(server, standard=1)
    name = user_name()
    with organization.client() as opened:
        opened.post("/Users", json={"userName": name})
        opened.post("/Users", json={"userName": "eve@example.com"})

    log = printed(server, "log", "list", organization.slug)
    seats = printed(server, "seats", "show", organization.slug)

    slug = organization.slug
    assert [line.split()[0] for line in log] == ["id", f"{slug}-5", f"{slug}-3"]
    assert all(word in log[1] for word in ("rejected", "eve@example.com", "no_free_seat"))
    assert all(word in log[2] for word in ("provisioned", name))
    assert [line.split() for line in seats] == [
        ["tier", "seats", "in", "use", "held", "free", "waiting"],
        ["standard", "1", "1", "0", "0", "0"],
        ["premium", "0", "0", "0", "0", "0"],
    ]


def test_control_characters_in_a_name_do_not_reach_the_terminal(server: Server) -> None:
    organization = founded(server, standard=1)
    with organization.client() as opened:
        opened.post("/Users", json={"userName": "eve\u001b[2J\u202e\r\nroot"})

    (_, row) = printed(server, "people", "list", organization.slug)

    assert row.startswith("eve [2J   root")
    assert row.isprintable()
