"""What a command bought or changed, or would: in words, with how to confirm it."""

from collections.abc import Sequence
from typing import Final, TypeVar

import click

from scim_server.cli.hints import Refusal
from scim_server.cli.output import printable
from scim_server.cli.quote import print_bill
from scim_server.documents import formats
from scim_server.services.billing.purchases import Purchase
from scim_server.services.confirmations import Done, Stale
from seat_policy.invoices import Order

T = TypeVar("T")

_MOST_NAMES: Final = 20

confirm_option = click.option(
    "--confirm", metavar="TOKEN", help="Do exactly what the preview with this token showed, or nothing."
)
yes_option = click.option("--yes", is_flag=True, help="Do it; without this, only show what would happen.")


def confirmed(outcome: Done[T] | Stale) -> Done[T]:
    """What was done, or the refusal of a confirmation as the failure of the command.

    Raises:
        Refusal: what would be done is not what was confirmed.
    """
    if isinstance(outcome, Stale):
        raise Refusal(outcome.code, outcome.detail)
    return outcome


def print_bought(order: Order, bought: Purchase | None, *, done: bool) -> None:
    """The bill, or without a contract which seats are granted for nothing."""
    if bought is None or bought.repeated:
        return
    if bought.bill is not None:
        print_bill(bought.bill)
        return
    total = sum(order.adds.values())
    were = ("was added" if total == 1 else "were added") if done else "would be added"
    click.echo(f"{formats.tiers(order.adds)} {were}, free of charge: there is no contract.")


def print_names(label: str, people: Sequence[str]) -> None:
    """Who something happens to, by name; nothing where it happens to nobody."""
    if not people:
        return
    shown = ", ".join(printable(name) for name in people[:_MOST_NAMES])
    more = len(people) - _MOST_NAMES
    rest = f" and {more} more; --json names everybody" if more > 0 else ""
    click.echo(f"{label}: {shown}{rest}.")


def repeated_words(bought: Purchase) -> str:
    """What a key that has bought before is answered."""
    invoice = "nothing was owed" if bought.invoice is None else bought.invoice.reference
    return f"This key has bought it before ({invoice}); nothing is bought again."


def print_done(done: Done[T], bought: Purchase | None = None) -> None:
    """Which invoice was issued, or how to do what was shown."""
    if bought is not None and bought.invoice is not None and not done.preview:
        click.echo(f"Invoice {bought.invoice.reference} was issued.")
    if done.preview:
        click.echo("Preview: nothing was changed. Add --yes to do it, or, to do exactly this:")
        click.echo(f"--confirm {done.confirmation}")
