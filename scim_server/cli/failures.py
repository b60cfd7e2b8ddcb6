"""Failures of commands: one line on standard error, with a hint in commands and options."""

from typing import Final

import click
import orjson

from scim_server.cli.output import printable
from scim_server.config import ConfigError
from scim_server.protocol.errors import ScimError
from scim_server.services.errors import ServiceError
from scim_server.store.errors import CommitUncertain, DatabaseMissing, StoreError, StoreUnavailable
from seat_policy.errors import PolicyError


class Refusal(Exception):
    """A command that a returned value refused: the line to print, and the code for scripts."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


FAILURES: Final = (Refusal, ConfigError, ServiceError, PolicyError, ScimError, StoreError)
"""Exceptions that end a command with one line and exit status 1."""

_CODES: Final = (
    (ConfigError, "invalid_setting"),
    (CommitUncertain, "outcome_unknown"),
    (StoreUnavailable, "database_unavailable"),
    (DatabaseMissing, "database_missing"),
    (StoreError, "database_unusable"),
)
"""Codes of failures without a code of their own; subclasses first."""

HINTS: Final[dict[str, str]] = {
    "database_missing": "name another file in SCIM_SEATS_DATABASE_URL, "
    "or create this one with 'scim-seats db upgrade'",
    "contract_runs": "'scim-seats seats schedule' sets how many seats the next term has",
    "price_missing": "add --price TIER=AMOUNT",
    "reason_missing": "give it with --reason",
    "occupants_not_named": "name each with --for",
    "stale_confirmation": "leave out --confirm to see the new preview",
    "tax_missing": "give it with --tax, as in --tax 19",
    "unknown_invoice": "'scim-seats invoice list' shows them",
    "unknown_person": "'scim-seats people list' shows all members",
    "unknown_organization": "'scim-seats org list' shows them",
    "no_free_seat": "add seats, or give another person's seat with 'scim-seats people reassign'",
    "already_seated": "'scim-seats people swap' exchanges the seats of two people",
    "primary_owner": "'scim-seats people transfer' makes another member the Primary Owner",
    "last_owner": "'scim-seats people role SLUG PERSON owner' makes a member an Owner",
    "unknown_refusal": "'scim-seats left-out list' shows them",
    "unknown_removal": "'scim-seats removals list' shows them",
    "wrong_lines": "correct the file, or leave out the wrong lines with --skip-bad",
    "buy_needs_contract": (
        "'scim-seats contract set SLUG --price TIER=AMOUNT' signs one; "
        "add --ceiling TIER=NUMBER to this command"
    ),
    "buy_needs_ceiling": "add --ceiling TIER=NUMBER to this command",
    "invitations_off": "'scim-seats org set SLUG --allow-invitations' allows them",
    "primary_owner_exists": "'scim-seats people transfer' gives the role to another person",
    "unknown_invitation": "'scim-seats invitation list' shows them",
    "invitee_renamed": "'scim-seats invitation revoke' and 'scim-seats people role' do that",
    "unknown_mapping": "'scim-seats mapping list' shows them",
    "unknown_domain": "'scim-seats domain add' adds one",
}
"""How to solve a failure with commands and options, by its code."""


def code_of(error: Exception) -> str:
    """The code by which scripts distinguish failures."""
    if isinstance(error, (ServiceError, Refusal)):
        return error.code
    if isinstance(error, ScimError):
        return error.scim_type or "invalid_request"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "invalid")


def report(error: Exception, *, as_json: bool) -> None:
    """Print a failure on standard error: as a line, or with --json as an object."""
    code, detail = code_of(error), " ".join(printable(str(error)).split())
    hint = HINTS.get(code)
    if hint is not None:
        detail = f"{detail}; {hint}"
    if as_json:
        click.echo(orjson.dumps({"error": {"code": code, "detail": detail}}).decode(), err=True)
    else:
        click.echo(f"scim-seats: {detail}", err=True)
