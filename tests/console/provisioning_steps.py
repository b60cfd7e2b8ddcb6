"""Steps of tests about Provisioning in the console."""

import re

from scim_server.services.access import queries as access
from tests.console.visiting import Place, Visit

SETTINGS = {"mode": "scim", "overflow": "queue", "overflow-standard": "same", "ceiling-standard": ""}
PRICES = {"standard": "240.00", "premium": "1200.00"}
PEOPLE = b"userName,tier\n" + b"".join(b"p%d@example.com,standard\n" % number for number in range(7))


def query(fields: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def hidden(visit: Visit) -> dict[str, str]:
    """The hidden fields of the review, without the token of the session."""
    found = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', visit.page.split("<main")[1])
    )
    return {name: value for name, value in found.items() if name != "csrf_token"}


def live(place: Place) -> list[str]:
    return [one.token.name for one in access.token_states(place.context) if one.live]


def upload(visit: Visit, content: bytes, **fields: str) -> Visit:
    token = visit.get("/provisioning/simulate").hidden("csrf_token")
    answer = visit.client.post(
        f"{visit.place.base}/provisioning/simulate",
        data={"csrf_token": token, **fields},
        files={"file": ("people.csv", content, "text/csv")},
    )
    visit.page, visit.status, visit.answer = answer.text, answer.status_code, answer
    return visit
