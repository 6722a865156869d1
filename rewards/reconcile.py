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
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from rewards import words
from rewards.deadlines import DAY, ends
from rewards.facts import ZERO
from rewards.models import Account, Claim, LedgerEntry, Payment
from rewards.schemes import words as scheme_words
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


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A payment beside its entry in the book, in yuan; None: one of the two is not there."""

    at: datetime
    claim: str
    receipt: str
    method: str
    paid: Decimal | None
    booked: Decimal | None

    @property
    def agrees(self) -> bool:
        """Whether paper and book say the same."""
        return self.paid is not None and self.paid == self.booked


def month_from(said: str) -> date:
    """The first day of a month written like 2026-11. Raises :class:`ValueError`."""
    return date.fromisoformat(f"{said}-01")


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


def receipts(session: Session, month: date) -> list[PaidLine]:
    """Every payment of a month by its receipt, beside the book; what only one of the two knows is there as well."""
    start, end = bounds(month)
    entry = aliased(
        LedgerEntry,
        select(LedgerEntry)
        .where(LedgerEntry.debit == Account.PAID.value, _within(LedgerEntry.at, start, end))
        .subquery(),
    )
    paper = aliased(Payment, select(Payment).where(_within(Payment.at, start, end)).subquery())
    query = (
        select(paper, entry, Claim.number)
        .select_from(paper)
        .join(entry, entry.event_id == paper.event_id, full=True)
        .outerjoin(Claim, Claim.id == func.coalesce(paper.claim_id, entry.claim_id))
        .order_by(func.coalesce(paper.at, entry.at), paper.receipt)
    )
    return [_line(payment, booked, number or "") for payment, booked, number in session.execute(query)]


def _within(at: InstrumentedAttribute[datetime], start: datetime, end: datetime) -> ColumnElement[bool]:
    return (at >= start) & (at < end)


def _line(payment: Payment | None, booked: LedgerEntry | None, number: str) -> PaidLine:
    one = payment or booked
    assert one is not None
    return PaidLine(
        at=one.at,
        claim=number,
        receipt=payment.receipt if payment else "",
        method=payment.method if payment else "",
        paid=payment.amount if payment else None,
        booked=booked.amount if booked else None,
    )


def _sums(session: Session, when: ColumnElement[bool]) -> dict[Account, tuple[Decimal, Decimal]]:
    """Into and out of each account."""
    sides = []
    for side in (LedgerEntry.debit, LedgerEntry.credit):
        query = select(side, func.sum(LedgerEntry.amount)).where(when).group_by(side)
        sides.append({Account(account): total for account, total in session.execute(query)})
    return {account: (sides[0].get(account, ZERO), sides[1].get(account, ZERO)) for account in Account}


def workbook(session: Session, month: date) -> bytes:
    """The month as XLSX: a sheet of accounts, one of entries and one of receipts. Nothing in it is personal."""
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
    papers = book.create_sheet(words.SHEET_RECEIPTS)
    papers.append(words.HEAD_RECEIPTS)
    for line in receipts(session, month):
        at = f"{line.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        method = scheme_words.METHODS.get(line.method, "")
        agrees = words.AGREES[line.agrees]
        papers.append([at, line.claim, _text(line.receipt), method, line.paid, line.booked, agrees])
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
