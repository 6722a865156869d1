"""From the cells of one row, or the fields of a form, to an order; what does not fit is said field by field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from conversations.numbers import normalise
from stops.orders import words
from stops.orders.register import Draft
from stops.orders.table import Cell
from storage.clock import CHINA

LONGEST = {"number": 64, "level": 16, "fraud": 64, "village": 64, "name": 64, "address": 200, "content": 2000}
EXACT_DIGITS = 15  # more than these a spreadsheet does not keep of a number
CLOCKS_DIFFER = timedelta(minutes=10)
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})[:时点](?:(\d{1,2})分?(?::?(\d{1,2})(?:\.\d+)?秒?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field; ``column`` is its key, empty where it is the row."""

    column: str
    text: str


class Unfit(Exception):
    """A value does not fit; the text says why."""


def read_row(cells: Mapping[str, Cell], now: datetime, *, numbered: bool = True) -> Draft | list[Problem]:
    """The order in some cells by column key, or everything that is wrong with them.

    ``numbered``: it must have the number of the authority above. Times are those of China's clocks.
    """
    problems: list[Problem] = []

    def take(column: str, read: Callable[[Cell], object]) -> object:
        cell = cells.get(column)
        if cell is None or not str(cell).strip():
            return None
        try:
            return read(cell)
        except Unfit as unfit:
            problems.append(Problem(column, str(unfit)))
            return None

    found = {column: take(column, partial(_text, limit)) for column, limit in LONGEST.items()}
    found["number"] = take("number", _number)
    found["phone"] = take("phone", _phone)
    found["issued_at"] = take("issued_at", lambda cell: _past(_moment(cell, time()), now))
    found["feedback_due"] = take("feedback_due", lambda cell: _moment(cell, time(23, 59)))
    wrong = {problem.column for problem in problems}
    if numbered and not found["number"] and "number" not in wrong:
        problems.append(Problem("number", words.MISSING))
    if not found["phone"] and not found["address"] and not wrong & {"phone", "address"}:
        problems.append(Problem("", words.NO_WAY_THERE))
    if problems:
        return problems
    return Draft(**{name: value for name, value in found.items() if value is not None})  # type: ignore[arg-type]


def _text(limit: int, cell: Cell) -> str:
    text = "".join(char for char in _shown(cell) if char == "\n" or unicodedata.category(char) not in ("Cc", "Cs"))
    text = text.strip()
    if len(text) > limit:
        raise Unfit(words.TOO_LONG.format(limit=limit))
    return text


def _shown(cell: Cell) -> str:
    """A cell as the spreadsheet shows it, as far as that can be known."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, str) and cell.startswith("="):
        raise Unfit(words.UNREADABLE_FORMULA)
    return str(cell)


def _number(cell: Cell) -> str:
    """Spaces, width and case do not make another number."""
    if isinstance(cell, int | float) and len(_shown(cell)) > EXACT_DIGITS:
        raise Unfit(words.DIGITS_LOST)
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", _text(LONGEST["number"], cell))).upper()
    if re.fullmatch(r"\d(?:\.\d+)?E\+\d+", number):
        raise Unfit(words.DIGITS_LOST)
    return number


def _phone(cell: Cell) -> str:
    try:
        phone = normalise(_shown(cell).strip())
    except ValueError as error:
        raise Unfit(words.NOT_A_PHONE) from error
    if not phone.startswith("+"):  # a service number is nobody's
        raise Unfit(words.NOT_A_PHONE)
    return phone


def _moment(cell: Cell, at: time) -> datetime:
    """``at``: the time of day meant where only a day is given."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=CHINA) if cell.tzinfo is None else cell
    if isinstance(cell, date):
        return datetime.combine(cell, at, CHINA)
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", str(cell)).strip())
    if found is None:
        raise Unfit(words.NOT_A_TIME)
    year, month, day, hour, minute, second = (int(part) if part else None for part in found.groups())
    try:
        clock = at if hour is None else time(hour, minute or 0, second or 0)
        return datetime.combine(date(year or 0, month or 0, day or 0), clock, CHINA)
    except ValueError as error:
        raise Unfit(words.NOT_A_TIME) from error


def _past(moment: datetime, now: datetime) -> datetime:
    if moment > now + CLOCKS_DIFFER:
        raise Unfit(words.IN_THE_FUTURE)
    return moment
