"""Steps of tests about members in the console."""

import re

from scim_server.services.people import queries
from tests.console.visiting import Place, Visit

ADA, GRACE, ALAN = "ada@example.com", "grace@example.com", "alan@example.com"


def id_of(place: Place, name: str) -> str:
    """The id of a member."""
    return queries.history(place.context, name).person.id


def of(place: Place, name: str, action: str = "") -> str:
    """The path of the page of a member, or of a change of the member."""
    return f"/people/{id_of(place, name)}" + (f"/{action}" if action else "")


def now(place: Place, name: str) -> tuple[str, str | None, str]:
    """The status, tier and role of a member."""
    person = queries.history(place.context, name).person
    return person.status.value, person.tier, person.role


def confirm(visit: Visit, path: str, **fields: str) -> Visit:
    """Open the review of a change and confirm it."""
    query = "&".join(f"{name}={value}" for name, value in fields.items())
    visit.get(f"{path}?{query}")
    assert visit.status == 200, visit.words
    return visit.post(path, {"confirmation": visit.hidden("confirmation"), **fields})


def undo(visit: Visit) -> Visit:
    """Press Undo in the line after a change."""
    action = re.search(r'action="[^"]*?(/people/[^"]+)"', visit.page.partition('class="notice"')[2])
    assert action is not None, visit.words
    name = "role" if action[1].endswith("/role") else "tier"
    return visit.post(action[1], {name: visit.hidden(name)})


def names(visit: Visit) -> list[str]:
    """The userNames of the list, in its order."""
    return re.findall(r'<br><span class="soft small">([^<@]+)@example.com</span></td>', visit.page)
