"""A sheet of A4 in the style of Chinese official papers, on python-docx."""

from __future__ import annotations

import io
from collections.abc import Sequence

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell, _Row

BODY, HEAD = "宋体", "黑体"


class Sheet:
    """Filled from top to bottom, then taken as bytes."""

    def __init__(self, title: str, *, over: str = "") -> None:
        """``over``: what stands at the head of every page."""
        self._document = Document()
        section = self._document.sections[0]
        if over:
            top = section.header.paragraphs[0]
            top.alignment = WD_ALIGN_PARAGRAPH.CENTER
            self._run(top, over, size=14, font=HEAD, bold=True)
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.0)
        section.top_margin = section.bottom_margin = Cm(1.8)
        style = self._document.styles["Normal"]
        style.font.name, style.font.size = "Times New Roman", Pt(10.5)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
        style.paragraph_format.space_after = Pt(2)
        heading = self._document.add_paragraph()
        heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(heading, title, size=18, font=HEAD, bold=True)
        self._document.core_properties.title = title

    @staticmethod
    def _run(paragraph: object, text: str, *, size: float = 10.5, font: str = BODY, bold: bool = False) -> None:
        run = paragraph.add_run(text)  # type: ignore[attr-defined]
        run.font.size, run.bold = Pt(size), bold
        run.font.name = "Times New Roman"
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)

    def heading(self, text: str) -> None:
        """The head of a part."""
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(8)
        paragraph.paragraph_format.keep_with_next = True
        self._run(paragraph, text, size=12, font=HEAD, bold=True)

    def text(self, text: str, *, small: bool = False) -> None:
        """A paragraph."""
        self._run(self._document.add_paragraph(), text, size=9 if small else 10.5)

    def pairs(self, rows: Sequence[Sequence[str]], height: float = 0.7) -> None:
        """A framed table of labels and values; a row of two takes the whole width, one of four is two pairs.

        ``height``: of a row at least, in cm.
        """
        table = self._table((2.9, 5.6, 2.9, 5.6))
        for row in rows:
            cells = self._row(table, height)
            if len(row) == 2:
                cells[1].merge(cells[3])
            for place, text in enumerate(row):
                self._fill(cells[place], text, label=place % 2 == 0)

    def grid(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """A framed table with a head; ``widths`` in cm."""
        table = self._table(widths)
        for number, row in enumerate([head, *rows]):
            for cell, text in zip(self._row(table, 0.6), row, strict=True):
                self._fill(cell, text, label=number == 0)

    def _table(self, widths: Sequence[float]) -> Table:
        table: Table = self._document.add_table(rows=0, cols=len(widths), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)  # Word reads the cells, others the columns
        return table

    @staticmethod
    def _row(table: Table, height: float) -> Sequence[_Cell]:
        row: _Row = table.add_row()  # type: ignore[no-untyped-call]
        row.height = Cm(height)
        for cell, column in zip(row.cells, table.columns, strict=True):
            cell.width = column.width
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        cells: Sequence[_Cell] = row.cells
        return cells

    def _fill(self, cell: _Cell, text: str, *, label: bool) -> None:
        self._run(cell.paragraphs[0], text, font=HEAD if label else BODY)

    def content(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()
