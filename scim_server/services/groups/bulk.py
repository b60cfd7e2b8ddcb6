"""Bulk requests.

Each operation follows the rules of a single request; operations are committed in batches.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from scim_server.protocol import patch
from scim_server.protocol.bulk import BulkRequest, Operation, in_order
from scim_server.protocol.change import Kind
from scim_server.protocol.errors import CircularReference, Forbidden, InvalidValue, NotFound, ScimError
from scim_server.protocol.group import MemberChange, apply_own, parse_group, parse_group_patch
from scim_server.protocol.resource import Described
from scim_server.protocol.user import parse_user
from scim_server.services.context import Context
from scim_server.services.groups import provision as groups
from scim_server.services.modes import accepting_scim
from scim_server.services.people import provision as people
from scim_server.services.scim import resources
from scim_server.services.scim.schemas import directory_of
from scim_server.services.seats.refuse import Refused
from scim_server.store.database.session import Write
from scim_server.store.rows.organizations import Organization

BATCH: Final = 50
"""Operations in one transaction.

With this number, few commits are needed and other writers are not blocked long.
"""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one operation.

    Attributes:
        position: the position in the request.
        id, version: the id and version of the resource; None if there is no resource.
        error: why the operation failed; None if it succeeded.
    """

    position: int
    operation: Operation
    status: int
    id: str | None = None
    version: int | None = None
    error: ScimError | None = None


def run(context: Context, request: BulkRequest) -> list[Result]:
    """Carry out a bulk request; return the results in the order of the request, until failOnErrors stops it.

    Each new resource gets its id in advance, so that circular references need no second pass.

    Raises:
        Forbidden: the organization does not provision by SCIM.
    """
    ids = {one.bulk_id: str(uuid4()) for one in request.operations if one.bulk_id is not None}
    done: list[Result] = []
    for positions in _batches(in_order(request.operations)):
        made = frozenset(one.operation.bulk_id for one in done if one.error is None)
        failed = frozenset(one.operation.bulk_id for one in done if one.error is not None) - made
        left = None if request.fail_on_errors is None else request.fail_on_errors - _errors(done)
        batch = _Batch(request.operations, positions, ids, made, failed, left)
        done += context.write(batch.work)
        if request.fail_on_errors is not None and _errors(done) >= request.fail_on_errors:
            break
    return sorted(done, key=lambda result: result.position)


def _errors(results: Sequence[Result]) -> int:
    return sum(result.error is not None for result in results)


def _batches(positions: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(positions), BATCH):
        yield positions[start : start + BATCH]


@dataclass(frozen=True, slots=True)
class _Batch:
    """The operations of one transaction.

    Attributes:
        ids: ids of the resources that the POSTs of the request create, by bulkId.
        made, failed: the bulkIds of POSTs that succeeded or failed in earlier batches.
        errors_left: the number of further errors after which the request stops; None for no limit.
    """

    operations: Sequence[Operation]
    positions: Sequence[int]
    ids: Mapping[str, str]
    made: frozenset[str | None]
    failed: frozenset[str | None]
    errors_left: int | None

    def work(self, write: Write) -> list[Result]:
        """The unit of work. It may run again from the start."""
        organization = accepting_scim(write)
        results: list[Result] = []
        made, failed, errors = set(self.made), set(self.failed), 0
        for position in self.positions:
            operation = self.operations[position]
            result = self._one(write, organization, position, made, failed)
            results.append(result)
            if result.error is None and operation.bulk_id is not None:
                made.add(operation.bulk_id)
            if result.error is not None:
                errors += 1
                if operation.bulk_id is not None and operation.bulk_id not in made:
                    failed.add(operation.bulk_id)
                if self.errors_left is not None and errors >= self.errors_left:
                    break
        return results

    def _one(
        self,
        write: Write,
        organization: Organization,
        position: int,
        made: set[str | None],
        failed: set[str | None],
    ) -> Result:
        operation = self.operations[position]
        try:
            if operation.error is not None:
                raise operation.error
            self._not_circular(operation, made | failed)
            missing = sorted(name for name in operation.references() if name in failed)
            if missing:
                raise InvalidValue(f"The operation with the bulkId '{missing[0][:100]}' failed.")
            resolved = operation.resolved(self.ids)
            id_ = None if operation.bulk_id is None else self.ids[operation.bulk_id]
            done = write.attempt(lambda: _carry_out(write, organization, resolved, id_))
            if isinstance(done, Refused):
                # Counted after the attempt, because the log entry of a refused person stays.
                raise Forbidden(done.detail)
        except ScimError as error:
            return Result(position, operation, error.status, operation.target, error=error)
        return Result(position, operation, *done)

    def _not_circular(self, operation: Operation, done: set[str | None]) -> None:
        """Check that a group does not contain itself through later operations, in the order of references."""
        later = {name for name in operation.references() if name in self.ids and name not in done}
        if operation.endpoint == "/Groups" and later:
            raise CircularReference(
                f"members: the group with the bulkId '{min(later)[:100]}' contains this group, so "
                "it cannot be a member of this group."
            )


Done = tuple[int, str, int | None]
"""The status, id and version of one operation."""


def _carry_out(
    write: Write, organization: Organization, operation: Operation, id_: str | None
) -> Done | Refused:
    if operation.endpoint == "/Users":
        return _user(write, organization, operation, id_)
    if operation.endpoint == "/Groups":
        return _group(write, organization, operation, id_)
    return _own(write, organization, operation, id_)


def _user(write: Write, organization: Organization, operation: Operation, id_: str | None) -> Done | Refused:
    directory = directory_of(write, organization)
    reader = directory.user_reader(seats=organization.shows_seats, strict=organization.strict)
    if operation.target is None:
        user = parse_user(operation.data, reader)
        status, outcome = HTTPStatus.CREATED, people.create(write, organization, user, id_=id_)
    else:
        before = people.existing(write, operation.target, operation.version)
        status = HTTPStatus.OK
        if operation.method == "DELETE":
            people.delete(write, organization, before)
            return HTTPStatus.NO_CONTENT, before.id, None
        if operation.method == "PUT":
            outcome = people.save(write, organization, before, parse_user(operation.data, reader))
        else:
            changes = patch.changes(operation.data, reader)
            outcome = people.patch(write, organization, before, changes, reader)
    if isinstance(outcome, Refused):
        return outcome
    return status, outcome.person.id, outcome.person.version


def _group(write: Write, organization: Organization, operation: Operation, id_: str | None) -> Done:
    reader = directory_of(write, organization).group_reader(strict=organization.strict)
    if operation.target is None:
        group, members = parse_group(operation.data, reader)
        stored = groups.create(write, organization, group, members, id_=id_)
        return HTTPStatus.CREATED, stored.id, stored.version
    before = groups.existing(write, operation.target, operation.version)
    if operation.method == "DELETE":
        groups.delete(write, organization, before)
        return HTTPStatus.NO_CONTENT, before.id, None
    if operation.method == "PUT":
        group, members = parse_group(operation.data, reader)
        changes = [MemberChange(Kind.REPLACE, members)]
    else:
        own, changes = parse_group_patch(operation.data, reader)
        group = apply_own(before.document, own, reader)
    stored = groups.save(write, organization, before, group, changes)
    return HTTPStatus.OK, stored.id, stored.version


def _own(write: Write, organization: Organization, operation: Operation, id_: str | None) -> Done:
    endpoint = operation.endpoint.removeprefix("/")
    reader = directory_of(write, organization).reader_at(endpoint, strict=organization.strict)
    if reader is None:
        raise NotFound(f"The path {operation.endpoint} does not exist.")
    kind = reader.resource_type
    if operation.target is None:
        made = resources.create(write, kind, Described.of(reader.load_named(operation.data), kind), id_=id_)
        return HTTPStatus.CREATED, made.id, made.version
    before = resources.existing(write, kind, operation.target, operation.version)
    if operation.method == "DELETE":
        resources.delete(write, kind, before)
        return HTTPStatus.NO_CONTENT, before.id, None
    if operation.method == "PUT":
        saved = resources.replace(write, kind, before, Described.of(reader.load_named(operation.data), kind))
    else:
        saved = resources.patch(write, before, patch.changes(operation.data, reader), reader)
    return HTTPStatus.OK, saved.id, saved.version
