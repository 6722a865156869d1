"""The month's reconciliation of the ledger, for the screen of the finance office and as XLSX."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from rewards import words
from rewards.deadlines import DAY, ends
from rewards.facts import ZERO
from rewards.models import Account, Claim, LedgerEntry
from storage.clock import CHINA

YUAN = "#,##0.00"
WIDTH = 20  # characters of a column


@dataclass(frozen=True, slots=True)
class AccountMonth:
    """One account in yuan: ``opening`` + ``into`` − ``out_of`` = ``closing``."""

    account: Account
    opening: Decimal
    into: Decimal
    out_of: Decimal

    @property
    def closing(self) -> Decimal:
        """What lies there at the month's end."""
        return self.opening + self.into - self.out_of


def bounds(month: date) -> tuple[datetime, datetime]:
    """The first moment of a month in China, and the first of the next."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return ends(month.replace(day=1) - DAY), ends(following - DAY)


def month_of(session: Session, month: date) -> list[AccountMonth]:
    """Every account in a month; openings, closings and movements each add up to zero."""
    start, end = bounds(month)
    opened = _sums(session, LedgerEntry.at < start)
    moved = _sums(session, (LedgerEntry.at >= start) & (LedgerEntry.at < end))
    return [
        AccountMonth(account, opened[account][0] - opened[account][1], moved[account][0], moved[account][1])
        for account in Account
    ]


def _sums(session: Session, when: ColumnElement[bool]) -> dict[Account, tuple[Decimal, Decimal]]:
    """Into and out of each account."""
    sides = []
    for side in (LedgerEntry.debit, LedgerEntry.credit):
        query = select(side, func.sum(LedgerEntry.amount)).where(when).group_by(side)
        sides.append({Account(account): total for account, total in session.execute(query)})
    return {account: (sides[0].get(account, ZERO), sides[1].get(account, ZERO)) for account in Account}


def workbook(session: Session, month: date) -> bytes:
    """The month as XLSX: a sheet of accounts and one of entries. Nothing in it is personal."""
    book = openpyxl.Workbook()
    accounts = book.active
    assert isinstance(accounts, Worksheet)
    accounts.title = words.SHEET_ACCOUNTS
    accounts.append(words.HEAD_ACCOUNTS)
    rows = month_of(session, month)
    for row in rows:
        accounts.append([words.ACCOUNTS[row.account], row.opening, row.into, row.out_of, row.closing])
    whole = [sum((getattr(row, name) for row in rows), ZERO) for name in ("opening", "into", "out_of", "closing")]
    accounts.append([words.SUM, *whole])
    entries = book.create_sheet(words.SHEET_ENTRIES)
    entries.append(words.HEAD_ENTRIES)
    start, end = bounds(month)
    found = session.execute(
        select(LedgerEntry, Claim.number)
        .outerjoin(Claim, Claim.id == LedgerEntry.claim_id)
        .where(LedgerEntry.at >= start, LedgerEntry.at < end)
        .order_by(LedgerEntry.position)
    )
    for entry, number in found:
        at = f"{entry.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        accounts_of = [words.ACCOUNTS[entry.credit], words.ACCOUNTS[entry.debit]]
        entries.append(
            [entry.position, at, *accounts_of, entry.amount, number or "", _text(entry.reference), entry.hash]
        )
    for sheet in book.worksheets:
        _money(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(said: str) -> str:
    """A reference somebody typed must not become a formula."""
    return f"'{said}" if said.startswith(("=", "+", "-", "@")) else said


def _money(sheet: Worksheet) -> None:
    for place, column in enumerate(sheet.iter_cols(), start=1):
        for cell in column:
            if isinstance(cell.value, Decimal):
                cell.number_format = YUAN
        sheet.column_dimensions[get_column_letter(place)].width = WIDTH
