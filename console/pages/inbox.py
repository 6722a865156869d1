"""The list of conversations."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from console import masking, moments, words
from conversations.inbound import Kind
from conversations.models import Conversation, Holder, Message, Staff

PREVIEW = 42  # characters
PAGE = 60
TABS = tuple(words.TABS)


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation in the list. ``warning``: it has waited too long, in words."""

    id: uuid.UUID
    channel: str
    who: str
    drill: bool
    preview: str
    at: str
    unread: int
    holder: str
    held: str
    reason: str
    urgent: bool
    waited: str
    warning: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """``counts``: how many by tab, empty for the last. ``older``: where the next page begins, or None."""

    tab: str
    rows: Sequence[Row]
    counts: Mapping[str, int]
    older: str | None


def load(
    session: Session, tab: str, me: Staff, now: datetime, alert_after: timedelta, before: datetime | None
) -> Inbox:
    """The conversations of one tab."""
    found = session.scalars(_query(tab, me, before).limit(PAGE + 1)).all()
    shown = found[:PAGE]
    last = _last_messages(session, [conversation.id for conversation in shown])
    rows = [_row(conversation, last.get(conversation.id), me, now, alert_after) for conversation in shown]
    older = shown[-1].last_message_at.isoformat() if tab == "all" and len(found) > PAGE else None
    return Inbox(tab, rows, {"waiting": waiting(session), "mine": _count(session, _is_mine(me))}, older)


def waiting(session: Session) -> int:
    """How many conversations wait for a person."""
    return _count(session, Conversation.holder == Holder.WAITING)


def _is_mine(me: Staff) -> ColumnElement[bool]:
    return Conversation.staff_id == me.id


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Conversation).where(condition, Conversation.closed_at.is_(None))
    return session.scalar(query) or 0


def _query(tab: str, me: Staff, before: datetime | None) -> Select[Conversation]:
    query = select(Conversation).options(joinedload(Conversation.contact), joinedload(Conversation.staff))
    if tab == "waiting":
        urgent_first = (Conversation.waiting_reason == "urgent_loss").desc()
        return query.where(Conversation.holder == Holder.WAITING, Conversation.closed_at.is_(None)).order_by(
            urgent_first, Conversation.waiting_since
        )
    if tab == "mine":
        query = query.where(_is_mine(me), Conversation.closed_at.is_(None))
    elif before is not None:
        query = query.where(Conversation.last_message_at < before)
    return query.order_by(Conversation.last_message_at.desc())


def _last_messages(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Message]:
    """What people said last: the bot's own words tell staff nothing about who waits."""
    newest = (
        select(Message.id)
        .where(Message.conversation_id == Conversation.id, Message.author != "bot")
        .order_by(Message.position.desc())
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )
    query = select(Message).join(Conversation, Message.id == newest).where(Conversation.id.in_(ids))
    return {message.conversation_id: message for message in session.scalars(query)}


def _row(conversation: Conversation, last: Message | None, me: Staff, now: datetime, alert_after: timedelta) -> Row:
    waited = now - conversation.waiting_since if conversation.waiting_since else None
    late = waited is not None and waited >= alert_after
    return Row(
        id=conversation.id,
        channel=conversation.channel,
        who=masking.sender(conversation.channel, conversation.contact.sender),
        drill=conversation.contact.drill,
        preview=preview(last) if last else "",
        at=moments.clock(conversation.last_message_at, now),
        unread=conversation.unread if conversation.holder != Holder.BOT else 0,
        holder=holder_words(conversation, me),
        held=_held_since(conversation, now),
        reason=words.REASONS.get(conversation.waiting_reason, ""),
        urgent=conversation.waiting_reason == "urgent_loss",
        waited=words.WAITING.format(time=moments.length(waited)) if waited is not None and not late else "",
        warning=words.WAITING_LONG.format(time=moments.length(waited)) if waited is not None and late else "",
    )


def holder_words(conversation: Conversation, me: Staff) -> str:
    """Who answers in a conversation."""
    if conversation.closed_at is not None:
        return words.CLOSED
    if conversation.holder == Holder.STAFF:
        other = conversation.staff.name if conversation.staff else ""
        return words.HELD_BY_ME if conversation.staff_id == me.id else words.HELD_BY.format(name=other)
    return words.TABS["waiting"] if conversation.holder == Holder.WAITING else words.HELD_BY_BOT


def _held_since(conversation: Conversation, now: datetime) -> str:
    if conversation.held_since is None:
        return ""
    return words.HELD_SINCE.format(time=moments.clock(conversation.held_since, now))


def preview(message: Message) -> str:
    """One short line of a message, personal values hidden."""
    if message.kind == Kind.TEXT:
        line = masking.text(" ".join(message.text.split()))
    else:
        line = words.KINDS.get(message.kind, "")
    return f"{line[: PREVIEW - 1]}…" if len(line) > PREVIEW else line
