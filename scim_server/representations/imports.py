"""Imports: previews, progress and reports."""

from marshmallow import fields

from scim_server.representations.base import Quantities, Representation
from scim_server.representations.bills import Billed
from scim_server.representations.simulations import TierSummaryRepresentation


class ImportOptions(Representation):
    """How the entries of an import are treated."""

    keep_ids = fields.Boolean()
    update = fields.Boolean()


class ImportJob(Representation):
    """An import and how far it got."""

    id = fields.String()
    source = fields.String()
    state = fields.String()
    options = fields.Nested(ImportOptions)
    created = fields.String()
    changed = fields.String()
    people = Quantities()
    groups = Quantities()
    members = Quantities()


class ImportProblem(Representation):
    """An entry that is not imported."""

    kind = fields.String()
    line = fields.Integer(allow_none=True)
    source_id = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    detail = fields.String()


class ImportSeats(Representation):
    """How many new and returning people would get each result, and the result for each tier."""

    seated = fields.Integer()
    waiting = fields.Integer()
    refused = fields.Integer()
    none = fields.Integer()
    inactive = fields.Integer()
    here = fields.Integer()
    tiers = fields.Dict(keys=fields.String(), values=fields.Nested(TierSummaryRepresentation))


class ImportPreview(Representation):
    """What an import would do."""

    preview = fields.Constant(True)
    id = fields.String(attribute="job.id")
    source = fields.String(attribute="job.source")
    options = fields.Nested(ImportOptions, attribute="job.options")
    entries = Quantities()
    people = Quantities()
    seats = fields.Nested(ImportSeats, attribute="seats_counted")
    missing = Quantities(attribute="seats.missing")
    price = fields.Nested(Billed, attribute="seats.price", allow_none=True)
    standstill = fields.String(attribute="seats.standstill", allow_none=True)
    roles = Quantities()
    unknown_schemas = Quantities()
    problems = fields.List(fields.Nested(ImportProblem))


class ImportLeftOut(Representation):
    """A person of an import who waits or was refused."""

    line = fields.Integer(allow_none=True)
    source_id = fields.String(attribute="given_id", allow_none=True)
    user_name = fields.String(attribute="key")
    outcome = fields.String()
    detail = fields.String()


class ImportDifference(Representation):
    """A person or group who is here with other values."""

    kind = fields.String()
    line = fields.Integer(allow_none=True)
    source_id = fields.String(attribute="given_id", allow_none=True)
    name = fields.String(attribute="key")
    id = fields.String(attribute="target")
    attributes = fields.List(fields.String())


class ImportFailure(Representation):
    """An entry that was not imported."""

    kind = fields.String()
    line = fields.Integer(allow_none=True)
    source_id = fields.String(attribute="given_id", allow_none=True)
    name = fields.String(attribute="key", allow_none=True)
    detail = fields.String()


class ImportGone(Representation):
    """A person of an earlier import whom the source no longer has."""

    id = fields.String()
    user_name = fields.String()


class ImportReport(Representation):
    """What an import did."""

    organization = fields.String()
    import_ = fields.Nested(ImportJob, attribute="job", data_key="import")
    entries = Quantities()
    left_out = fields.List(fields.Nested(ImportLeftOut))
    different = fields.List(fields.Nested(ImportDifference))
    problems = fields.List(fields.Nested(ImportFailure))
    gone = fields.List(fields.Nested(ImportGone))
    missing = Quantities(attribute="summary.missing")
    price = fields.Nested(Billed, attribute="summary.bill", allow_none=True)


IMPORT = ImportJob()
PREVIEW = ImportPreview()
REPORT = ImportReport()
