"""What happens to claims without a person: the reporter is told, deadlines near and pass, payees are erased.

Rows say what is to be done; doing it twice, or at once in two workers, does no harm. Locks are taken in this order:
contact, claim, notice or timer, message.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import contacts
from conversations.models import Contact, Message
from rewards import claims, notice_words, notices, paying, steps, tasks, timers
from rewards.deadlines import ends_on
from rewards.models import Act, Claim, ClaimEvent, ClaimNotice, ClaimState, ClaimTimer, Payment
from rewards.schemes import words as scheme_words

BATCH = 200
NEARS = {"notify": tasks.NOTIFY_DUE, "claim": tasks.CLAIM_DUE, "pay_out": tasks.PAY_DUE}


def tell(session: Session, notice_id: uuid.UUID, now: datetime, *, free_text: bool) -> None:
    """Take one notice as far as it goes now. ``free_text``: the SMS operator sends our own words, not a template's."""
    claim_id = session.scalar(select(ClaimNotice.claim_id).where(ClaimNotice.id == notice_id))
    if claim_id is None:
        return
    claim, contact = _hold(session, claim_id)
    notice = session.scalars(
        select(ClaimNotice)
        .where(ClaimNotice.id == notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if notice.settled_at is not None:  # also by every step that left its state
        return
    if notice.message_id is not None:
        _follow(session, claim, notice, now)
    elif contact is None:
        _by_hand(session, claim, notice, now)
    elif notices.say(session, contact, notice, _text(session, claim, contact, notice.about), now) and (
        notices.by_sms(contact) and not free_text
    ):
        tasks.add(session, claim, tasks.TELL, now)


def _hold(session: Session, claim_id: uuid.UUID) -> tuple[Claim, Contact | None]:
    contact_id = session.scalar(select(Claim.contact_id).where(Claim.id == claim_id))
    if contact_id is not None:
        contacts.lock_by_id(session, contact_id)
    claim = claims.lock(session, claim_id)
    return claim, notices.reporter(session, claim)


def _settle(notice: ClaimNotice, outcome: str, now: datetime) -> None:
    notice.settled_at, notice.outcome = now, outcome


def _by_hand(session: Session, claim: Claim, notice: ClaimNotice, now: datetime) -> None:
    _settle(notice, notices.BY_HAND, now)
    if notice.about == notices.APPROVED:
        tasks.add(session, claim, tasks.TELL, now)


def _follow(session: Session, claim: Claim, notice: ClaimNotice, now: datetime) -> None:
    """What became of the message: gone out, the reporter is told; else a person has to."""
    message = session.scalars(select(Message).where(Message.id == notice.message_id).with_for_update()).one()
    if message.delivery not in notices.OVER:
        return
    if message.delivery not in notices.GONE_OUT or message.reason == notices.TEMPLATE:
        _by_hand(session, claim, notice, now)
        return
    _settle(notice, notices.SENT, now)
    if notice.about == notices.APPROVED:
        session.flush()
        steps.told(session, claim, message.sent_at or now, notice_words.TOLD_BY[message.channel])


def _text(session: Session, claim: Claim, contact: Contact, about: str) -> str:
    sms = notices.by_sms(contact)
    if about == notices.APPROVED:
        return (
            notice_words.APPROVED_SMS
            if sms
            else notice_words.APPROVED.format(number=claim.number, limit=_limit(session, claim))
        )
    if about == notices.REMIND:
        assert claim.due_at is not None
        last = ends_on(claim.due_at)
        said = notice_words.REMIND_SMS if sms else notice_words.REMIND
        return said.format(number=claim.number, month=last.month, day=last.day)
    return notice_words.LAPSED_SMS if sms else notice_words.LAPSED.format(number=claim.number)


def _limit(session: Session, claim: Claim) -> str:
    deadline = next((it for it in claims.scheme_of(session, claim).deadlines if it.step == "claim"), None)
    if deadline is None:
        return ""
    said = scheme_words.DEADLINE.format(
        after=scheme_words.EVENTS[deadline.after],
        number=deadline.number,
        unit=scheme_words.UNITS[deadline.unit],
        step=scheme_words.STEPS["claim"],
    )
    return notice_words.LIMIT.format(deadline=said)


def fire(session: Session, timer_id: uuid.UUID, now: datetime) -> None:
    """A deadline nears, or is over."""
    claim_id = session.scalar(select(ClaimTimer.claim_id).where(ClaimTimer.id == timer_id))
    if claim_id is None:
        return
    claim, _ = _hold(session, claim_id)
    timer = timers.take(session, timer_id, now)
    if timer is None or not claim.due_step:
        return
    to_claim = claim.state == ClaimState.NOTIFIED
    if timer.what == timers.REMIND:
        tasks.add(session, claim, NEARS[claim.due_step], now)
        if to_claim:
            notices.owe(session, claim, notices.REMIND, now)
    elif to_claim:
        paying.lapse(session, claim, now)
        notices.owe(session, claim, notices.LAPSED, now)
        tasks.add(session, claim, tasks.LAPSED, now)
    else:
        tasks.add(session, claim, tasks.OVERDUE, now)


def erase_payees(session: Session, now: datetime, days: int | None) -> list[uuid.UUID]:
    """Who was paid, erased so many days after the payment; None: never. Returns the payments.

    A reward that is revoked and not recovered keeps its payee: somebody still has to find them.
    """
    if days is None:
        return []
    recovered = select(ClaimEvent.claim_id).where(ClaimEvent.act == Act.RECOVER.value)
    query = (
        select(Payment)
        .join(Claim, Claim.id == Payment.claim_id)
        .where(Payment.payee_sealed.is_not(None), Payment.at <= now - timedelta(days=days))
        .where((Claim.state != ClaimState.REVOKED.value) | Claim.id.in_(recovered))
        .order_by(Payment.at)
        .limit(BATCH)
        .with_for_update(of=Payment, skip_locked=True)
    )
    found = list(session.scalars(query))
    for payment in found:
        payment.payee, payment.erased_at = {}, now
    return [payment.id for payment in found]
