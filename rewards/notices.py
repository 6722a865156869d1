"""Telling the reporter what has become of a reward, on the channel they wrote on, within its budget.

What is to be told is a row beside the act, made in its transaction. The message is queued with the row that names it,
so it exists once, whatever is killed; without budget it waits until the reporter writes. That it went out is the act
``notify``, and only then the time to claim begins. What cannot be delivered becomes a task of staff. No text names an
amount: whoever reads it has not shown the code.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from conversations import contacts, messages
from conversations.inbound import Channel, Reply
from conversations.models import Contact, Conversation, Delivery, Holder, Message
from rewards.models import Claim, ClaimNotice
from storage.jobs import Task, defer

APPROVED, REMIND, LAPSED = "approved", "remind", "lapsed"
SENT, BY_HAND, READ, OVERTAKEN = "sent", "by_hand", "read", "overtaken"
GONE_OUT = (Delivery.SENT.value, Delivery.DELIVERED.value)
OVER = (*GONE_OUT, Delivery.FAILED.value, Delivery.UNKNOWN.value)
WITHDRAWABLE = (Delivery.QUEUED.value, Delivery.HELD.value)
TEMPLATE = "template"  # why a text went out that says nothing of ours: the operator sends only its template
BATCH = 200


def owe(session: Session, claim: Claim, about: str, now: datetime) -> None:
    """The reporter is to be told."""
    notice = ClaimNotice(claim_id=claim.id, about=about, created_at=now)
    session.add(notice)
    session.flush()
    defer(session, Task.CLAIM_NOTICE, notice_id=str(notice.id))


def unsettled(session: Session) -> list[uuid.UUID]:
    """Notices that wait for us: nothing is queued yet, or the fate of what was queued is known."""
    query = (
        select(ClaimNotice.id)
        .outerjoin(Message, Message.id == ClaimNotice.message_id)
        .where(ClaimNotice.settled_at.is_(None), or_(Message.id.is_(None), Message.delivery.in_(OVER)))
    )
    return list(session.scalars(query.order_by(ClaimNotice.created_at).limit(BATCH)))


def withdraw(session: Session, claim: Claim, now: datetime, outcome: str) -> None:
    """The claim has moved on: what was not said yet is not said any more. The caller holds the claim."""
    for notice in session.scalars(
        select(ClaimNotice).where(ClaimNotice.claim_id == claim.id, ClaimNotice.settled_at.is_(None)).with_for_update()
    ):
        notice.settled_at, notice.outcome = now, outcome
        if notice.message_id is None:
            continue
        message = session.scalars(select(Message).where(Message.id == notice.message_id).with_for_update()).one()
        if message.delivery in WITHDRAWABLE:
            message.delivery, message.reason = Delivery.FAILED.value, OVERTAKEN


def reporter(session: Session, claim: Claim) -> Contact | None:
    """Who is to be told; None where no message can reach them. The caller holds the contact."""
    contact = session.get(Contact, claim.contact_id) if claim.contact_id else None
    if contact is None or contact.drill or contact.unsubscribed_at is not None or contact.unfollowed_at is not None:
        return None
    return contact


def say(session: Session, contact: Contact, notice: ClaimNotice, text: str, now: datetime) -> bool:
    """Queue the message; False while a person holds the conversation: then the program is silent in it."""
    conversation: Conversation = contacts.open_conversation(session, contact, now)
    if conversation.holder == Holder.STAFF:
        return False
    notice.message_id = messages.say(session, conversation, [Reply(text)], now)[0].id
    return True


def by_sms(contact: Contact) -> bool:
    """Whether they wrote texts."""
    return contact.channel == Channel.SMS
