"""Storing what residents say, once, and what the hotline says back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations.inbound import Channel, Inbound, Kind, Reply
from conversations.models import Contact, Conversation, Delivery, Direction, Message
from storage import live
from storage.jobs import Priority, Task, defer

# The passive reply is already on its way when the others are queued; this keeps them in order on the phone.
SECRET = "secret"  # noqa: S105 kind of an outgoing message that carries a query code
NOTICE = "notice:"  # what the id of such a message begins with
BETWEEN_REPLIES = timedelta(milliseconds=700)


def find_inbound(session: Session, channel: Channel, external_id: str) -> Message | None:
    """The message of a delivery that was stored before."""
    return session.scalar(select(Message).where(Message.channel == channel, Message.external_id == external_id))


def passive_reply_to(session: Session, message_id: uuid.UUID) -> Message | None:
    """The reply that goes out in the answer to a delivery of this message."""
    return session.scalar(
        select(Message)
        .where(Message.in_reply_to == message_id, Message.passive.is_(True), Message.attempts == 0)
        .order_by(Message.position)
        .limit(1)
    )


def store_inbound(session: Session, contact: Contact, conversation: Conversation, inbound: Inbound) -> Message:
    """Insert one message; the caller has made sure under the contact's lock that it is new."""
    detail = {
        key: value
        for key, value in (
            ("event", inbound.event),
            ("event_key", inbound.event_key),
            ("media_id", inbound.media_id),
            *inbound.extra.items(),
        )
        if value
    }
    message = Message(
        conversation_id=conversation.id,
        contact_id=contact.id,
        channel=contact.channel,
        direction=Direction.IN.value,
        kind=inbound.kind.value,
        external_id=inbound.external_id,
        text=inbound.text,
        detail=detail,
        created_at=inbound.received_at,
        sent_at=inbound.sent_at,
        partial=inbound.partial,
    )
    session.add(message)
    contact.last_inbound_at = inbound.received_at
    live.touch(session, "conversation", conversation.id, "message")
    return message


def count_inbound(conversation: Conversation, message: Message) -> None:
    """Note a message on its conversation: last, when everything else has happened, so that the row is written once."""
    conversation.last_message_at = message.created_at
    conversation.unread += 1


def say(
    session: Session,
    conversation: Conversation,
    replies: Sequence[Reply],
    now: datetime,
    *,
    in_reply_to: Message | None = None,
    passively: bool = False,
) -> list[Message]:
    """Store the bot's replies and queue them in the same transaction.

    With ``passively`` the first one waits for the answer to the delivery (WeChat); the worker takes the rest.
    """
    stored: list[Message] = []
    if replies:
        conversation.last_message_at = now
        live.touch(session, "conversation", conversation.id, "message")
    for index, reply in enumerate(replies):
        passive = passively and index == 0
        message = Message(
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            channel=conversation.channel,
            direction=Direction.OUT.value,
            kind=SECRET if reply.secret else "text",
            text=reply.text,
            created_at=now,
            author="bot",
            in_reply_to=in_reply_to.id if in_reply_to else None,
            delivery=(Delivery.PASSIVE if passive else Delivery.QUEUED).value,
            passive=passive,
            urgent=reply.urgent,
            due_at=now + BETWEEN_REPLIES if passively and index else None,
        )
        session.add(message)
        # Identity columns number rows in insert order only if they are inserted one by one.
        session.flush()
        stored.append(message)
    queued = [message for message in stored if message.delivery == Delivery.QUEUED]
    if queued:
        queue_sending(session, conversation.contact_id, urgent=any(m.urgent for m in queued), at=queued[0].due_at)
    return stored


def queue_sending(session: Session, contact_id: uuid.UUID, *, urgent: bool = False, at: datetime | None = None) -> None:
    """Have the worker send what waits for this contact, in order."""
    defer(
        session,
        Task.SEND,
        at=at,
        priority=Priority.URGENT if urgent else Priority.NORMAL,
        contact_id=str(contact_id),
    )


def is_notice(message: Message) -> bool:
    """Whether a message in an officer's name only says what has become of a card: it has other ways to arrive."""
    return (message.external_id or "").startswith(NOTICE)


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits to be sent; ``new``: it did not before."""

    id: uuid.UUID
    new: bool


def say_for_staff(
    session: Session,
    conversation: Conversation,
    text: str,
    external_id: str,
    staff_id: uuid.UUID,
    now: datetime,
    *,
    urgent: bool = False,
) -> Queued:
    """Queue a message in the name of a member of staff; the same ``external_id`` again is the same message.

    The caller holds the contact's row.
    """
    existing = session.scalar(
        select(Message.id).where(Message.channel == conversation.channel, Message.external_id == external_id)
    )
    if existing is not None:
        return Queued(existing, new=False)
    message = Message(
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        channel=conversation.channel,
        direction=Direction.OUT.value,
        kind="text",
        external_id=external_id,
        text=text,
        created_at=now,
        author="staff",
        staff_id=staff_id,
        delivery=Delivery.QUEUED.value,
    )
    session.add(message)
    conversation.last_message_at = now
    session.flush()
    queue_sending(session, conversation.contact_id, urgent=urgent)
    live.touch(session, "conversation", conversation.id, "message")
    return Queued(message.id, new=True)


def history(session: Session, conversation_id: uuid.UUID, limit: int = 200) -> list[Message]:
    """The newest messages of a conversation, oldest first."""
    newest = session.scalars(
        select(Message).where(Message.conversation_id == conversation_id).order_by(Message.position.desc()).limit(limit)
    )
    return list(newest)[::-1]


def oldest_unanswered(session: Session, contact_id: uuid.UUID) -> Message | None:
    """The first inbound message of a contact that nobody has looked at yet."""
    return session.scalar(
        select(Message)
        .where(Message.contact_id == contact_id, Message.direction == Direction.IN, Message.decided_by == "")
        .order_by(Message.position)
        .limit(1)
    )


def as_inbound(stored: Message, contact: Contact) -> Inbound:
    """The delivery a stored message came from."""
    return Inbound(
        channel=Channel(stored.channel),
        sender=contact.sender,
        external_id=stored.external_id or "",
        kind=Kind(stored.kind),
        received_at=stored.created_at,
        sent_at=stored.sent_at or stored.created_at,
        text=stored.text,
        partial=stored.partial,
    )


def previous_inbound_at(session: Session, stored: Message) -> datetime | None:
    """When the inbound message before this one came."""
    return session.scalar(
        select(Message.created_at)
        .where(
            Message.conversation_id == stored.conversation_id,
            Message.direction == Direction.IN,
            Message.position < stored.position,
        )
        .order_by(Message.position.desc())
        .limit(1)
    )


def release_held(session: Session, contact: Contact, now: datetime) -> None:
    """The resident wrote again, so what waited for budget may go out."""
    if contact.channel != Channel.WECHAT:
        return
    released = session.execute(
        update(Message)
        .where(Message.contact_id == contact.id, Message.delivery == Delivery.HELD)
        .values(delivery=Delivery.QUEUED.value, due_at=now + BETWEEN_REPLIES)
    )
    if released.rowcount:  # type: ignore[attr-defined]
        queue_sending(session, contact.id, at=now + BETWEEN_REPLIES)
