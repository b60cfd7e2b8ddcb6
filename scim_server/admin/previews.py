"""Calls with a preview: the same call shows what would happen, and the confirmation code for exactly that."""

from collections.abc import Callable
from typing import Any, TypeVar

from scim_server.admin.problems import StalePreview
from scim_server.services.billing.commands import Stale
from scim_server.services.errors import StaleConfirmation

T = TypeVar("T")
Run = Callable[[bool, str | None], T | Stale]
"""Runs a command, given whether this is a preview and the confirmation code."""


def carry_out(
    run: Run[T], shape: Callable[[T], dict[str, object]], *, preview: bool, body: dict[str, Any] | None = None
) -> dict[str, object]:
    """Run a command or its preview, and shape its result.

    Args:
        body: the body of the request, with the confirmation code if there is one.

    Raises:
        StalePreview: the result would differ from the confirmed preview.
    """
    confirmation = None if body is None or preview else body["confirmation"]
    try:
        done = run(preview, confirmation)
    except StaleConfirmation as stale:
        raise StalePreview(stale.detail, _new(run, shape)) from None
    if isinstance(done, Stale):
        raise StalePreview(done.detail, _new(run, shape))
    return shape(done)


def _new(run: Run[T], shape: Callable[[T], dict[str, object]]) -> dict[str, object]:
    """The preview of the command now."""
    done = run(True, None)
    return {} if isinstance(done, Stale) else shape(done)
