"""Seats that a command buys for people, or would: as JSON and in words."""

import click

from scim_server.cli.quote import print_bill
from scim_server.documents import bill as bill_document
from scim_server.documents import invoice as invoice_document
from scim_server.services.billing.purchases import Purchase
from seat_policy.invoices import Order

_PRICED = ("currency", "since", "until", "lines", "net", "tax", "total")


def as_json_bought(order: Order, bought: Purchase | None, *, done: bool) -> dict[str, object]:
    """The order with its bill, each part null where nothing is bought or nothing is owed.

    Args:
        done: whether it was bought; else it is a preview, whose invoice does not exist.
    """
    priced: dict[str, object] = dict.fromkeys(_PRICED)
    if bought is not None and bought.bill is not None:
        priced |= bill_document.as_json(bought.bill)
    invoice = bought.invoice if bought is not None and (done or bought.repeated) else None
    return {
        "preview": not done,
        "added": dict(order.adds),
        **priced,
        "confirmation": None if bought is None else bought.confirmation,
        "invoice": None if invoice is None else invoice_document.as_json(invoice),
    }


def print_bought(order: Order, bought: Purchase | None, *, done: bool) -> None:
    """The bill, or without a contract which seats are granted for nothing."""
    if bought is None or bought.repeated:
        return
    if bought.bill is not None:
        print_bill(bought.bill)
        return
    total = sum(order.adds.values())
    added = " and ".join(f"{count} {tier}" for tier, count in order.adds.items())
    were = ("was added" if total == 1 else "were added") if done else "would be added"
    seats = "seat" if total == 1 else "seats"
    click.echo(f"{added} {seats} {were}, free of charge: there is no contract.")


def repeated_words(bought: Purchase) -> str:
    """What a key that has bought before is answered."""
    invoice = "nothing was owed" if bought.invoice is None else invoice_document.reference(bought.invoice)
    return f"This key has bought it before ({invoice}); nothing is bought again."


def print_done(bought: Purchase | None, *, done: bool) -> None:
    """Which invoice was issued, or how to do what was shown."""
    if bought is not None and bought.invoice is not None and done:
        click.echo(f"Invoice {invoice_document.reference(bought.invoice)} was issued.")
    if not done:
        token = "" if bought is None else f", or --confirm {bought.confirmation} to do exactly this"
        click.echo(f"Preview: nothing was changed; add --yes to do it{token}.")
