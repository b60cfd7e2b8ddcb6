"""Failures of imports."""

from scim_server.services.errors.base import Conflict, Invalid, NotFound


class UnknownImport(NotFound):
    """The organization has no import with this id."""

    code = "unknown_import"


class ImportClosed(Conflict):
    """The import was cancelled, or its source is not read completely."""

    code = "import_closed"


class UnreadableSource(Invalid):
    """The other server cannot be read."""

    code = "unreadable_source"
