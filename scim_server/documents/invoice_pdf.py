"""Creates invoices as PDF, on A4, with embedded fonts that contain every European script."""

from importlib.resources import as_file, files
from typing import Final

from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.enums import TableBordersLayout, TableCellFillMode, TableHeadingsDisplay

from scim_server.documents import formats
from scim_server.documents.invoice import Page, page
from scim_server.store.rows.invoices import Invoice

_FONT: Final = "DejaVu"
_SOFT: Final = 95
_LINE: Final = 6
_LEFT: Final = 20
_WIDTHS: Final = {4: (48, 68, 28, 26), 5: (44, 60, 27, 22, 17)}


def as_pdf(invoice: Invoice, language: str = formats.ENGLISH) -> bytes:
    """The PDF document. The same invoice always gives the same text in a language."""
    shown = page(invoice, language)
    document = _Sheet(invoice.reference, shown.words.page)
    document.heading(f"{shown.title} {invoice.reference}")
    document.parties(shown)
    document.lines(shown)
    document.sums(shown)
    if shown.note:
        document.ln(_LINE)
        document.multi_cell(0, _LINE, shown.note, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return bytes(document.output())


class _Sheet(FPDF):
    """The pages of one invoice; each page shows the number of the invoice."""

    def __init__(self, name: str, page_words: str) -> None:
        super().__init__(format="A4")
        self.name = name
        self.page_words = page_words
        self.set_title(name)
        self.set_margins(_LEFT, _LEFT)
        self.set_auto_page_break(auto=True, margin=_LEFT)
        with as_file(files("scim_server.documents") / "fonts") as fonts:
            self.add_font(_FONT, "", fonts / "DejaVuSans.ttf")
            self.add_font(_FONT, "B", fonts / "DejaVuSans-Bold.ttf")
        self.set_font(_FONT, size=9)
        self.add_page()

    def footer(self) -> None:
        """Print the number of the page and of the invoice."""
        self.set_y(-15)
        self._soft()
        self.cell(0, _LINE, f"{self.name} - {self.page_words.format(number=self.page_no())}", align="C")
        self._plain()

    def heading(self, text: str) -> None:
        """Print the title."""
        self.set_font(_FONT, "B", 16)
        self.cell(0, 12, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(4)
        self._plain()

    def parties(self, shown: Page) -> None:
        """Print the seller and the customer on the left, and the entries of the invoice on the right."""
        top = self.get_y()
        for label, lines in ((shown.words.seller, shown.seller), (shown.words.bill_to, shown.bill_to)):
            if lines:
                self._soft()
                self.cell(90, _LINE, label, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
                self._plain()
                self.multi_cell(90, 5, "\n".join(lines), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
                self.ln(3)
        bottom = self.get_y()
        self.set_y(top)
        for label, value in shown.facts:
            self.set_x(115)
            self._soft()
            self.cell(25, _LINE, label)
            self._plain()
            self.multi_cell(50, _LINE, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(bottom, self.get_y()))
        self.ln(5)

    def lines(self, shown: Page) -> None:
        """Print one row for each line. The headings are repeated on each page."""
        amounts = len(shown.columns) - 3
        with self.table(
            col_widths=_WIDTHS[len(shown.columns)],
            text_align=("LEFT", "LEFT", "LEFT", *["RIGHT"] * amounts),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            cell_fill_mode=TableCellFillMode.NONE,
            headings_style=FontFace(emphasis="BOLD", color=_SOFT),
            repeat_headings=TableHeadingsDisplay.ON_TOP_OF_EVERY_PAGE,
            line_height=_LINE,
            padding=(1, 2, 1, 0),
        ) as table:
            for cells in (shown.columns, *shown.rows):
                table.row(cells)

    def sums(self, shown: Page) -> None:
        """Print the amounts to pay."""
        self.ln(4)
        for index, (label, amount) in enumerate(shown.sums, start=1):
            last = index == len(shown.sums)
            self.set_font(_FONT, "B" if last else "", 12 if last else 9)
            self.cell(120, 8 if last else _LINE, label, align="R")
            self.cell(0, 8 if last else _LINE, amount, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._plain()

    def _soft(self) -> None:
        self.set_font(_FONT, size=8)
        self.set_text_color(_SOFT)

    def _plain(self) -> None:
        self.set_font(_FONT, size=9)
        self.set_text_color(0)
