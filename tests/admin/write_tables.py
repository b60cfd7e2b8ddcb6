"""Write the tables of docs/api.md: PYTHONPATH=$PWD python -m tests.admin.write_tables."""

import re
from pathlib import Path

from scim_server.admin.errors import every_code
from scim_server.services.access.commands import PERMITS

API_PAGE = Path(__file__).parents[2] / "docs/api.md"
SCOPES_HEAD = "| scope | permits |\n|---|---|\n"
CODES_HEAD = "| status | code | meaning |\n|---|---|---|\n"


def scopes() -> str:
    """The table of scopes."""
    return SCOPES_HEAD + "".join(f"| `{scope}` | {permits} |\n" for scope, permits in PERMITS.items())


def codes() -> str:
    """The table of codes."""
    rows = (f"| {int(one.status)} | `{one.code}` | {one.meaning} |\n" for one in every_code().values())
    return CODES_HEAD + "".join(rows)


def written(page: str) -> str:
    """The page with the tables as the code has them."""
    for head, table in ((SCOPES_HEAD, scopes()), (CODES_HEAD, codes())):
        before, _, rest = page.partition(head)
        page = before + table + re.sub(r"\A(?:\|.*\n)*", "", rest)
    return page


if __name__ == "__main__":
    API_PAGE.write_text(written(API_PAGE.read_text()))
