"""The addresses of the console's pages, for texts that people read elsewhere."""

from typing import Final

OVERVIEW: Final = ""
LEFT_OUT: Final = "/left-out"
REQUESTS: Final = "/left-out?kind=asked"
BILLING: Final = "/billing"
MAPPINGS: Final = "/provisioning/mappings"


def of_removal(reference: str) -> str:
    """The page about a mass removal, inside the console of an organization."""
    return f"/people/removals/{reference}"


def console(public_url: str, slug: str, page: str = "") -> str:
    """The address of a page of an organization's console.

    Args:
        public_url: the beginning of every link, without a slash at the end.
        page: the path of the page inside the console; the first page if it is empty.
    """
    return f"{public_url}/console/{slug}{page}"
