"""The words of invoices in each language. The lines are stored in English and translated word by word."""

import re
from dataclasses import dataclass
from typing import Final

from scim_server.documents import formats
from scim_server.store.rows.invoices import InvoiceLine
from seat_policy.bill import Kind


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed texts of an invoice."""

    invoice: str
    credit_note: str
    number: str
    issued: str
    corrects: str
    period: str
    until: str
    organization: str
    calculation: str
    share: str
    whole: str
    net: str
    tax: str
    contained: str
    total: str
    seller: str
    bill_to: str
    page: str


WORDS: Final = {
    "en": Words(
        invoice="Invoice",
        credit_note="Credit note",
        number="Number",
        issued="Issued",
        corrects="Corrects",
        period="For",
        until="to",
        organization="Organization",
        calculation="Calculation",
        share="Share of term",
        whole="whole",
        net="Net",
        tax="Tax",
        contained=", contained in prices",
        total="Total",
        seller="From",
        bill_to="Billed to",
        page="page {number} of {{nb}}",
    ),
    "es": Words(
        invoice="Factura",
        credit_note="Nota de abono",
        number="Número",
        issued="Emitida",
        corrects="Corrige",
        period="Período",
        until="a",
        organization="Organización",
        calculation="Cálculo",
        share="Parte del período",
        whole="entero",
        net="Neto",
        tax="Impuesto",
        contained=", incluido en los precios",
        total="Total",
        seller="De",
        bill_to="Facturado a",
        page="página {number} de {{nb}}",
    ),
}
_KINDS: Final = {
    Kind.ADDED: "{seats}, añadidos",
    Kind.UPGRADED: "{seats}, por mejora de nivel",
    Kind.UPGRADED_FROM: "Abono por {seats} mejorados",
    Kind.OPENED: "{seats}, inicio del contrato",
    Kind.RENEWED: "{seats}, renovación",
}
_SPANISH: Final = {
    "seat": "asiento",
    "seats": "asientos",
    "month": "mes",
    "months": "meses",
    "day": "día",
    "days": "días",
    "of": "de",
    "with": "con",
    "tax": "impuesto",
}
_WORD: Final = re.compile(r"[a-z]+")
_PHRASES: Final = {"of the term": "del período", "of a month": "de un mes"}


def description(line: InvoiceLine, language: str) -> str:
    """The seats of a line."""
    if language == formats.ENGLISH or line.kind not in list(Kind):
        return line.description
    return _KINDS[Kind(line.kind)].format(seats=formats.seats(line.quantity, line.tier, language))


def explanation(line: InvoiceLine, language: str) -> str:
    """The calculation of a line. Its words are few, so they are translated one by one."""
    text = line.explanation
    if language == formats.ENGLISH:
        return text
    for phrase, translated in _PHRASES.items():
        text = text.replace(phrase, translated)
    return _WORD.sub(lambda found: _SPANISH.get(found[0], found[0]), text)
