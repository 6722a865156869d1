"""Importing a list of orders: every good row becomes one order, every bad one is named, none rejects another."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from conversations import staffing
from conversations.models import Staff
from stops.orders import words
from stops.orders.deadlines import Deadlines
from stops.orders.reading import read_row
from stops.orders.register import Draft, enter
from stops.orders.table import Row, TableError, read, shown

HEADER_WITHIN = 10  # rows: a title or two often stands above the header


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing that is wrong: in which row of the sheet, in which column, in words."""

    row: int
    column: str
    problem: str
    file: str

    def __str__(self) -> str:
        return words.ROW.format(file=self.file, row=self.row, column=self.column, problem=self.problem)


@dataclass(slots=True)
class Imported:
    """What became of a file. ``known``: (row, number) that were there before; ``differing``: those with other contents.

    ``unused``: columns nobody reads; what stands in them is not kept.
    """

    file: str
    new: list[uuid.UUID] = field(default_factory=list)
    known: list[tuple[int, str]] = field(default_factory=list)
    differing: list[tuple[int, str]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """How many rows were left out."""
        return len({error.row for error in self.errors})


def import_file(
    session: Session, name: str, content: bytes, deadlines: Deadlines, staff: Staff | None, now: datetime
) -> Imported:
    """Enter what is in a file. ``staff``: None at the command line. Raises :class:`TableError` for the whole file."""
    rows = read(name, content)
    result = Imported(shown(name))
    at, columns = _header(rows, result)
    titles = {key: str(rows[at][place]).strip() for place, key in columns.items()}
    seen = False
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        cells = {key: row[place] for place, key in columns.items() if place < len(row)}
        if not any(cell is not None and str(cell).strip() for cell in cells.values()):
            continue
        seen = True
        draft = read_row(cells, now)
        if isinstance(draft, Draft):
            _enter(session, result, number, draft, deadlines, staff, now)
        else:
            result.errors += [
                RowError(
                    number,
                    titles.get(one.column) or words.COLUMNS.get(one.column, (words.WHOLE,))[0],
                    one.text,
                    result.file,
                )
                for one in draft
            ]
    if not seen:
        raise TableError(words.NO_ROWS.format(file=result.file))
    counts = f"new={len(result.new)} known={len(result.known)} bad={result.bad_rows}"
    staffing.record(session, staff, "import_orders", now, "order", detail=counts)
    return result


def _enter(
    session: Session,
    result: Imported,
    row: int,
    draft: Draft,
    deadlines: Deadlines,
    staff: Staff | None,
    now: datetime,
) -> None:
    entered = enter(session, draft, deadlines, staff, now)
    if entered.new:
        result.new.append(entered.id)
    else:
        (result.differing if entered.differs else result.known).append((row, entered.number))


def _header(rows: list[Row], result: Imported) -> tuple[int, dict[int, str]]:
    """Which row is the header, and which column holds what. Raises :class:`TableError`."""
    keys = {_folded(name): key for key, names in words.COLUMNS.items() for name in names}
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        columns = {place: keys[_folded(cell)] for place, cell in enumerate(row) if _folded(cell) in keys}
        if "number" not in columns.values():
            continue
        for key in columns.values():
            if list(columns.values()).count(key) > 1:
                raise TableError(words.TWICE.format(file=result.file, column=words.COLUMNS[key][0]))
        result.unused = [
            str(cell).strip() for place, cell in enumerate(row) if place not in columns and str(cell or "").strip()
        ]
        return at, columns
    raise TableError(words.NO_HEADER.format(file=result.file, rows=HEADER_WITHIN))


def _folded(cell: object) -> str:
    """A header without what people add to it: ``* 手机号(必填)`` is ``手机号``."""
    text = unicodedata.normalize("NFKC", str(cell or ""))
    return re.sub(r"\([^)]*\)|[\s*::、/()]", "", text)
