"""Mass removals by a provider: listed, shown, confirmed, or restored."""

from typing import Any, Final

from scim_server.admin import auth, lists, references
from scim_server.admin.acting import Acting, context_of
from scim_server.admin.previews import carry_out
from scim_server.admin.routes import OF_ORGANIZATION, Noun
from scim_server.representations import removals as shapes
from scim_server.representations.base import dump
from scim_server.services.access.commands import Scope
from scim_server.services.errors import (
    NoContract,
    NoSeatGiven,
    PriceMissing,
    RemovalClosed,
    RoleTooLow,
    UnknownPerson,
    UnknownRemoval,
)
from scim_server.services.mass_removals import commands, queries

removals = Noun("removals", "Mass removals: a provider removed many people at once, perhaps by mistake.")

_REMOVALS: Final = f"{OF_ORGANIZATION}/removals"
_ONE: Final = f"{_REMOVALS}/<removal>"
_REMOVAL: Final = "mass removal"
_OPEN: Final = (UnknownRemoval, RemovalClosed, UnknownPerson, RoleTooLow)


@removals.list(_REMOVALS, Scope.PROVISIONING_READ, shapes.RemovalRepresentation)
def list_removals(query: dict[str, Any]) -> dict[str, object]:
    """List the mass removals, the newest first."""
    page = queries.page(auth.context(), after=lists.after(query), limit=query["limit"])
    return lists.listing(shapes.REMOVAL, page)


@removals.show(_ONE, Scope.PROVISIONING_READ, shapes.RemovalDetailsRepresentation, raises=(UnknownRemoval,))
def show(removal: str) -> dict[str, object]:
    """One mass removal, and for each person the earlier seat, the held seat, and whether they are back."""
    with references.known(UnknownRemoval, _REMOVAL):
        return dump(shapes.REMOVAL_DETAILS, queries.show(auth.context(), removal))


@removals.do(
    f"{_ONE}/confirm",
    Scope.PROVISIONING_WRITE,
    shapes.ConfirmedRemoval,
    Acting,
    preview=True,
    raises=_OPEN,
    example={},
)
def confirm(removal: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Confirm that a mass removal was intended.

    The held seats are given to people in the queue. The data for restoring the removed people is deleted.
    """
    context = context_of(body)
    with references.known(UnknownRemoval, _REMOVAL):
        return carry_out(
            lambda shown, code: commands.confirm(context, removal, preview=shown, confirmation=code),
            shapes.confirmed,
            preview=preview,
            body=body,
        )


@removals.do(
    f"{_ONE}/restore",
    Scope.PROVISIONING_WRITE,
    shapes.RestoredRemoval,
    Acting,
    preview=True,
    raises=(*_OPEN, NoSeatGiven),
    example={},
)
def restore(removal: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Restore the people of a mass removal, without buying seats.

    People whose seats other people have now wait or are refused, by the policy of the organization. Stop the
    provider first, or the provider will remove the people again.
    """
    return _restored(removal, body, buys=False, preview=preview)


@removals.do(
    f"{_ONE}/restore-and-buy",
    Scope.SEATS_BUY,
    shapes.RestoredRemoval,
    Acting,
    preview=True,
    raises=(*_OPEN, NoSeatGiven, NoContract, PriceMissing),
    example={"owner": "boss@example.com"},
)
def restore_and_buy(removal: str, body: dict[str, Any], *, preview: bool) -> dict[str, object]:
    """Restore the people of a mass removal, and buy the missing seats at the price in the preview."""
    return _restored(removal, body, buys=True, preview=preview)


def _restored(removal: str, body: dict[str, Any], *, buys: bool, preview: bool) -> dict[str, object]:
    context, slug = context_of(body), auth.organization().slug
    with references.known(UnknownRemoval, _REMOVAL):
        return carry_out(
            lambda shown, code: commands.restore(
                context, removal, buys=buys, preview=shown, confirmation=code
            ),
            lambda done: shapes.restored(slug, done),
            preview=preview,
            body=body,
        )
