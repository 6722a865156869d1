"""The text of an officer to the person an order is about, who may never have written to us."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import contacts, staffing
from conversations.inbound import Channel
from conversations.messages import queue_sending
from conversations.models import Contact, Conversation, Delivery, Direction, Message, Staff
from conversations.style12381 import violations
from stops.orders import words
from stops.orders.models import WarningOrder, Way
from stops.orders.phones import is_mobile
from stops.orders.register import OrderError, locked, note
from stops.orders.work import workable
from storage import live

LONGEST = 200  # characters: three parts


def text_to(
    session: Session,
    order_id: uuid.UUID,
    staff: Staff,
    text: str,
    form_key: str,
    now: datetime,
    hotline_number: str = "",
) -> uuid.UUID:
    """Queue a text to the person of an order; the same ``form_key`` twice (a nervous click) is one text.

    Where the operator only sends templates, the neutral one goes out instead and the message says so.
    Returns the message's id. Raises :class:`OrderError`.
    """
    text = text.strip()
    _check(text, hotline_number)
    order = session.get(WarningOrder, order_id)
    if order is None:
        raise OrderError(words.GONE)
    if not is_mobile(order.phone):
        raise OrderError(words.NOT_MOBILE)
    contact = contacts.lock_contact(session, Channel.SMS, order.phone, now)
    if contact.unsubscribed_at is not None:
        raise OrderError(words.UNSUBSCRIBED)
    external_id = f"order:{form_key}"
    sent_before = session.scalar(
        select(Message.id).where(Message.channel == Channel.SMS, Message.external_id == external_id)
    )
    if sent_before is not None:
        return sent_before
    order = locked(session, order_id)
    workable(order)
    message = _queue(session, contact, contacts.open_conversation(session, contact, now), staff, text, external_id, now)
    order.acted_at = now
    note(session, order.id, now, "texted", staff=staff, way=Way.SMS.value, message_id=message.id)
    staffing.record(session, staff, "order_text", now, "order", order.id)
    live.touch(session, "order", order.id)
    return message.id


def _check(text: str, hotline_number: str) -> None:
    if not text:
        raise OrderError(words.SMS_EMPTY)
    if len(text) > LONGEST:
        raise OrderError(words.SMS_LONG.format(limit=LONGEST))
    broken = violations(text, hotline_number)
    if broken:
        raise OrderError("；".join(broken) + "。")


def _queue(
    session: Session,
    contact: Contact,
    conversation: Conversation,
    staff: Staff,
    text: str,
    external_id: str,
    now: datetime,
) -> Message:
    message = Message(
        conversation_id=conversation.id,
        contact_id=contact.id,
        channel=Channel.SMS.value,
        direction=Direction.OUT.value,
        kind="text",
        external_id=external_id,
        text=text,
        created_at=now,
        author="staff",
        staff_id=staff.id,
        delivery=Delivery.QUEUED.value,
        urgent=True,
    )
    session.add(message)
    conversation.last_message_at = now
    session.flush()
    queue_sending(session, contact.id, urgent=True)
    live.touch(session, "conversation", conversation.id, "message")
    return message
