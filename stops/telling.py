"""Telling the resident of each state: on WeChat while it lets us, else by a neutral text message, else by a phone task.

A state that is set leaves a notice (a row). Notices are settled outside the officer's transaction, and looked at again
until the message has gone out; what WeChat or the operator did not take goes the next way.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import budget, contacts
from conversations.inbound import Channel
from conversations.messages import NOTICE, say_for_staff
from conversations.models import Contact, Conversation, Delivery, Message
from stops import tasks
from stops.models import CardState, StopCard, StopEvent, StopNotice
from storage import live
from storage.jobs import Priority, Task, defer

WECHAT, SMS, PHONE = "wechat", "sms", "phone"
ARRIVING = frozenset({Delivery.PASSIVE, Delivery.QUEUED, Delivery.SENDING})
GONE_OUT = frozenset({Delivery.SENT, Delivery.DELIVERED})
TOLD_OTHERWISE = "told_otherwise"
_MOBILE = re.compile(r"1[3-9]\d{9}")
BATCH = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a state. ``call``: the text promises a call, so somebody has to make it."""

    wechat: str
    sms: str
    call: bool
    phone: str


@lru_cache(maxsize=1)
def words() -> dict[str, Words]:
    """By state."""
    raw: dict[str, dict[str, Any]] = yaml.safe_load(
        Path(__file__).with_name("state_words.yml").read_text(encoding="utf-8")
    )
    return {state: Words(**entry) for state, entry in raw.items()}


def owe(session: Session, card: StopCard, event: StopEvent, now: datetime) -> None:
    """The resident is to be told of the state this event set; a drill has nobody to be told."""
    if card.drill:
        return
    notice = StopNotice(card_id=card.id, event_id=event.id, state=event.state, created_at=now)
    session.add(notice)
    session.flush()
    defer(session, Task.STOP_NOTICE, priority=Priority.URGENT, notice_id=str(notice.id))


def is_owed(session: Session, card: StopCard, state: CardState) -> bool:
    """Whether the resident is told of a state, or was."""
    query = select(StopNotice.id).where(StopNotice.card_id == card.id, StopNotice.state == state).limit(1)
    return session.scalar(query) is not None


def unsettled(session: Session) -> list[uuid.UUID]:
    """Notices nobody knows yet to have arrived."""
    return list(
        session.scalars(
            select(StopNotice.id).where(StopNotice.settled_at.is_(None)).order_by(StopNotice.created_at).limit(BATCH)
        )
    )


def tell(session: Session, notice_id: uuid.UUID, now: datetime, *, free_text: bool) -> None:
    """Take one notice as far as it goes now.

    ``free_text``: the SMS operator sends our own words; else its template tells nothing, and somebody phones as well.
    """
    found = session.get(StopNotice, notice_id)
    if found is None:
        return
    contact_id = session.scalars(select(StopCard.contact_id).where(StopCard.id == found.card_id)).one()
    contact = contacts.lock_by_id(session, contact_id)
    notice = session.scalars(
        select(StopNotice).where(StopNotice.id == notice_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if notice.settled_at is not None or _on_its_way(session, notice, now):
        return
    card = session.get_one(StopCard, notice.card_id)
    for way in _ways_after(notice.way):
        if _try(session, card, contact, notice, way, now, free_text=free_text):
            notice.way = way
            break
    live.touch(session, "card", card.id)


def _ways_after(way: str) -> tuple[str, ...]:
    ways = (WECHAT, SMS, PHONE)
    return ways[ways.index(way) + 1 :] if way else ways


def _on_its_way(session: Session, notice: StopNotice, now: datetime) -> bool:
    """Whether the message sent before needs no other way; one that did not go out is taken back."""
    if notice.message_id is None:
        return False
    message = session.scalars(select(Message).where(Message.id == notice.message_id).with_for_update()).one()
    if message.delivery in ARRIVING:
        return True
    if message.delivery in GONE_OUT:
        notice.settled_at = now
        return True
    if message.delivery == Delivery.HELD:  # it would come when the state is another
        message.delivery, message.reason = Delivery.FAILED.value, TOLD_OTHERWISE
    return False


def _try(
    session: Session, card: StopCard, contact: Contact, notice: StopNotice, way: str, now: datetime, *, free_text: bool
) -> bool:
    said = words()[notice.state]
    if way == WECHAT:
        if (
            contact.channel != Channel.WECHAT
            or contact.unfollowed_at is not None
            or not budget.left(contact, now).messages
        ):
            return False
        conversation = session.get_one(Conversation, card.conversation_id)
        notice.message_id = _say(session, conversation, said.wechat.format(number=card.number), notice, way, now)
        return True
    if way == SMS:
        phone = _sms_contact(session, card, contact, now)
        if phone is None or phone.unsubscribed_at is not None:
            return False
        conversation = contacts.open_conversation(session, phone, now)
        notice.message_id = _say(session, conversation, said.sms, notice, way, now)
        if said.call or not free_text:
            tasks.add(session, card, tasks.TELL, now, about=notice.state, round_=card.stop_round)
        return True
    tasks.add(session, card, tasks.TELL, now, about=notice.state, round_=card.stop_round)
    notice.settled_at = now
    return True


def _sms_contact(session: Session, card: StopCard, contact: Contact, now: datetime) -> Contact | None:
    """Whom to text: the sender, or the number to call back."""
    if contact.channel == Channel.SMS:
        return contact
    phone = card.callback_phone.removeprefix("+86")
    if not _MOBILE.fullmatch(phone):
        return None
    return contacts.lock_contact(session, Channel.SMS, f"+86{phone}", now)


def _say(
    session: Session, conversation: Conversation, text: str, notice: StopNotice, way: str, now: datetime
) -> uuid.UUID:
    """A message in the name of the officer who set the state."""
    officer_id = session.scalars(select(StopEvent.staff_id).where(StopEvent.id == notice.event_id)).one()
    assert officer_id is not None
    return say_for_staff(session, conversation, text, f"{NOTICE}{notice.id}:{way}", officer_id, now, urgent=True).id
