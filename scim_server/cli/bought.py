"""Prints purchases: what a command bought or would buy, and how to confirm it."""

from collections.abc import Sequence
from typing import Final, TypeVar

import click

from scim_server.cli.failures import Refusal
from scim_server.cli.output import say
from scim_server.cli.quote import print_bill
from scim_server.documents import formats
from scim_server.services.billing.commands import Done, Purchase, Stale
from seat_policy.bill import Order

T = TypeVar("T")

_MOST_NAMES: Final = 20

confirm_option = click.option(
    "--confirm",
    metavar="CODE",
    help="Do exactly what the preview with this confirmation code showed. If the result would now "
    "differ, nothing is done.",
)
yes_option = click.option(
    "--yes", is_flag=True, help="Do it. Without this option, only show what would happen."
)


def confirmed(outcome: Done[T] | Stale) -> Done[T]:
    """Return the result; if the confirmation code is outdated, the command fails.

    Raises:
        Refusal: the result would differ from the preview.
    """
    if isinstance(outcome, Stale):
        raise Refusal(outcome.code, outcome.detail)
    return outcome


def print_bought(order: Order, bought: Purchase | None, *, done: bool) -> None:
    """Print the bill; without a contract, print the seats that are granted free of charge."""
    if bought is None or bought.repeated:
        return
    if bought.bill is not None:
        print_bill(bought.bill)
        return
    free = "free of charge: the organization has no contract"
    total = sum(order.adds.values())
    were = ("was added" if total == 1 else "were added") if done else "would be added"
    if total:
        say(f"{formats.tiers(order.adds)} {were}, {free}.")
    for one in order.upgrades:
        were = ("was" if one.quantity == 1 else "were") if done else "would be"
        say(f"{formats.seats(one.quantity, one.source)} {were} upgraded to {one.target}, {free}.")


def print_names(label: str, people: Sequence[str]) -> None:
    """Print the names of people after a label; print nothing if there are none."""
    if not people:
        return
    shown = ", ".join(people[:_MOST_NAMES])
    more = len(people) - _MOST_NAMES
    rest = f" and {more} more; --json lists all" if more > 0 else ""
    say(f"{label}: {shown}{rest}.")


def repeated_words(bought: Purchase) -> str:
    """The message for an idempotency key that was used before."""
    invoice = "nothing was owed" if bought.invoice is None else bought.invoice.reference
    return f"This key was already used for the same purchase ({invoice}). Nothing is bought again."


def print_done(done: Done[T], bought: Purchase | None = None) -> None:
    """Print which invoice was issued; after a preview, print how to confirm it."""
    if bought is not None and bought.invoice is not None and not done.preview:
        say(f"Invoice {bought.invoice.reference} was issued.")
    if done.preview:
        say("This was a preview, and nothing was changed.")
        say("Add --yes to do it. To do exactly what is shown here, add:")
        say(f"--confirm {done.confirmation}")
