"""Does everything that appends a public event, and returns one event of each type, as programs get it.

`python -m tests.services.events.doing` writes the examples of the documentation anew.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import orjson

from scim_server.protocol.user import parse_user
from scim_server.representations.public_events import EXAMPLES, published
from scim_server.services.access import commands as access
from scim_server.services.billing import due
from scim_server.services.billing.contracts import Terms
from scim_server.services.context import Context
from scim_server.services.events import queries
from scim_server.services.groups import commands as groups
from scim_server.services.invitations import commands as invitations
from scim_server.services.left_out import commands as left_out
from scim_server.services.left_out import queries as left_out_queries
from scim_server.services.mappings import commands as mappings
from scim_server.services.notifications import commands as notifications
from scim_server.services.organizations import commands as organizations
from scim_server.services.organizations.commands import Changes
from scim_server.services.people import commands as people
from scim_server.services.seat_requests import commands as requests
from scim_server.services.seats import commands as seats
from scim_server.services.webhooks import commands as webhooks
from scim_server.services.webhooks.commands import NewEndpoint
from scim_server.store.database import schema
from scim_server.store.database.session import OPERATOR, Database
from seat_policy.contract import Renewal
from seat_policy.mapping import Unmapped
from seat_policy.roles import Role
from tests.services.seat_requests.conftest import Asking
from tests.support.builders.customer import OKTA, USERS, Customer, terms
from tests.support.builders.inviting import Host
from tests.support.builders.mapped import Mapped
from tests.support.builders.removing import LeftInGroups, names

Event = dict[str, Any]
Examples = dict[str, Event]

_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_NAME: Final = re.compile(r"\b[co]-[0-9a-f]{32}\b")


def mail(name: str) -> str:
    return f"{name}@example.com"


def members(database: Database) -> Context:
    """People come, wait, move and leave."""
    acme = LeftInGroups(database, {"standard": 2, "premium": 1}, holds=False, overflow="queue")
    here = acme.context()
    acme.provision("ann", "bob", "cy", "dee", "eve")
    people.unassign(here, mail("bob"))
    people.swap(here, mail("ann"), mail("cy"))
    people.set_role(here, mail("ann"), Role.ADMIN)
    acme.provision_values("ann", title="Artist")
    acme.deactivate(["cy"])
    acme.remove("eve")
    organizations.configure(here, Changes({"overflow": "reject"}))
    acme.provision("fay", "gus", "hal")
    refused = left_out_queries.left_out(here).rejected[0].reference
    left_out.dismiss(here, str(refused), "left the company")
    access.create_token(here, "entra")
    access.revoke_token(here, "entra")
    organizations.suspend(here)
    organizations.resume(here)
    people.create(acme.context(OKTA), parse_user({"userName": mail("ivy"), "active": False}, USERS))
    return here


def mapped(database: Database) -> Context:
    """Groups give tiers, roles and priorities."""
    acme = Mapped(database, "2026-03-01T09:00", terms(), {"standard": 2, "premium": 1}, overflow="queue")
    here = acme.context()
    acme.provision("ann", "bob", "cy", "dee", "eve")
    people.set_role(here, mail("bob"), Role.OWNER)
    engineering = acme.group("Engineering", "dee")
    acme.map("Engineering", tier="standard", priority=50)  # dee waits for standard, before others
    acme.change_group(engineering, remove=["dee"])
    acme.group("Everyone", "bob")
    acme.map("Everyone", role=Role.USER)  # the last Owner stays one
    acme.unmapped(Unmapped.NONE)
    acme.set_active("bob", active=True)
    people.deactivate(here, mail("cy"))
    people.activate(here, mail("cy"))
    organizations.configure(here, Changes({"overflow": "reject"}))
    acme.group("Gold", "eve", "dee")
    acme.map("Gold", tier="premium")
    acme.rename_group(engineering, "Builders")
    mappings.remove(here, "Gold")
    groups.delete(acme.context(OKTA), engineering)
    return here


def refused_tier(database: Database) -> Context:
    acme = Mapped(database, "2026-03-01T09:00", terms(), {"standard": 1}, overflow="reject")
    acme.provision("ann")
    acme.group("Engineering", "ann")
    acme.map("Engineering", tier="premium")
    return acme.context()


def granted(database: Database) -> Context:
    acme = Customer(database, "2026-03-01T09:00", None, {"standard": 2})
    seats.grant(acme.context(), {"standard": 3})
    return acme.context()


def forecast(database: Database) -> Context:
    acme = Customer(database, "2026-03-02T09:00", None, {"standard": 50})
    for day in range(2, 23):
        acme.today = f"2026-03-{day:02}T09:00"
        acme.provision(f"day-{day}")
    notifications.do_daily_work_of(database, acme.id)
    return acme.context()


def billed(database: Database) -> Context:
    """A contract with purchases, renewals and a credit note."""
    acme = Customer(database, "2026-03-01T09:00", terms(renewal=Renewal.PURCHASED), {"standard": 2})
    acme.buy(standard=3)
    acme.buy((1, "standard", "premium"))
    acme.credit(1)
    acme.sign(Terms(auto_renew=False))
    acme.sign(Terms(auto_renew=True))
    acme.schedule(standard=2)
    acme.today = "2026-12-20T09:00"
    acme.renew("2027-01-01")
    acme.today = "2027-01-02T09:00"
    acme.provision("ann")
    return acme.context()


def ended(database: Database) -> Context:
    acme = Customer(database, "2026-12-01T09:00", terms(auto_renew=False), {"standard": 1})
    acme.today = "2027-01-02T09:00"
    acme.renew()
    return acme.context()


def bought(database: Database) -> Context:
    """A seat is bought for a new person, and billed on the next day."""
    acme = Customer(
        database, "2026-03-01T09:00", terms(), {"standard": 1}, overflow="buy", ceilings={"standard": 5}
    )
    acme.provision("ann", "bob")
    acme.today = "2026-03-02T09:00"
    due.catch_up(database, acme.id)
    return acme.context()


def invited(database: Database) -> Context:
    acme = Host(database, {"standard": 6}, today="2026-03-01T09:00")
    here = acme.context()
    acme.invite("ann", "bob", "cy")
    acme.invite("dee", role=Role.ADMIN)
    invitations.resend(here, acme.address("bob"))
    invitations.revoke(here, acme.address("bob"))
    acme.accept("ann")
    acme.provision_person("dee")
    acme.today = "2026-04-01T09:00"
    due.catch_up(database, acme.id)
    return here


def removed(database: Database) -> Context:
    acme = LeftInGroups(database, {"standard": 60}, overflow="queue")
    acme.provision(*names(1, 60))
    acme.deactivate(names(1, 25))
    acme.restore()
    return acme.context()


def confirmed(database: Database) -> Context:
    acme = LeftInGroups(database, {"standard": 60}, overflow="queue")
    acme.provision(*names(1, 60))
    acme.deactivate(names(1, 25))
    acme.confirm()
    return acme.context()


def asked(database: Database) -> Context:
    """People ask for seats."""
    acme = Asking(database, "2026-03-01T09:00", terms(), {"standard": 1}, overflow="queue")
    acme.provision("ann", "bob", "cy", "dee")
    here = acme.context()
    acme.approve(acme.ask("bob"))
    requests.decline(here, str(acme.ask("cy").reference), "not this year")
    requests.withdraw(here, str(acme.ask("dee").reference))
    acme.ask("dee")
    acme.today = "2026-03-08T09:00"
    notifications.do_daily_work_of(database, acme.id)
    acme.remove("dee")
    return here


def hooked(database: Database) -> Context:
    """An endpoint of the organization."""
    acme = Customer(database, "2026-03-01T09:00", None, {"standard": 1})
    scope = webhooks.Scope(database, OPERATOR, acme.id)
    new = NewEndpoint("https://app.example.com/hooks")
    added = webhooks.add(scope, new, lambda url: url).endpoint.id
    webhooks.set_endpoint(scope, added, webhooks.Changes(batch=10), lambda url: url)
    webhooks.disable(scope, added)
    webhooks.enable(scope, added)
    webhooks.remove(scope, added)
    return acme.context()


def closed(database: Database) -> Context:
    """The deletion of the organization is scheduled, and cancelled."""
    acme = Customer(database, "2026-03-01T09:00", None, {"standard": 1})
    organizations.schedule_deletion(acme.context(), acme.slug)
    organizations.cancel_deletion(acme.context())
    return acme.context()


DOINGS: Final[tuple[Callable[[Database], Context], ...]] = (
    members,
    mapped,
    refused_tier,
    granted,
    forecast,
    billed,
    ended,
    bought,
    invited,
    removed,
    confirmed,
    asked,
    hooked,
    closed,
)


def examples(database: Database) -> Examples:
    """The first event of each type, in the order of the catalogue."""
    found: Examples = {}
    for doing in DOINGS:
        for event in whole_history(doing(database)):
            found.setdefault(event["type"], event)
    return {type_: tidy(found[type_]) for type_ in queries.PUBLIC if type_ in found}


def whole_history(context: Context) -> Iterable[Event]:
    cursor, more = None, True
    while more:
        part = queries.after(context, cursor)
        cursor, more = part.cursor, part.more
        yield from published(part.data)


def tidy(event: Event) -> Event:
    """The event with the same ids and names in every run."""
    text = orjson.dumps(event).decode()
    for number, id_ in enumerate(dict.fromkeys(_ID.findall(text)), start=1):
        text = text.replace(id_, f"00000000-0000-4000-8000-{number:012}")
    for slug in dict.fromkeys(_NAME.findall(text)):
        text = text.replace(slug, "acme")
    found: Event = orjson.loads(_TIME.sub("2026-03-01T09:00:00.000000Z", text))
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = due.opened(f"sqlite:///{Path(folder) / 'seats.db'}")
        schema.upgrade(database)
        found = examples(database)
        database.close()
    EXAMPLES.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    missing = [type_ for type_ in queries.PUBLIC if type_ not in found]
    sys.stdout.write(f"{len(found)} examples; missing: {missing}\n")


if __name__ == "__main__":
    main()
