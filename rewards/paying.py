"""From the reporter's claim to the end: collecting, paying, lapsing, extending, revoking, archiving.

The program moves no money: a payment is what two officers write down, with the receipt's number.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from conversations.models import Staff
from rewards import claims, ledger, notice_words, timers, words
from rewards.claims import ClaimError, scheme_of
from rewards.deadlines import ends_on
from rewards.models import Account, Act, Claim, ClaimState, Payment
from rewards.schemes import words as scheme_words
from rewards.steps import amount_of, needs, own_part, require, said, set_due
from storage.sealing import installed

DIGITS = 8
UNPAID = (ClaimState.APPROVED, ClaimState.NOTIFIED, ClaimState.CLAIMED)
EXTENDABLE = UNPAID
COLLECTION = re.compile(r"(?<=领取号：)\d{8}")  # where a message says it; wiped once it has been sent


@dataclass(frozen=True, slots=True)
class Receipt:
    """How it was paid. ``payee``: who received it, as the payment needs it; sealed, and erased on time."""

    method: str
    number: str
    collection: str
    payee: dict[str, str] = field(default_factory=dict)


def collect(session: Session, claim: Claim, now: datetime) -> str:
    """The reporter, known by number and code, claims: a one-time collection number, which exists only here."""
    needs(session, claim, ClaimState.NOTIFIED)
    number = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    claims.add(session, claim, Act.CLAIM, ClaimState.CLAIMED, now)
    claim.collection_hash = _keyed(claim, number)
    set_due(session, claim, "pay_out", now)
    return number


def _keyed(claim: Claim, number: str) -> str:
    return hmac.new(installed().code_key, f"collection:{claim.id}:{number}".encode(), sha256).hexdigest()


def pay(session: Session, claim: Claim, receipt: Receipt, staff: Staff, second: Staff, now: datetime) -> None:
    """Two officers have paid; the first is of the finance office. Raises :class:`ClaimError`."""
    require(staff, "finance")
    needs(session, claim, ClaimState.CLAIMED)
    own_part(session, claim, staff, Act.PAY)
    own_part(session, claim, second, Act.PAY)
    if second.id == staff.id or not second.active or not second.role_set & {"finance", "officer"}:
        raise ClaimError(words.SECOND_OFFICER)
    _check(session, claim, receipt)
    amount = amount_of(claim)
    try:
        with session.begin_nested():
            event = claims.add(
                session,
                claim,
                Act.PAY,
                ClaimState.PAID,
                now,
                staff=staff,
                second=second,
                amount=amount,
                reference=receipt.number.strip()[:64],
            )
            session.add(
                Payment(
                    claim_id=claim.id,
                    event_id=event.id,
                    at=now,
                    method=receipt.method,
                    receipt=receipt.number.strip()[:64],
                    amount=amount,
                    payee=receipt.payee,
                )
            )
    except IntegrityError as error:
        if "claim_payments_receipt" not in str(error.orig):
            raise
        raise ClaimError(words.RECEIPT_USED) from error
    ledger.book(session, event, Account.PAID, Account.PAYABLE, amount)
    claim.collection_hash = ""
    timers.clear(session, claim, now)


def _check(session: Session, claim: Claim, receipt: Receipt) -> None:
    payment = scheme_of(session, claim).payment
    assert payment is not None  # a scheme in force says how it pays
    if receipt.method not in payment.methods:
        methods = "、".join(scheme_words.METHODS[method] for method in payment.methods)
        raise ClaimError(words.METHOD_NOT_ALLOWED.format(methods=methods))
    if not receipt.number.strip():
        raise ClaimError(words.NO_RECEIPT)
    if not hmac.compare_digest(claim.collection_hash, _keyed(claim, receipt.collection.strip())):
        raise ClaimError(words.WRONG_COLLECTION)


def lapse(session: Session, claim: Claim, now: datetime) -> None:
    """Nobody came within the time: the amount is set apart as lapsed. The database refuses it before."""
    needs(session, claim, ClaimState.NOTIFIED)
    amount = amount_of(claim)
    event = claims.add(
        session, claim, Act.LAPSE, ClaimState.LAPSED, now, amount=amount, detail=notice_words.LAPSED_BY_TIME
    )
    ledger.book(session, event, Account.LAPSED, Account.PAYABLE, amount)
    timers.clear(session, claim, now)


def extend(session: Session, claim: Claim, until: datetime, staff: Staff, now: datetime, reason: str) -> None:
    """An approver gives the step that is due more time, before its time is over. Raises :class:`ClaimError`."""
    require(staff, "approver")
    needs(session, claim, *EXTENDABLE)
    said(reason)
    if claim.due_at is None:
        raise ClaimError(words.NOTHING_DUE)
    if now >= claim.due_at:
        raise ClaimError(words.TIME_OVER)
    if until <= claim.due_at:
        raise ClaimError(words.LATER_ONLY)
    claims.add(
        session,
        claim,
        Act.EXTEND,
        ClaimState(claim.state),
        now,
        staff=staff,
        reference=words.UNTIL.format(day=ends_on(until)),
        detail=reason.strip(),
    )
    timers.set_due(session, claim, claim.due_step, until, now)


def revoke(session: Session, claim: Claim, staff: Staff, now: datetime, reason: str) -> None:
    """An approver takes a reward back: before payment at once, afterwards it has to be recovered."""
    require(staff, "approver")
    needs(session, claim, *UNPAID, ClaimState.PAID, ClaimState.ARCHIVED)
    said(reason)
    if claim.state not in UNPAID and _payment(session, claim) is None:
        raise ClaimError(words.NEVER_PAID)
    amount = amount_of(claim) if claim.state in UNPAID else None
    event = claims.add(
        session, claim, Act.REVOKE, ClaimState.REVOKED, now, staff=staff, amount=amount, detail=reason.strip()
    )
    if amount is not None:
        ledger.book(session, event, Account.BUDGET, Account.PAYABLE, amount)
    claim.collection_hash = ""
    timers.clear(session, claim, now)


def recover(session: Session, claim: Claim, staff: Staff, now: datetime, reference: str) -> None:
    """The money of a revoked reward came back, by a receipt of the finance office."""
    require(staff, "finance")
    needs(session, claim, ClaimState.REVOKED)
    said(reference)
    done = claims.history(session, claim.id)
    if _payment(session, claim) is None or any(event.act == Act.RECOVER for event in done):
        raise ClaimError(words.NEVER_PAID)
    amount = amount_of(claim)
    event = claims.add(
        session,
        claim,
        Act.RECOVER,
        ClaimState.REVOKED,
        now,
        staff=staff,
        amount=amount,
        reference=reference.strip()[:64],
    )
    ledger.book(session, event, Account.CLAWED_BACK, Account.PAID, amount)


def archive(session: Session, claim: Claim, staff: Staff, now: datetime, note: str = "") -> None:
    """Nothing more is to be done."""
    require(staff, "officer", "finance")
    needs(session, claim, ClaimState.PAID, ClaimState.REFUSED, ClaimState.LAPSED)
    claims.add(session, claim, Act.ARCHIVE, ClaimState.ARCHIVED, now, staff=staff, detail=note.strip())


def _payment(session: Session, claim: Claim) -> Payment | None:
    return session.scalar(select(Payment).where(Payment.claim_id == claim.id))
