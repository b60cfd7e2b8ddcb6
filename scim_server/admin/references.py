"""Ids such as acme-12 in addresses. A malformed id and an id of another organization are unknown ids."""

from collections.abc import Iterator
from contextlib import contextmanager

from scim_server.services.errors import Invalid, InvalidReference, NotFound


@contextmanager
def known(unknown: type[NotFound], what: str, malformed: type[Invalid] = InvalidReference) -> Iterator[None]:
    """Answer every id that does not exist in the organization in the same way.

    Args:
        what: the noun, such as `open refusal`.
        malformed: the failure of a service if the id has the wrong form.

    Raises:
        NotFound: of the class `unknown`; the id does not exist.
    """
    try:
        yield
    except (malformed, unknown):
        raise unknown(f"this organization has no {what} with this id") from None
