"""`scim-seats config check` finds everything that is wrong with the settings at once."""

import json

import pytest
from click.testing import CliRunner, Result

from scim_server import config
from scim_server.cli import main

WRONG = {
    "SCIM_SEATS_PORT": "eighty",
    "SCIM_SEATS_THREADS": "0",
    "SCIM_SEATS_WORKERS": "-1",
    "SCIM_SEATS_PUBLIC_URL": "ftp://x",
    "SCIM_SEATS_LOG_LEVEL": "loud",
    "SCIM_SEATS_SMTP_URL": "mail.example.com",
    "SCIM_SEATS_MAIL_FROM": "nobody",
    "SCIM_SEATS_DNS_SERVER": "dns.example.com",
    "SCIM_SEATS_TRUSTED_PROXY": "perhaps",
    "SCIM_SEATS_PREPARED_STATEMENTS": "perhaps",
    "SCIM_SEATS_RATE_LIMIT": "3",
    "SCIM_SEATS_MANAGEMENT": "everywhere",
    "SCIM_SEATS_DATABASE_URL": "mysql://x",
    "SCIM_SEATS_EGRESS_PROXY": "proxy",
    "SCIM_SEATS_PRIVATE_WEBHOOKS": "perhaps",
    "SCIM_SEATS_INTERNAL_HOSTS": "http://login",
}
GOOD = {
    "SCIM_SEATS_PUBLIC_URL": "https://scim.example.com",
    "SCIM_SEATS_TRUSTED_PROXY": "true",
    "SCIM_SEATS_SMTP_URL": "smtp://user:secret@mail.example.com:587",
    "SCIM_SEATS_MAIL_FROM": "seats@example.com",
}


def checked(*options: str, **settings: str) -> Result:
    return CliRunner().invoke(main, ["config", "check", *options], env=settings)


@pytest.mark.usefixtures("data_folder")
def test_every_wrong_setting_is_named_at_once() -> None:
    done = checked("--json", **WRONG)

    problems = json.loads(done.stdout)["problems"]
    assert done.exit_code == 1
    assert len(problems) == len(WRONG)
    assert all(any(name in problem for problem in problems) for name in WRONG)


@pytest.mark.usefixtures("data_folder")
def test_every_setting_that_can_be_wrong_is_tried_here() -> None:
    environment = config._Environment()
    config._read(environment, None, None)
    names = {name for name in environment.asked if name.startswith("SCIM_SEATS_")}

    # Any text is a host or a token.
    assert names - {"SCIM_SEATS_HOST", "SCIM_SEATS_SOURCE_TOKEN"} == set(WRONG)


@pytest.mark.usefixtures("data_folder")
def test_good_settings_have_neither_problems_nor_remarks() -> None:
    done = checked(**GOOD)

    assert (done.exit_code, done.stdout) == (0, "The server can start with these settings.\n")


@pytest.mark.usefixtures("data_folder")
def test_unknown_variables_are_named_with_the_setting_that_was_meant() -> None:
    done = checked(**GOOD, SCIM_SEATS_WORKRES="4", SCIM_SEATS_FAVOURITE_COLOUR="blue")

    assert done.exit_code == 0
    assert "SCIM_SEATS_WORKRES is not a setting. Did you mean SCIM_SEATS_WORKERS?" in done.stdout
    assert "SCIM_SEATS_FAVOURITE_COLOUR is not a setting.\n" in done.stdout


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"SCIM_SEATS_PUBLIC_URL": "http://scim.example.com"}, "needs? https://"),
        ({"SCIM_SEATS_TRUSTED_PROXY": "false"}, "SCIM_SEATS_TRUSTED_PROXY is not true"),
        ({"SCIM_SEATS_TRUSTED_PROXY": "false", "SCIM_SEATS_HOST": "0.0.0.0"}, "SCIM_SEATS_HOST"),
        ({"SCIM_SEATS_MANAGEMENT": "0.0.0.0:9080"}, "SCIM_SEATS_MANAGEMENT"),
        ({"SCIM_SEATS_SMTP_URL": ""}, "stays in the database"),
        ({"SCIM_SEATS_MAIL_FROM": ""}, "SCIM_SEATS_MAIL_FROM"),
        ({"SCIM_SEATS_PUBLIC_URL": ""}, "only this machine"),
    ],
)
def test_settings_that_are_probably_not_meant_so_are_remarked(settings: dict[str, str], named: str) -> None:
    done = checked(**{**GOOD, **settings})

    assert done.exit_code == 0
    assert named.replace("needs? ", "need ") in done.stdout
    assert "secret" not in done.stdout
