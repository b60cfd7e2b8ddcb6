"""An invoice as JSON, HTML and PDF: the same content, whatever characters the names contain."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO

import pytest
from pypdf import PdfReader

from scim_server.documents import formats
from scim_server.documents import invoice as document
from scim_server.documents.invoice_pdf import as_pdf
from scim_server.representations.invoices import issued as representation
from scim_server.services.invoicing import queries
from scim_server.services.invoicing.invoices import Issued
from scim_server.store.database.session import Database
from scim_server.store.rows.invoices import Invoice
from seat_policy.money import Money
from tests.support.builders.customer import Customer, moved, terms

NASTY = '<script>alert(1)</script> {{7*7}} & "Łódź" Ελλάς Київ'


@pytest.fixture(scope="module")
def issued(database: Database) -> Iterator[tuple[Invoice, Invoice]]:
    """An invoice with tax, and its credit note."""
    with moved(database):
        signed = terms(tax=Decimal(19), seller="Seller\nStreet 1", bill_to=f"{NASTY}\nStreet 2")
        acme = Customer(database, "2026-03-15", signed, {"standard": 2})
        acme.buy(standard=5)
        note = acme.credit(1, reason=NASTY)
        yield queries.find(acme.context(), 1).invoice, note


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def test_json_contains_every_input_and_amounts_as_decimal_text(issued: tuple[Invoice, Invoice]) -> None:
    shown = representation(Issued(issued[0], {1: 2}))

    slug = shown["organization"]
    assert {name: shown[name] for name in ("number", "reference", "kind", "since", "until", "total")} == {
        "number": 1,
        "reference": f"{slug}-INV-0001",
        "kind": "invoice",
        "since": "2026-03-15",
        "until": "2027-01-01",
        "total": usd("1136.26"),
    }
    assert shown["lines"] == [
        {
            "position": 1,
            "description": "5 standard seats added",
            "kind": "added",
            "tier": "standard",
            "quantity": 5,
            "unit": usd("240.00"),
            "fraction": "74/93",
            "explanation": "5 seats x 20.00 x (9 months + 17/31)",
            "net": usd("954.84"),
            "tax": usd("181.42"),
            "credited_by": 2,
        }
    ]


def test_html_escapes_names_and_has_no_script(issued: tuple[Invoice, Invoice]) -> None:
    for one in issued:
        page = Words()
        page.feed(document.as_html(one))

        assert NASTY in page.words
        assert "script" not in page.tags
    assert "1,136.26" in document.as_html(issued[0])
    assert "Credit note" in document.as_html(issued[1])


def test_the_pdf_contains_the_text_of_the_html_page(issued: tuple[Invoice, Invoice]) -> None:
    for one in issued:
        shown = document.page(one)
        pages = PdfReader(BytesIO(as_pdf(one))).pages

        words = without_space(" ".join(page.extract_text() for page in pages))

        said = [shown.title, *shown.seller, *shown.bill_to, *(value for _, value in shown.facts), shown.note]
        said += [cell for row in shown.rows for cell in row] + [cell for row in shown.sums for cell in row]
        assert [text for text in said if without_space(text) not in words] == []


def without_space(text: str) -> str:
    """Lines are wrapped where the paper ends."""
    return "".join(text.split())


def test_an_invoice_is_written_in_spanish_for_a_spanish_reader(issued: tuple[Invoice, Invoice]) -> None:
    shown = document.page(issued[0], "es")
    words = without_space(
        " ".join(page.extract_text() for page in PdfReader(BytesIO(as_pdf(issued[0], "es"))).pages)
    )

    assert (shown.title, shown.facts[2][0], shown.sums[-1]) == (
        "Factura",
        "Período",
        ("Total USD", "1.136,26"),
    )
    assert shown.rows[0][:2] == ("5 asientos standard, añadidos", "5 asientos x 20.00 x (9 meses + 17/31)")
    assert without_space("Factura") in words
    assert without_space("página 1 de 1") in words
    assert document.page(issued[1], "es").title == "Nota de abono"


def test_a_pdf_of_many_lines_repeats_its_headings_and_numbers_its_pages(
    issued: tuple[Invoice, Invoice],
) -> None:
    one = issued[0]
    long = replace(one, lines=one.lines * 60)

    pages = [page.extract_text() for page in PdfReader(BytesIO(as_pdf(long))).pages]

    assert len(pages) > 1
    assert all("Calculation" in page for page in pages[:-1])
    assert all(f"page {number} of {len(pages)}" in page for number, page in enumerate(pages, start=1))


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (1234567, "USD", "12,345.67"),
        (-1234567, "USD", "-12,345.67"),
        (-5, "USD", "-0.05"),
        (0, "JPY", "0"),
        (-200516, "JPY", "-200,516"),
        (1175452, "KWD", "1,175.452"),
    ],
)
def test_amounts_are_formatted_with_groups_of_digits(minor: int, currency: str, shown: str) -> None:
    assert formats.amount(Money(minor, currency)) == shown


def test_the_billed_part_of_the_term_is_computed_again_from_the_invoice(
    issued: tuple[Invoice, Invoice],
) -> None:
    for one in issued:
        assert {line.fraction for line in one.lines} == {str(document.billed_part(one).fraction)}
