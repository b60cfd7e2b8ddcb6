"""Imports: previews, progress and reports."""

from typing import Any

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation
from scim_server.representations.bills import Billed
from scim_server.representations.simulations import TIER_SUMMARY
from scim_server.services.imports.queries import Preview


def _counted(counts: Any, kind: str) -> dict[str, int]:  # noqa: ANN401 - a mapping of counts by `kind.name`
    """The counts of a kind, by name."""
    return {name.partition(".")[2]: n for name, n in counts.items() if name.startswith(f"{kind}.")}


class ImportRepresentation(Representation):
    """An import and how far it got."""

    id = fields.String()
    source = fields.String()
    state = fields.String()
    options = fields.Dict()
    created = fields.String()
    changed = fields.String()
    people = fields.Function(lambda job: _counted(job.counts, "people"))
    groups = fields.Function(lambda job: _counted(job.counts, "groups"))
    members = fields.Function(lambda job: _counted(job.counts, "members"))


class ProblemRepresentation(Representation):
    """An entry that is not imported."""

    kind = fields.String()
    line = fields.Integer(allow_none=True)
    source_id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    detail = fields.String()


class PreviewRepresentation(Representation):
    """What an import would do."""

    preview = fields.Constant(True)
    id = fields.String(attribute="job.id")
    source = fields.String(attribute="job.source")
    options = fields.Dict(attribute="job.options")
    entries = Quantities()
    people = Quantities()
    seats = fields.Method("describe_seats")
    missing = Quantities(attribute="seats.missing")
    price = fields.Nested(Billed, attribute="seats.price", allow_none=True)
    standstill = fields.String(attribute="seats.standstill", allow_none=True)
    roles = Quantities()
    unknown_schemas = Quantities()
    problems = fields.List(fields.Nested(ProblemRepresentation))

    def describe_seats(self, preview: Preview) -> dict[str, Any]:
        """The results for the seats of new and returning people."""
        found = preview.seats
        counted = {outcome.value: count for outcome, count in found.counted.items()}
        counted["none"] += preview.unseated
        return {**counted, "tiers": {one.tier: TIER_SUMMARY.dump(one) for one in found.tiers}}


class LeftOutEntry(Representation):
    """A person of an import who waits or was refused."""

    line = fields.Integer(allow_none=True)
    source_id = fields.String(attribute="given_id", allow_none=True)
    user_name = fields.String(attribute="key")
    outcome = fields.String()
    detail = fields.String()


class DifferentEntry(Representation):
    """A person or group who is here with other values."""

    kind = fields.String()
    line = fields.Integer(allow_none=True)
    source_id = fields.String(attribute="given_id", allow_none=True)
    name = fields.String(attribute="key")
    id = fields.String(attribute="target")
    attributes = fields.Function(lambda entry: (entry.detail or "").split(", "))


class FailedEntry(Representation):
    """An entry that was not imported."""

    kind = fields.String()
    line = fields.Integer(allow_none=True)
    source_id = fields.String(attribute="given_id", allow_none=True)
    name = fields.String(attribute="key", allow_none=True)
    detail = fields.String()


class GonePerson(Representation):
    """A person of an earlier import whom the source no longer has."""

    id = fields.String()
    user_name = fields.String()


class ReportRepresentation(Representation):
    """What an import did."""

    organization = fields.String()
    import_ = fields.Nested(ImportRepresentation, attribute="job", data_key="import")
    entries = Quantities()
    left_out = fields.List(fields.Nested(LeftOutEntry))
    different = fields.List(fields.Nested(DifferentEntry))
    problems = fields.List(fields.Nested(FailedEntry))
    gone = fields.List(fields.Nested(GonePerson))
    missing = Quantities(attribute="summary.missing")
    price = fields.Nested(Billed, attribute="summary.bill", allow_none=True)


IMPORT = ImportRepresentation()
PREVIEW = PreviewRepresentation()
REPORT = ReportRepresentation()
