"""The messages of a conversation as they are shown."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, moments, words
from console.pages.learning import Choices, choices_of
from console.pages.media import Media, media_of
from conversations import labels
from conversations.inbound import Kind
from conversations.messages import SECRET
from conversations.models import Delivery, Direction, Evidence, Message, Staff
from conversations.staffing import RESENDABLE
from storage.clock import china_date

LIMIT = 300


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message. ``side``: in, bot, staff or event. ``day``: set where a new day begins."""

    id: uuid.UUID
    side: str
    author: str
    at: str
    text: str
    day: str = ""
    delivery: str = ""
    state: str = ""
    resend: bool = False
    media: Media | None = None
    link: str = ""
    intent: str = ""
    notes: tuple[str, ...] = ()
    guess: str = ""
    choices: Choices | None = None


def load(session: Session, conversation_id: uuid.UUID, now: datetime) -> list[Bubble]:
    """The newest messages, oldest first."""
    newest = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.position.desc())
    messages = session.scalars(newest.limit(LIMIT)).all()[::-1]
    kept = session.scalars(select(Evidence).where(Evidence.conversation_id == conversation_id))
    evidence = {item.message_id: item for item in kept}
    names = _names(session, messages)
    given = labels.newest_by_staff(session, conversation_id)
    bubbles = []
    before = None
    for message in messages:
        day = china_date(message.created_at)
        heading = f"{day.month}月{day.day}日" if day != before else ""
        before = day
        bubble = _bubble(message, evidence.get(message.id), names, now, heading)
        bubbles.append(bubble if bubble.side != "in" else _with_choices(bubble, message, given.get(message.id)))
    return bubbles


def _names(session: Session, messages: Sequence[Message]) -> dict[uuid.UUID, str]:
    ids = {message.staff_id for message in messages if message.staff_id}
    return {staff.id: staff.name for staff in session.scalars(select(Staff).where(Staff.id.in_(ids)))} if ids else {}


def _bubble(
    message: Message, evidence: Evidence | None, names: Mapping[uuid.UUID, str], now: datetime, day: str
) -> Bubble:
    at = moments.clock(message.created_at, now).split()[-1]
    if message.direction == Direction.OUT:
        by_staff = message.staff_id is not None
        return Bubble(
            id=message.id,
            side="staff" if by_staff else "bot",
            author=names.get(message.staff_id, "") if message.staff_id else words.BOT,
            at=at,
            text=masking.secret(message.text) if message.kind == SECRET else message.text,
            day=day,
            delivery=delivery_words(message),
            state=message.delivery,
            resend=message.delivery in RESENDABLE,
        )
    if message.kind == Kind.EVENT:
        return Bubble(message.id, "event", words.RESIDENT, at, _event(message), day=day)
    detail = message.detail
    return Bubble(
        id=message.id,
        side="in",
        author=words.RESIDENT,
        at=at,
        text=_said(message, detail),
        day=day,
        media=media_of(evidence, detail) if evidence else None,
        link=str(detail.get("url", "")) if message.kind == Kind.LINK else "",
        intent=words.INTENTS.get(message.intent, ""),
        notes=_notes(message),
    )


def _with_choices(bubble: Bubble, message: Message, label: str | None) -> Bubble:
    return replace(bubble, guess=message.intent, choices=choices_of(message, label))


def _said(message: Message, detail: Mapping[str, object]) -> str:
    if message.kind == Kind.LINK:
        return "\n".join(str(detail[key]) for key in ("title", "description") if detail.get(key))
    if message.text:
        return masking.query_code(message.text)
    return words.KINDS.get(message.kind, "") if message.kind in (Kind.UNKNOWN, Kind.UNREADABLE) else ""


def _event(message: Message) -> str:
    name = str(message.detail.get("event", "")).lower()
    return words.RESIDENT + words.EVENTS.get(name, words.KINDS["event"])


def _notes(message: Message) -> tuple[str, ...]:
    notes = []
    if message.intent and message.kind == Kind.TEXT and not message.model:
        notes.append(words.MODEL_MISSING)
    if message.partial:
        notes.append(words.PARTIAL)
    return tuple(notes)


def delivery_words(message: Message) -> str:
    """What has become of an outgoing message."""
    shown = words.DELIVERY.get(message.delivery, "")
    if message.delivery == Delivery.FAILED:
        return f"{shown}：{_why(message.reason, message.provider_code)}"
    return shown


def _why(reason: str, code: str) -> str:
    if any("\u4e00" <= char <= "\u9fff" for char in reason):
        return reason
    known = words.FAILURES.get(reason) or words.FAILURES.get(code)
    if known:
        return known
    return words.FAILED_OTHERWISE.format(code=code or reason) if code or reason else words.FAILED_UNEXPLAINED
