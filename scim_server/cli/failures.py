"""Prints failures of commands as one line on standard error, with a hint about commands and options."""

from typing import Final

import orjson

from scim_server.cli.output import say
from scim_server.config import ConfigError
from scim_server.printable import escaped, printable
from scim_server.protocol.errors import ScimError
from scim_server.services.errors import ServiceError
from scim_server.store.errors import (
    CommitUncertain,
    DatabaseGone,
    DatabaseMissing,
    StoreError,
    StoreUnavailable,
)
from seat_policy.errors import PolicyError


class Refusal(Exception):
    """A service refused a command with a return value. Has the line to print and the code for scripts."""

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
    (DatabaseGone, "database_gone"),
    (StoreError, "database_unusable"),
)
"""Codes of failures that have no code of their own; subclasses first."""

HINTS: Final[dict[str, str]] = {
    "database_missing": "set SCIM_SEATS_DATABASE_URL to another file, "
    "or create this file with "
    "'scim-seats db upgrade'",
    "database_gone": "put the file back, or set SCIM_SEATS_DATABASE_URL to another file. To begin with an "
    "empty database, run 'scim-seats db upgrade --create'",
    "contract_runs": "set the number of seats of the next term with 'scim-seats seats schedule'",
    "deletion_scheduled": "cancel it with 'scim-seats org undelete SLUG'",
    "price_missing": "add --price TIER=AMOUNT",
    "reason_missing": "give the reason with --reason",
    "occupants_not_named": "give each person with --for",
    "stale_confirmation": "leave out --confirm to see the new preview",
    "tax_missing": "give the tax with --tax, for example --tax 19",
    "unknown_invoice": "list the invoices with 'scim-seats invoice list'",
    "unknown_person": "list all members with 'scim-seats people list'",
    "unknown_organization": "list the organizations with 'scim-seats org list'",
    "no_free_seat": "add seats, or give another person's seat with 'scim-seats people reassign'",
    "already_seated": "exchange the seats of two people with 'scim-seats people swap'",
    "primary_owner": "make another member the Primary Owner with 'scim-seats people transfer'",
    "last_owner": "make a member an Owner with 'scim-seats people role SLUG PERSON owner'",
    "unknown_refusal": "list the refused people with 'scim-seats left-out list'",
    "unknown_seat_request": "list the requests with 'scim-seats seat-request list'",
    "people_wait": "buy seats for them with 'scim-seats left-out buy', or use 'scim-seats people reassign'",
    "unknown_removal": "list the mass removals with 'scim-seats removals list'",
    "wrong_lines": "correct the file, or leave out the wrong lines with --skip-bad",
    "buy_needs_contract": (
        "sign a contract with 'scim-seats contract set SLUG --price TIER=AMOUNT', and add --ceiling "
        "TIER=NUMBER to this command"
    ),
    "buy_needs_ceiling": "add --ceiling TIER=NUMBER to this command",
    "invitations_off": "allow invitations with 'scim-seats org set SLUG --allow-invitations'",
    "primary_owner_exists": "use 'scim-seats people transfer' or 'scim-seats invitation revoke' for that",
    "unknown_invitation": "list the invitations with 'scim-seats invitation list'",
    "invitee_renamed": "use 'scim-seats invitation revoke' or 'scim-seats people role' for that",
    "unknown_import": "list the imports with 'scim-seats import list'",
    "unreadable_source": "go on with the same command when the server answers",
    "unknown_mapping": "list the mappings with 'scim-seats mapping list'",
    "unknown_endpoint": "list the endpoints with 'scim-seats webhook list'",
    "unknown_message": "list the messages with 'scim-seats webhook log'",
    "no_provider": "set one with 'scim-seats sso set'",
    "unknown_domain": "add a domain with 'scim-seats domain add'",
}
"""How to solve a failure with commands and options, by the code of the failure."""


def code_of(error: Exception) -> str:
    """The code with which scripts distinguish failures."""
    if isinstance(error, (ServiceError, Refusal)):
        return error.code
    if isinstance(error, ScimError):
        return error.scim_type or "invalid_request"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "invalid")


def report(error: Exception, *, as_json: bool) -> None:
    """Print a failure on standard error, as one line, or as an object with --json."""
    code, detail = code_of(error), " ".join(printable(str(error)).split())
    hint = HINTS.get(code)
    if hint is not None:
        detail = f"{detail}; {hint}"
    if as_json:
        say(escaped(orjson.dumps({"error": {"code": code, "detail": detail}}).decode()), err=True)
    else:
        say(f"scim-seats: {detail}", err=True)
