"""Who holds a conversation: the bot, the waiting list, or a named member of staff."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from conversations.audit import record as record
from conversations.contacts import lock_by_id
from conversations.inbound import Channel
from conversations.messages import queue_sending, say_for_staff
from conversations.models import HANDLING, AuditEntry, Conversation, Delivery, Direction, Holder, Message, Staff
from conversations.style12381 import violations
from storage import live

FROM = " from "  # between a take-over's reason and who had it before, in the audit log
RESENDABLE = frozenset({Delivery.FAILED, Delivery.UNKNOWN})


class StaffingError(Exception):
    """What a member of staff tried is not possible now; the text is for their screen."""


class HeldByOther(StaffingError):
    """Somebody else has the conversation."""

    def __init__(self, name: str) -> None:
        super().__init__(f"这个会话由{name}在处理。")
        self.name = name


def request_staff(session: Session, conversation: Conversation, reason: str, now: datetime) -> None:
    """Put a conversation on the waiting list; one that waits or is held stays where it is."""
    if conversation.holder != Holder.BOT:
        return
    conversation.holder = Holder.WAITING.value
    conversation.waiting_since = now
    conversation.waiting_reason = reason
    live.touch(session, "conversation", conversation.id, "waiting")


def waiting_before(session: Session, conversation: Conversation) -> int:
    """How many conversations have waited longer than this one."""
    if conversation.waiting_since is None:
        return 0
    return (
        session.scalar(
            select(func.count())
            .select_from(Conversation)
            .where(
                Conversation.holder == Holder.WAITING,
                Conversation.closed_at.is_(None),
                Conversation.waiting_since < conversation.waiting_since,
            )
        )
        or 0
    )


def _locked(session: Session, conversation_id: uuid.UUID) -> Conversation:
    contact_id = session.scalar(select(Conversation.contact_id).where(Conversation.id == conversation_id))
    if contact_id is None:
        raise StaffingError("没有这个会话。")
    # First the contact, as an incoming message does: neither waits for the other in a circle or overwrites it.
    lock_by_id(session, contact_id)
    conversation = session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    assert conversation is not None
    if conversation.closed_at is not None:
        raise StaffingError("这个会话已经结束。")
    return conversation


def _require_holder(session: Session, conversation: Conversation, staff: Staff) -> None:
    if conversation.staff_id == staff.id and conversation.holder == Holder.STAFF:
        return
    if conversation.holder == Holder.STAFF and conversation.staff_id is not None:
        other = session.get_one(Staff, conversation.staff_id)
        raise HeldByOther(other.name)
    raise StaffingError("请先接手这个会话。")


def take(session: Session, conversation_id: uuid.UUID, staff: Staff, now: datetime) -> Conversation:
    """Take a conversation; taking one's own again is fine. Raises :class:`HeldByOther`."""
    conversation = _locked(session, conversation_id)
    if conversation.holder == Holder.STAFF and conversation.staff_id != staff.id:
        _require_holder(session, conversation, staff)
    if conversation.holder != Holder.STAFF:
        conversation.holder = Holder.STAFF.value
        conversation.staff_id = staff.id
        conversation.held_since = now
        conversation.waiting_since = None
        record(session, staff, "take", now, "conversation", conversation.id)
    conversation.unread = 0
    live.touch(session, "conversation", conversation.id, "holder")
    return conversation


def take_over(
    session: Session, conversation_id: uuid.UUID, staff: Staff, holder_id: uuid.UUID, reason: str, now: datetime
) -> str:
    """Take a conversation from a colleague who cannot go on; returns their name. The audit log keeps ``reason``.

    Raises :class:`HeldByOther` when it is no longer ``holder_id`` who has it: what was decided was about them.
    """
    conversation = _locked(session, conversation_id)
    if conversation.holder != Holder.STAFF or conversation.staff_id != holder_id or holder_id == staff.id:
        _require_holder(session, conversation, staff)
        raise StaffingError("这个会话已经在您手上。")
    conversation.staff_id = staff.id
    conversation.held_since = now
    record(session, staff, "take_over", now, "conversation", conversation.id, f"{reason}{FROM}{holder_id}")
    live.touch(session, "conversation", conversation.id, "holder")
    return session.get_one(Staff, holder_id).name


def hand_back(session: Session, conversation_id: uuid.UUID, staff: Staff, now: datetime) -> None:
    """Give a conversation back to the bot."""
    conversation = _locked(session, conversation_id)
    _require_holder(session, conversation, staff)
    _release(conversation)
    record(session, staff, "hand_back", now, "conversation", conversation.id)
    live.touch(session, "conversation", conversation.id, "holder")


def close(session: Session, conversation_id: uuid.UUID, staff: Staff, now: datetime) -> None:
    """End a conversation; the resident's next message opens a new one."""
    conversation = _locked(session, conversation_id)
    _require_holder(session, conversation, staff)
    record(session, staff, "close", now, "conversation", conversation.id)
    end(session, conversation, now)


def end(session: Session, conversation: Conversation, now: datetime) -> None:
    """End a conversation whoever holds it; the caller holds its contact."""
    _release(conversation)
    conversation.closed_at = now
    live.touch(session, "conversation", conversation.id, "closed")


def give_up_all(session: Session, staff: Staff, reason: str, now: datetime) -> int:
    """Put everything somebody holds on the waiting list, because they are away; returns how many."""
    held = session.scalars(
        select(Conversation.id).where(Conversation.staff_id == staff.id, Conversation.closed_at.is_(None))
    ).all()
    for conversation_id in sorted(held):
        conversation = _locked(session, conversation_id)
        _release(conversation)
        request_staff(session, conversation, reason, now)
    return len(held)


def _release(conversation: Conversation) -> None:
    conversation.holder = Holder.BOT.value
    conversation.staff_id = None
    conversation.held_since = None
    conversation.waiting_since = None
    conversation.waiting_reason = ""
    conversation.unread = 0
    conversation.misses = 0


def reply(
    session: Session,
    conversation_id: uuid.UUID,
    staff: Staff,
    text: str,
    form_key: str,
    now: datetime,
    hotline_number: str = "",
) -> uuid.UUID:
    """Queue a reply of the holder's. The same ``form_key`` twice (a nervous click) is one message.

    By SMS it must keep to the national style (no links, no numbers but 110, 96110 and ``hotline_number``).
    """
    conversation = _locked(session, conversation_id)
    _require_holder(session, conversation, staff)
    broken = violations(text, hotline_number) if conversation.channel == Channel.SMS else []
    if broken:
        raise StaffingError("；".join(broken) + "。")
    sent = say_for_staff(session, conversation, text, f"staff:{form_key}", staff.id, now)
    if sent.new:
        conversation.unread = 0
        record(session, staff, "reply", now, "message", sent.id)
    return sent.id


def seen(session: Session, conversation_id: uuid.UUID, staff: Staff) -> None:
    """The holder has the conversation on their screen; from anybody else it changes nothing."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None or conversation.staff_id != staff.id or not conversation.unread or conversation.closed_at:
        return
    conversation = _locked(session, conversation_id)
    if conversation.staff_id == staff.id:
        conversation.unread = 0
        live.touch(session, "conversation", conversation.id, "seen")


def resend(session: Session, message_id: uuid.UUID, staff: Staff, now: datetime) -> None:
    """Send again what failed or whose fate is unknown: a person's decision."""
    message = session.get(Message, message_id)
    if message is None or message.direction != Direction.OUT:
        raise StaffingError("这条消息不需要重发。")
    conversation = _locked(session, message.conversation_id)
    _require_holder(session, conversation, staff)
    session.refresh(message)  # a second click waited for the lock while the first one's message went out
    if message.delivery not in RESENDABLE:
        raise StaffingError("这条消息不需要重发。")
    message.delivery = Delivery.QUEUED.value
    message.due_at = None
    queue_sending(session, message.contact_id)
    record(session, staff, "resend", now, "message", message.id)
    live.touch(session, "conversation", conversation.id, "message")


@dataclass(frozen=True, slots=True)
class Handled:
    """One change of hands. ``action``: take, take_over, hand_back or close; a take-over has a reason and a holder."""

    at: datetime
    staff_id: uuid.UUID | None
    action: str
    reason: str = ""
    taken_from: uuid.UUID | None = None


def handling(session: Session, conversation_id: uuid.UUID) -> list[Handled]:
    """Who took, gave back and ended a conversation, oldest first."""
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_id == conversation_id, AuditEntry.subject_kind == "conversation", sql(HANDLING))
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return [_handled(row) for row in rows]


def _handled(row: AuditEntry) -> Handled:
    if row.action != "take_over":
        return Handled(row.at, row.staff_id, row.action)
    reason, _, holder = row.detail.partition(FROM)
    return Handled(row.at, row.staff_id, row.action, reason, uuid.UUID(holder))
