"""Output about purchases: what a command bought or would buy, and how to confirm it."""

from collections.abc import Sequence
from typing import Final, TypeVar

import click

from scim_server.cli.failures import Refusal
from scim_server.cli.output import printable
from scim_server.cli.quote import print_bill
from scim_server.documents import formats
from scim_server.services.billing.purchases import Purchase
from scim_server.services.confirmations import Done, Stale
from seat_policy.bill import Order

T = TypeVar("T")

_MOST_NAMES: Final = 20

confirm_option = click.option(
    "--confirm",
    metavar="TOKEN",
    help="Do what the preview with this token showed; refuse if anything has changed.",
)
yes_option = click.option("--yes", is_flag=True, help="Do it; without this, only show what would happen.")


def confirmed(outcome: Done[T] | Stale) -> Done[T]:
    """The result; a stale confirmation is the failure of the command.

    Raises:
        Refusal: something has changed since the preview.
    """
    if isinstance(outcome, Stale):
        raise Refusal(outcome.code, outcome.detail)
    return outcome


def print_bought(order: Order, bought: Purchase | None, *, done: bool) -> None:
    """Print the bill, or without a contract the seats that are granted free of charge."""
    if bought is None or bought.repeated:
        return
    if bought.bill is not None:
        print_bill(bought.bill)
        return
    total = sum(order.adds.values())
    were = ("was added" if total == 1 else "were added") if done else "would be added"
    click.echo(f"{formats.tiers(order.adds)} {were}, free of charge: the organization has no contract.")


def print_names(label: str, people: Sequence[str]) -> None:
    """Print the names of people after a label; print nothing if there are none."""
    if not people:
        return
    shown = ", ".join(printable(name) for name in people[:_MOST_NAMES])
    more = len(people) - _MOST_NAMES
    rest = f" and {more} more; --json lists all" if more > 0 else ""
    click.echo(f"{label}: {shown}{rest}.")


def repeated_words(bought: Purchase) -> str:
    """The answer to an idempotency key that was used before."""
    invoice = "nothing was owed" if bought.invoice is None else bought.invoice.reference
    return f"This key was used for the same purchase before ({invoice}); nothing is bought again."


def print_done(done: Done[T], bought: Purchase | None = None) -> None:
    """Print which invoice was issued, or after a preview how to confirm it."""
    if bought is not None and bought.invoice is not None and not done.preview:
        click.echo(f"Invoice {bought.invoice.reference} was issued.")
    if done.preview:
        click.echo("Preview: nothing was changed. Add --yes to do it, or, to do exactly this:")
        click.echo(f"--confirm {done.confirmation}")
