"""`scim-seats invoice`: manage invoices and credit notes."""

from pathlib import Path

import click

from scim_server.cli.bought import confirm_option, confirmed, print_done, yes_option
from scim_server.cli.failures import Refusal
from scim_server.cli.output import emit, in_organization, json_option, say, say_all, table
from scim_server.documents import formats
from scim_server.documents import invoice as document
from scim_server.representations.invoices import credit as shape
from scim_server.representations.invoices import issued
from scim_server.services.invoicing import commands, queries
from scim_server.services.invoicing.commands import Done
from scim_server.store.rows import invoices as rows
from seat_policy.money import Money


def _number(slug: str, text: str) -> int:
    """The number of an invoice; the text is a number or a reference.

    Raises:
        UsageError: the text is neither, or the reference belongs to another organization.
    """
    number = queries.number_in(text, slug)
    if number is None:
        raise click.UsageError(f"'{text}' is not the number of an invoice of {slug}, such as 7")
    return number


@click.group()
def invoice() -> None:
    """List, show, save as PDF and correct invoices and credit notes."""


@invoice.command(name="list")
@click.argument("slug")
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="Maximum number of invoices.",
)
@click.option("--before", metavar="NUMBER", help="Show the next page: only invoices older than this one.")
@json_option
def list_(*, slug: str, limit: int, before: str | None, as_json: bool) -> None:
    """List invoices and credit notes, newest first."""
    with in_organization(slug) as context:
        older = None if before is None else _number(slug, before)
        page = queries.every(context, before=older, limit=limit)
    result = {"data": [issued(one) for one in page.data], "next_cursor": page.next_cursor}

    def text() -> None:
        columns = ("number", "issued", "for", "from", "total", "")
        empty = (
            f"No invoices yet: 'scim-seats seats add {slug} TIER=NUMBER --yes' buys seats under a contract."
        )
        table(columns, [_row(one.invoice) for one in page.data], empty=empty)
        if page.next_cursor is not None:
            say(f"For older invoices add --before {page.next_cursor}")

    emit(result, as_json=as_json, text=text)


def _row(one: rows.Invoice) -> tuple[object, ...]:
    return (
        one.reference,
        document.issued_on(one),
        one.reason,
        one.since,
        formats.money(Money(one.total, one.currency)),
        _corrects(one),
    )


def _corrects(one: rows.Invoice) -> str:
    return "" if one.credits is None else f"corrects {one.credits}"


@invoice.command()
@click.argument("slug")
@click.argument("number")
@click.option("--html", "html", is_flag=True, help="Print the invoice as an HTML page.")
@json_option
def show(*, slug: str, number: str, html: bool, as_json: bool) -> None:
    """Show one invoice with the calculation of each line.

    Example: scim-seats invoice show acme 1 --html > invoice.html
    """
    if html and as_json:
        raise click.UsageError("give --html or --json, not both")
    with in_organization(slug) as context:
        found = queries.find(context, _number(slug, number))
    if html:
        say_all(document.as_html(found.invoice))
        return
    emit(issued(found), as_json=as_json, text=lambda: _print(found.invoice, found.credited))


def _print(one: rows.Invoice, credited: dict[int, int]) -> None:
    shown = document.page(one)
    say(f"{shown.title} {one.reference}")
    for label, value in shown.facts[1:]:
        say(f"  {label:<13} {value}")
    # The calculation also includes the share of the term.
    lines = [(*row[:2], *row[3:]) for row in (shown.columns, *shown.rows)]
    table([str(name) for name in lines[0]], lines[1:], empty="")
    for label, amount in shown.sums:
        say(f"{label}: {amount}")
    for position, note in credited.items():
        say(f"Line {position} was credited by {note}.")
    if shown.note:
        say(shown.note)


@invoice.command()
@click.argument("slug")
@click.argument("number")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@json_option
def pdf(*, slug: str, number: str, file: Path | None, as_json: bool) -> None:
    """Save an invoice as PDF. By default, the file has the reference of the invoice as its name.

    Example: scim-seats invoice pdf acme 1 acme-march.pdf
    """
    # Importing the PDF library takes a quarter of a command's start time, and no other command needs the
    # library.
    from scim_server.documents.invoice_pdf import as_pdf  # noqa: PLC0415

    with in_organization(slug) as context:
        found = queries.find(context, _number(slug, number))
    target = file or Path(f"{found.invoice.reference}.pdf")
    content = as_pdf(found.invoice)
    try:
        target.write_bytes(content)
    except OSError as error:
        raise Refusal("file_not_written", f"{target} cannot be written: {error.strerror}") from error
    result = {"invoice": found.invoice.number, "file": str(target), "bytes": len(content)}
    emit(result, as_json=as_json, text=lambda: say(f"Saved {target}"))


@invoice.command()
@click.argument("slug")
@click.argument("number")
@click.option(
    "--line",
    "lines",
    multiple=True,
    type=click.IntRange(1),
    help="Credit only this line. Default: all lines.",
)
@click.option("--reason", required=True, help="The reason; it is shown on the credit note.")
@confirm_option
@yes_option
@json_option
def credit(  # noqa: PLR0913 - one parameter per option
    *,
    slug: str,
    number: str,
    lines: tuple[int, ...],
    reason: str,
    confirm: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Correct an invoice with a credit note. The seats do not change.

    Example: scim-seats invoice credit acme 1 --reason "ordered by mistake"
    """
    preview = not yes and confirm is None
    with in_organization(slug) as context:
        done = confirmed(
            commands.credit(
                context,
                _number(slug, number),
                reason=reason,
                positions=lines,
                preview=preview,
                confirmation=confirm,
            )
        )
    emit(shape(done), as_json=as_json, text=lambda: _print_credit(done))


def _print_credit(done: Done[rows.Invoice]) -> None:
    _print(done.result, {})
    print_done(done)
