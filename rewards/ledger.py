"""The ledger of the reward budget: double entries that are only added, each with the hash of the one before.

One row takes an amount from one account (``credit``) to another (``debit``), so the accounts always add up to zero.
It records; no money moves by it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.models import Staff
from rewards import words
from rewards.facts import ZERO
from rewards.models import Account, Claim, ClaimEvent, ClaimState, LedgerEntry
from storage.chain import Link, breaks, micros

# Where the whole amount of a claim in this state lies; no account: nowhere any more, or not yet.
HOLDS: dict[ClaimState, frozenset[Account | None]] = {
    ClaimState.REQUESTED: frozenset({None}),
    ClaimState.PROPOSED: frozenset({Account.RESERVED}),
    ClaimState.VERIFIED: frozenset({Account.RESERVED}),
    ClaimState.APPROVED: frozenset({Account.PAYABLE}),
    ClaimState.NOTIFIED: frozenset({Account.PAYABLE}),
    ClaimState.CLAIMED: frozenset({Account.PAYABLE}),
    ClaimState.PAID: frozenset({Account.PAID}),
    ClaimState.LAPSED: frozenset({Account.LAPSED}),
    ClaimState.REFUSED: frozenset({None}),
    ClaimState.ARCHIVED: frozenset({None, Account.PAID, Account.LAPSED}),
    ClaimState.REVOKED: frozenset({None, Account.PAID, Account.CLAWED_BACK}),
}


class LedgerError(Exception):
    """A booking that is not possible; the text is for the screen of staff."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the ledger that is not as it must be. ``position`` 0: not one entry, but the whole."""

    position: int
    said: str


def add_budget(session: Session, amount: Decimal, staff: Staff | None, reference: str, now: datetime) -> None:
    """Enter a budget by its document number; a negative amount takes back. Raises :class:`LedgerError`."""
    if not reference.strip():
        raise LedgerError(words.NO_REFERENCE)
    if not amount:
        raise LedgerError(words.NOT_AN_AMOUNT)
    accounts = (Account.BUDGET, Account.SOURCE) if amount > 0 else (Account.SOURCE, Account.BUDGET)
    _add(session, accounts, abs(amount), now, staff_id=staff.id if staff else None, reference=reference.strip()[:64])


def book(session: Session, event: ClaimEvent, to: Account, source: Account, amount: Decimal) -> None:
    """Book what an act moves. Raises :class:`LedgerError` where the account holds less."""
    _add(
        session,
        (to, source),
        amount,
        event.at,
        claim_id=event.claim_id,
        event_id=event.id,
        staff_id=event.staff_id,
        reference=event.reference,
    )


def _add(
    session: Session,
    accounts: tuple[Account, Account],
    amount: Decimal,
    now: datetime,
    *,
    staff_id: uuid.UUID | None,
    reference: str,
    claim_id: uuid.UUID | None = None,
    event_id: uuid.UUID | None = None,
) -> None:
    debit, credit = accounts
    entry = LedgerEntry(
        position=0,  # the database counts
        at=now,
        debit=debit.value,
        credit=credit.value,
        amount=amount,
        claim_id=claim_id,
        event_id=event_id,
        staff_id=staff_id,
        reference=reference,
    )
    try:
        with session.begin_nested():
            session.add(entry)
    except IntegrityError as error:
        if "holds less" in str(error.orig):
            raise LedgerError(words.NOT_ENOUGH.format(account=words.ACCOUNTS[credit])) from error
        raise


def balances(session: Session) -> dict[Account, Decimal]:
    """What lies in each account, in yuan; together zero."""
    sides = union_all(
        select(LedgerEntry.debit.label("account"), LedgerEntry.amount.label("amount")),
        select(LedgerEntry.credit, -LedgerEntry.amount),
    ).subquery()
    found = session.execute(select(sides.c.account, func.sum(sides.c.amount)).group_by(sides.c.account))
    return dict.fromkeys(Account, ZERO) | {Account(account): total for account, total in found}


def verify(session: Session) -> list[Fault]:
    """Everything that is wrong: a broken chain, a sum that is not zero, a claim whose money lies elsewhere."""
    faults = list(_chain(session))
    total = sum(balances(session).values(), ZERO)
    if total != 0:
        faults.append(Fault(0, words.NOT_ZERO.format(total=total)))
    return [*faults, *_claims(session)]


def _chain(session: Session) -> Iterator[Fault]:
    entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.position))
    links = (Link(entry.position, entry.previous, entry.hash, digest(entry)) for entry in entries)
    for position, what in breaks(links):
        yield Fault(position, words.BREAKS[what].format(position=position))


def digest(entry: LedgerEntry) -> str:
    """SHA-256 over everything in an entry and the hash before it, as the trigger ``ledger_chain`` writes it."""
    parts = [
        entry.position,
        entry.id,
        micros(entry.at),
        entry.debit,
        entry.credit,
        f"{entry.amount:.2f}",
        entry.claim_id or "",
        entry.event_id or "",
        entry.staff_id or "",
        entry.reference,
        entry.previous,
    ]
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def _claims(session: Session) -> Iterator[Fault]:
    held: dict[uuid.UUID, dict[Account, Decimal]] = {}
    for entry in session.scalars(select(LedgerEntry).where(LedgerEntry.claim_id.is_not(None))):
        assert entry.claim_id is not None
        accounts = held.setdefault(entry.claim_id, {})
        for account, amount in ((entry.debit, entry.amount), (entry.credit, -entry.amount)):
            accounts[Account(account)] = accounts.get(Account(account), ZERO) + amount
    for claim in session.scalars(select(Claim).order_by(Claim.number)):
        accounts = held.get(claim.id, {})
        lying = [account for account, amount in accounts.items() if account is not Account.BUDGET and amount != 0]
        where = lying[0] if lying else None
        wrong = len(lying) > 1 or where not in HOLDS[ClaimState(claim.state)]
        if wrong or (where is not None and accounts[where] != claim.amount):
            yield Fault(0, words.CLAIM_ELSEWHERE.format(number=claim.number))
