"""Ids such as acme-12 in addresses. A malformed id, and one of another organization, is an unknown id."""

from collections.abc import Iterator
from contextlib import contextmanager

from scim_server.services.errors import InvalidReference, NotFound


@contextmanager
def known(unknown: type[NotFound], what: str) -> Iterator[None]:
    """Answer every id that does not exist in the organization in the same way.

    Args:
        what: the noun, such as `open refusal`.

    Raises:
        NotFound: of the class `unknown`; the id does not exist.
    """
    try:
        yield
    except (InvalidReference, unknown):
        raise unknown(f"this organization has no {what} with this id") from None
