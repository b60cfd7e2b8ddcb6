"""`scim-seats invoice`: what was billed."""

from pathlib import Path

import click

from scim_server.cli.output import emit, json_option, opened, table
from scim_server.documents import invoice as document
from scim_server.documents.amounts import grouped
from scim_server.documents.invoice import page, reference
from scim_server.documents.invoice_pdf import as_pdf
from scim_server.services.errors import OperatorError
from scim_server.services.invoicing import invoices as service
from scim_server.services.organizations import queries as organizations
from scim_server.store.database.session import OPERATOR
from scim_server.store.rows.invoices import Invoice
from seat_policy.money import Money


def _number(slug: str, text: str) -> int:
    """An invoice's number, given as such or as its reference.

    Raises:
        UsageError: it is neither, or the reference is of another organization.
    """
    prefix, _, digits = text.rpartition("-INV-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        raise click.UsageError(f"'{text}' is no invoice; name it by its number, such as 7")
    if prefix not in ("", slug):
        raise click.UsageError(f"'{text}' is an invoice of {prefix}, not of {slug}")
    return int(digits)


_MOST_DIGITS = 15


@click.group()
def invoice() -> None:
    """Invoices and credit notes: list, show, save as PDF, correct."""


@invoice.command(name="list")
@click.argument("slug")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="At most so many."
)
@click.option("--before", metavar="NUMBER", help="The next page: invoices older than this one.")
@json_option
def list_(*, slug: str, limit: int, before: str | None, as_json: bool) -> None:
    """List invoices and credit notes, newest first."""
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        older = None if before is None else _number(slug, before)
        found = service.every(database, organization.id, before=older, limit=limit + 1)
    shown, more = found[:limit], found[limit - 1].invoice.number if len(found) > limit else None
    result = {"invoices": [document.as_json(one.invoice, one.credited) for one in shown], "next": more}

    def text() -> None:
        columns = ("number", "issued", "for", "from", "total", "")
        empty = (
            f"No invoices yet: 'scim-seats seats add {slug} TIER=NUMBER --yes' buys seats under a contract."
        )
        table(columns, [_row(one.invoice) for one in shown], empty=empty)
        if more is not None:
            click.echo(f"There are older ones: add --before {more}")

    emit(result, as_json=as_json, text=text)


def _row(one: Invoice) -> tuple[object, ...]:
    total = grouped(Money(one.total, one.currency))
    return (
        reference(one),
        document.issued_on(one),
        one.reason,
        one.since,
        f"{total} {one.currency}",
        _corrects(one),
    )


def _corrects(one: Invoice) -> str:
    return "" if one.credits is None else f"corrects {one.credits}"


@invoice.command()
@click.argument("slug")
@click.argument("number")
@click.option("--html", "html", is_flag=True, help="Print it as a page of HTML.")
@json_option
def show(*, slug: str, number: str, html: bool, as_json: bool) -> None:
    """Show one invoice with the calculation of each line.

    Example: scim-seats invoice show acme 1 --html > invoice.html
    """
    if html and as_json:
        raise click.UsageError("--html or --json, not both")
    with opened() as (_, database):
        issued = service.find(database, organizations.find(database, slug).id, _number(slug, number))
    if html:
        click.echo(document.as_html(issued.invoice))
        return
    result = document.as_json(issued.invoice, issued.credited)
    emit(result, as_json=as_json, text=lambda: _print(issued.invoice, issued.credited))


def _print(one: Invoice, credited: dict[int, int]) -> None:
    shown = page(one)
    click.echo(f"{shown.title} {reference(one)}")
    for label, value in shown.facts[1:]:
        click.echo(f"  {label:<13} {value}")
    table(shown.columns, shown.rows, empty="")
    for label, amount in shown.sums:
        click.echo(f"{label}: {amount}")
    for position, note in credited.items():
        click.echo(f"Line {position} was credited by {note}.")
    if shown.note:
        click.echo(shown.note)


@invoice.command()
@click.argument("slug")
@click.argument("number")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@json_option
def pdf(*, slug: str, number: str, file: Path | None, as_json: bool) -> None:
    """Save an invoice as PDF, by default under its reference.

    Example: scim-seats invoice pdf acme 1 acme-march.pdf
    """
    with opened() as (_, database):
        issued = service.find(database, organizations.find(database, slug).id, _number(slug, number))
    target = file or Path(f"{reference(issued.invoice)}.pdf")
    content = as_pdf(issued.invoice)
    try:
        target.write_bytes(content)
    except OSError as error:
        raise OperatorError(f"{target} cannot be written: {error.strerror}") from error
    result = {"invoice": issued.invoice.number, "file": str(target), "bytes": len(content)}
    emit(result, as_json=as_json, text=lambda: click.echo(f"Saved {target}"))


@invoice.command()
@click.argument("slug")
@click.argument("number")
@click.option(
    "--line", "lines", multiple=True, type=click.IntRange(1), help="Only this line; all by default."
)
@click.option("--reason", required=True, help="Why; it stands on the credit note.")
@json_option
def credit(*, slug: str, number: str, lines: tuple[int, ...], reason: str, as_json: bool) -> None:
    """Correct an invoice by a credit note. Money only: the seats stay.

    Example: scim-seats invoice credit acme 1 --reason "ordered by mistake"
    """
    with opened() as (_, database):
        organization = organizations.find(database, slug)
        note = service.credit(
            database, organization.id, OPERATOR, _number(slug, number), reason=reason, positions=lines
        )
    emit(document.as_json(note), as_json=as_json, text=lambda: _print(note, {}))
