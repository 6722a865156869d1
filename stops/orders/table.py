"""A list of orders as a file: CSV (UTF-8 with or without mark, UTF-16 with one, GB18030) or XLSX, as rows of cells."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import PurePath

import openpyxl

from stops.orders import words

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 40 * 1024 * 1024  # an XLSX is a zip: what it unpacks to is limited as well
MAX_ROWS = 2000
MAX_COLUMNS = 60
Cell = str | int | float | datetime | date | None
Row = list[Cell]


class TableError(Exception):
    """The file as a whole cannot be read; the text is for the screen of staff."""


def read(name: str, content: bytes) -> list[Row]:
    """All rows up to the last with something in it; row 1 of the sheet is the first. Raises :class:`TableError`."""
    file = shown(name)
    if not content.strip():
        raise TableError(words.EMPTY_FILE.format(file=file))
    if len(content) > MAX_BYTES:
        raise _too_big(file)
    rows = list(_limited(_xlsx(file, content) if content.startswith(b"PK") else _csv(file, content), file))
    while rows and not any(_filled(cell) for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise TableError(words.EMPTY_FILE.format(file=file))
    return rows


def shown(name: str) -> str:
    """A file's name as it may stand in a sentence."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(char for char in last if char.isprintable())[:80] or "?"


def _too_big(file: str) -> TableError:
    return TableError(words.TOO_BIG.format(file=file, rows=MAX_ROWS, size=MAX_BYTES // 1024 // 1024))


def _filled(cell: Cell) -> bool:
    return cell is not None and str(cell).strip() != ""


def _limited(rows: Iterator[Row], file: str) -> Iterator[Row]:
    """Rows up to the limit; a sheet whose formatted but empty rows go on for ever is not too big."""
    for number, row in enumerate(rows, start=1):
        if number <= MAX_ROWS:
            yield row[:MAX_COLUMNS]
        elif any(_filled(cell) for cell in row):
            raise _too_big(file)
        elif number > 10 * MAX_ROWS:
            return


def _csv(file: str, content: bytes) -> Iterator[Row]:
    text = _decoded(file, content)
    first = text.partition("\n")[0]
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ","):
            yield list(row)
    except csv.Error as error:
        raise TableError(words.NOT_A_TABLE.format(file=file)) from error


def _decoded(file: str, content: bytes) -> str:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:  # another kind of file
            break
        return text
    raise TableError(words.NOT_READABLE.format(file=file))


def _xlsx(file: str, content: bytes) -> Iterator[Row]:
    """The first sheet. Formulas give the value that was saved with them."""
    unreadable = TableError(words.NOT_A_TABLE.format(file=file))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise unreadable from error
    if unpacked > MAX_UNPACKED:
        raise _too_big(file)
    try:  # the library raises a dozen kinds for a damaged file
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:
        raise unreadable from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        for row in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
            yield [_plain(cell) for cell in row]
    except Exception as error:  # as above: a sheet is read while it is gone through
        raise unreadable from error
    finally:
        book.close()


def _plain(cell: object) -> Cell:
    if cell is None or isinstance(cell, str | int | float | datetime | date):
        return cell
    return str(cell)
