"""The ledger for the screen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import moments
from console.pages.history import people
from rewards import ledger, reconcile, words
from rewards.facts import ZERO
from rewards.models import Claim, LedgerEntry
from rewards.schemes.words import METHODS

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One entry."""

    position: int
    at: str
    source: str
    to: str
    amount: str
    claim: str
    who: str
    reference: str


@dataclass(frozen=True, slots=True)
class Book:
    """Accounts with their yuan, what is wrong, and the newest entries first."""

    accounts: list[tuple[str, str]]
    faults: list[str]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Month:
    """A month's reconciliation. ``accounts``: name, opening, in, out, closing; ``receipts``: when, claim, receipt,
    method, paid, booked, and whether they agree. ``wrong``: how many do not.
    """

    month: str
    accounts: list[tuple[str, ...]]
    receipts: list[tuple[str, str, str, str, str, str, bool]]
    paid: str
    wrong: int


def load_month(session: Session, month: date) -> Month:
    """Opening, movements and closing of each account, and the receipts beside the book."""
    accounts = [
        (words.ACCOUNTS[it.account], *(f"{yuan:,.2f}" for yuan in (it.opening, it.into, it.out_of, it.closing)))
        for it in reconcile.month_of(session, month)
    ]
    lines = reconcile.receipts(session, month)
    rows = [
        (
            moments.full(line.at),
            line.claim,
            line.receipt,
            METHODS.get(line.method, ""),
            _yuan(line.paid),
            _yuan(line.booked),
            line.agrees,
        )
        for line in lines
    ]
    paid = sum((line.paid for line in lines if line.paid is not None), ZERO)
    wrong = sum(not line.agrees for line in lines)
    return Month(f"{month:%Y-%m}", accounts, rows, f"{paid:,.2f}", wrong)


def _yuan(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def load(session: Session) -> Book:
    """Everything the page shows; the whole chain is checked each time."""
    accounts = [(words.ACCOUNTS[account], f"{yuan:,.2f}") for account, yuan in ledger.balances(session).items()]
    entries = list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.position.desc()).limit(SHOWN)))
    names = people(session, [entry.staff_id for entry in entries])
    wanted = {entry.claim_id for entry in entries if entry.claim_id}
    numbers = {claim.id: claim.number for claim in session.scalars(select(Claim).where(Claim.id.in_(wanted)))}
    lines = [
        Line(
            position=entry.position,
            at=moments.full(entry.at),
            source=words.ACCOUNTS[entry.credit],
            to=words.ACCOUNTS[entry.debit],
            amount=f"{entry.amount:,.2f}",
            claim=numbers[entry.claim_id] if entry.claim_id else "",
            who=names.get(entry.staff_id, "") if entry.staff_id else "",
            reference=entry.reference,
        )
        for entry in entries
    ]
    faults = [
        f"第{fault.position}笔：{fault.said}" if fault.position else fault.said for fault in ledger.verify(session)
    ]
    return Book(accounts, faults, lines)
