"""Telling the reporter of each step, on the channel they wrote on, in words that cannot harm the case.

A step leaves a notice (a row) in the officer's transaction; it is settled outside of it. Without budget on WeChat the
word waits until the reporter writes; an older word that still waits is dropped for a newer one, and all of them are
when the reporter has asked with the code, for then they know.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import contacts
from conversations.inbound import Channel
from conversations.messages import NOTICE, say_for_staff
from conversations.models import Contact, Conversation, Delivery, Message, Staff
from storage import live
from storage.jobs import Task, defer
from tips.models import Tip, TipNotice, TipState

SUPERSEDED = "superseded"
WAITING = (Delivery.HELD, Delivery.QUEUED)
BATCH = 200


class Step(StrEnum):
    """How far a tip is, as its reporter is told."""

    REGISTERED = "registered"
    CHECKING = "checking"
    TRANSFERRED = "transferred"
    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a step."""

    wechat: str
    sms: str
    status: str


@lru_cache(maxsize=1)
def words() -> dict[Step, Words]:
    """By step."""
    raw = yaml.safe_load(Path(__file__).with_name("step_words.yml").read_text(encoding="utf-8"))
    return {Step(step): Words(**entry) for step, entry in raw.items()}


def step_of(tip: Tip) -> Step:
    """The present step of a tip; of a reward its own notices tell."""
    on_the_way = tip.state in (TipState.REGISTERED, TipState.CHECKING)
    return Step.TRANSFERRED if tip.unit and on_the_way else Step(tip.state)


def owe(session: Session, tip: Tip, step: Step, staff: Staff, now: datetime) -> None:
    """The reporter is to be told of a step that a named person made."""
    if tip.contact_id is None:
        return
    notice = TipNotice(tip_id=tip.id, step=step.value, staff_id=staff.id, created_at=now)
    session.add(notice)
    session.flush()
    defer(session, Task.TIP_NOTICE, notice_id=str(notice.id))


def unsettled(session: Session) -> list[uuid.UUID]:
    """Notices nobody has dealt with."""
    query = select(TipNotice.id).where(TipNotice.settled_at.is_(None)).order_by(TipNotice.created_at, TipNotice.id)
    return list(session.scalars(query.limit(BATCH)))


def tell(session: Session, notice_id: uuid.UUID, now: datetime) -> None:
    """Queue the word of one notice, once. Whether it may leave now is the courier's to see."""
    found = session.get(TipNotice, notice_id)
    if found is None:
        return
    tip = session.get_one(Tip, found.tip_id)
    assert tip.contact_id is not None and tip.conversation_id is not None
    contact = contacts.lock_by_id(session, tip.contact_id)
    notice = session.scalars(
        select(TipNotice).where(TipNotice.id == notice_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if notice.settled_at is not None:
        return
    notice.settled_at = now
    if contact.unsubscribed_at is not None or contact.unfollowed_at is not None or _overtaken(session, notice):
        return
    _drop_waiting(session, tip, contact)
    said = words()[Step(notice.step)]
    text = said.sms if contact.channel == Channel.SMS else said.wechat.format(number=tip.number)
    conversation = _where(session, tip, contact, now)
    sent = say_for_staff(session, conversation, text, f"{NOTICE}{notice.id}", notice.staff_id, now)
    notice.message_id = sent.id
    live.touch(session, "tip", tip.id)


def knows(session: Session, tip: Tip, contact: Contact) -> None:
    """The reporter has asked and been answered: what still waits for them says nothing new."""
    if tip.contact_id == contact.id:
        _drop_waiting(session, tip, contact)


def _overtaken(session: Session, notice: TipNotice) -> bool:
    newer = select(TipNotice.id).where(
        TipNotice.tip_id == notice.tip_id,
        TipNotice.created_at > notice.created_at,
        TipNotice.message_id.is_not(None),
    )
    return session.scalar(newer.limit(1)) is not None


def _drop_waiting(session: Session, tip: Tip, contact: Contact) -> None:
    of_tip = select(TipNotice.message_id).where(TipNotice.tip_id == tip.id, TipNotice.message_id.is_not(None))
    waiting = session.scalars(
        select(Message)
        .where(Message.id.in_(of_tip), Message.contact_id == contact.id, Message.delivery.in_(WAITING))
        .with_for_update()
    )
    for message in waiting:
        message.delivery, message.reason = Delivery.FAILED.value, SUPERSEDED


def _where(session: Session, tip: Tip, contact: Contact, now: datetime) -> Conversation:
    """The conversation the tip was told in, or, where that is over, the one that is open."""
    told = session.get_one(Conversation, tip.conversation_id)
    return told if told.closed_at is None else contacts.open_conversation(session, contact, now)
