"""Who was left out and why, and letting them in."""

from dataclasses import dataclass
from datetime import datetime

import orjson

from scim_server.protocol.attributes import JSON
from scim_server.protocol.errors import ScimError
from scim_server.protocol.user import User
from scim_server.services import people
from scim_server.services.errors import OperatorError
from scim_server.services.left_out import Refused
from scim_server.services.people import Outcome
from scim_server.services.schemas import directory_in
from scim_server.store import events, organizations, refusals
from scim_server.store import people as people_store
from scim_server.store.events import Entry
from scim_server.store.organizations import Organization
from scim_server.store.refusals import Refusal
from scim_server.store.session import Actor, Database, Write, timestamp

OUTCOMES = (
    "provisioned",
    "queued",
    "rejected",
    "promoted",
    "moved",
    "deprovisioned",
    "deleted",
    "updated",
    "created",
)


def entries(  # noqa: PLR0913 - each argument is one of the log's filters
    database: Database,
    organization: str,
    *,
    outcome: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    only_open: bool = False,
    limit: int = 100,
) -> list[Entry]:
    """Entries of the provisioning log, newest first; `before` is the number after which a page ended."""
    with database.read(organization) as read:
        return events.log(
            read,
            type_=None if outcome is None else f"person.{outcome}",
            since=None if since is None else timestamp(since),
            before=before,
            only_open=only_open,
            limit=limit,
        )


@dataclass(frozen=True, slots=True)
class Retried:
    """One refused person, tried again.

    Attributes:
        outcome: `seated`, `waiting`, `rejected`, `failed`, or `gone` when nothing was left to do.
        detail: for a new refusal or a failure, why.
    """

    reference: str
    user_name: str | None
    outcome: str
    detail: str | None = None


def retry(
    database: Database, organization: Organization, actor: Actor, sequence: int | None
) -> list[Retried]:
    """Try open refusals again, oldest first: one of them, or all. Each is a transaction of its own.

    Once somebody is refused again, others who want the same are not tried: they would find no more.

    Raises:
        OperatorError: the one named is not open.
    """
    with database.read(organization.id) as read:
        found = refusals.to_retry(read, sequence)
    if sequence is not None and not found:
        raise OperatorError(
            f"there is no open refusal {organization.slug}-{sequence}; "
            f"'scim-seats log list {organization.slug} --outcome rejected' shows them"
        )
    done: list[Retried] = []
    full: set[str] = set()
    for refusal in found:
        if refusal.wants not in full:
            done.append(_retry(database, organization, actor, refusal))
            if done[-1].outcome == "rejected":
                full.add(refusal.wants)
    return done


def _retry(database: Database, organization: Organization, actor: Actor, refusal: Refusal) -> Retried:
    reference = f"{organization.slug}-{refusal.sequence}"

    def work(write: Write) -> Outcome | None:
        # Read again under the clock: the provider may have come first.
        still = refusals.open_entry(write, refusal.user_name_key)
        return None if still is None else _let_in(write, still)

    try:
        outcome = database.write(organization.id, actor, work)
    except ScimError as error:
        return Retried(reference, refusal.user_name, "failed", error.detail)
    if outcome is None:
        return Retried(reference, refusal.user_name, "gone")
    if isinstance(outcome, Refused):
        return Retried(reference, refusal.user_name, "rejected", outcome.detail)
    return Retried(reference, refusal.user_name, outcome.person.status)


def _let_in(write: Write, refusal: Refusal) -> Outcome | None:
    organization = organizations.get(write)
    directory = directory_in(write, organization)
    reader = directory.user_reader(seats=organization.shows_seats, strict=organization.strict)
    if refusal.person is None:
        document: dict[str, JSON] = orjson.loads(refusal.document or "{}")
        user = User.of({**document, "active": True}, reader.resource_type)
        return people.create_in(write, organization, user, wants=refusal.wants)
    person = people_store.get(write, refusal.person)
    if person is None:
        return None
    user = User.of({**orjson.loads(person.document), "active": True}, reader.resource_type)
    return people.save_in(write, organization, person, user, wants=refusal.wants)
