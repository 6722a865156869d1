"""A month's figures as tables: for the page, as .docx and as .xlsx with charts. All three show the same cells."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from monthly import words
from monthly.figures import Line, Report
from stops.papers.sheet import Sheet

Cell = int | Decimal | str
YUAN = "#,##0.00"
BARS = 24  # of the longest bar in a paper


@dataclass(frozen=True, slots=True)
class Table:
    """Cells are numbers where they count or sum, texts where they name."""

    title: str
    head: Sequence[str]
    rows: list[list[Cell]]


def title(found: Report) -> str:
    """Of the report."""
    return words.TITLE.format(year=found.month.year, month=found.month.month)


def tables(found: Report, fraud_names: Mapping[str, str]) -> list[Table]:
    """Overview, villages by rank with their sum, fraud types."""
    total: dict[str, Cell] = {name: getattr(found.total, name, 0) for name in words.ITEMS}
    values: dict[str, Cell] = total | {
        "unfounded": found.unfounded,
        "cards": found.cards,
        "stopped": found.stopped,
        "returned": found.returned,
    }
    overview: list[list[Cell]] = [[label, values[name]] for name, label in words.ITEMS.items()]
    villages = [_line(line, line.rank or words.UNRANKED, line.village or words.UNFILLED) for line in found.villages]
    frauds: list[list[Cell]] = [
        [fraud_names.get(one.code, one.code) or words.NO_FRAUD, one.cards, one.losses, one.lost] for one in found.frauds
    ]
    return [
        Table(words.OVERVIEW, words.HEAD_OVERVIEW, overview),
        Table(words.VILLAGES, words.HEAD_VILLAGES, [*villages, _line(found.total, words.UNRANKED, words.TOTAL)]),
        Table(words.FRAUDS, words.HEAD_FRAUDS, frauds),
    ]


def _line(line: Line, rank: Cell, village: str) -> list[Cell]:
    counts = (line.tips, line.verified, line.rewards, line.rewarded, line.losses, line.lost, line.warned)
    return [rank, village, *counts, line.dissuaded]


def say(cell: Cell) -> str:
    """A cell in words: sums with two decimals."""
    return f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)


def docx(found: Report, fraud_names: Mapping[str, str], made: str) -> bytes:
    """The paper. ``made``: who made it and when, in words. Charts are bars in a table, which every program shows."""
    overview, villages, frauds = tables(found, fraud_names)
    sheet = Sheet(title(found))
    sheet.text(made)
    if found.empty:
        sheet.text(words.EMPTY)
    sheet.heading(overview.title)
    sheet.grid(overview.head, _said(overview), (9.0, 8.0))
    sheet.heading(villages.title)
    sheet.grid(villages.head, _said(villages), (1.2, 3.0, 1.2, 1.2, 1.5, 2.1, 1.8, 2.4, 1.5, 1.5))
    if found.villages:
        sheet.heading(words.CHART_VILLAGES)
        named = [
            (line.village or words.UNFILLED, (line.tips, line.verified, line.dissuaded)) for line in found.villages
        ]
        sheet.grid(("", *(words.HEAD_VILLAGES[place] for place in (2, 3, 9))), _bars(named), (3.0, 4.8, 4.8, 4.8))
    if found.frauds:
        sheet.heading(frauds.title)
        sheet.grid(frauds.head, _said(frauds), (6.0, 3.0, 3.0, 5.0))
        sheet.heading(words.CHART_FRAUDS)
        kinds = [(str(row[0]), (one.cards,)) for row, one in zip(frauds.rows, found.frauds, strict=True)]
        sheet.grid(("", words.HEAD_FRAUDS[1]), _bars(kinds), (6.0, 11.0))
    sheet.text(words.NOTE, small=True)
    return sheet.content()


def _said(table: Table) -> list[list[str]]:
    return [[say(cell) for cell in row] for row in table.rows]


def _bars(rows: Sequence[tuple[str, Sequence[int]]]) -> list[list[str]]:
    """A bar and its number for every value; the longest value has the longest bar."""
    most = max((value for _, values in rows for value in values), default=0)
    long = BARS if len(rows[0][1]) == 1 else BARS // 3
    bars = [
        [f"{words.BAR * -(-value * long // max(most, 1))} {value}".strip() for value in values] for _, values in rows
    ]
    return [[name, *found] for (name, _), found in zip(rows, bars, strict=True)]


def xlsx(found: Report, fraud_names: Mapping[str, str], made: str) -> bytes:
    """The same tables with charts beside them."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for table in tables(found, fraud_names):
        _fill(book.create_sheet(table.title), table)
    overview, villages, frauds = book.worksheets
    for text in (title(found), made, words.NOTE):
        overview.append([text])
    if found.villages:
        _chart(villages, words.CHART_VILLAGES, (3, 4, 10), 2, len(found.villages))
    if found.frauds:
        _chart(frauds, words.CHART_FRAUDS, (2, 3), 1, len(found.frauds))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, table: Table) -> None:
    sheet.append(list(table.head))
    sheet.freeze_panes = "A2"
    for row in table.rows:
        sheet.append([_plain(cell) if isinstance(cell, str) else cell for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for place, column in enumerate(sheet.iter_cols(), start=1):
        for cell in column:
            if isinstance(cell.value, Decimal):
                cell.number_format = YUAN
        longest = max(len(str(cell.value)) for cell in column)
        sheet.column_dimensions[get_column_letter(place)].width = 6 + 2 * min(longest, 16)


def _plain(text: str) -> str:
    """The name of a village comes from a list somebody typed: it must not become a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _chart(sheet: Worksheet, name: str, columns: Sequence[int], names: int, rows: int) -> None:
    """Bars of some columns over the names in another; the head gives the legend."""
    chart = BarChart()
    chart.title, chart.height, chart.width = name, 9, 18
    for column in columns:
        chart.add_data(Reference(sheet, min_col=column, min_row=1, max_row=rows + 1), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=names, min_row=2, max_row=rows + 1))
    chart.x_axis.delete = chart.y_axis.delete = False  # without it some programs draw no axes
    sheet.add_chart(chart, f"A{rows + 5}")
