"""Contacts: one per channel and sender, and the lock that orders their messages."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from conversations.inbound import Channel
from conversations.models import Contact, Conversation
from storage.ids import new_id
from storage.sealing import installed

# Built once: putting the expression together costs more than sending it.
_LOCKED = (
    select(Contact)
    .where(Contact.channel == bindparam("channel"), Contact.sender_index == bindparam("index"))
    .with_for_update()
)
_OPEN = select(Conversation).where(Conversation.contact_id == bindparam("contact_id"), Conversation.closed_at.is_(None))


def sender_index(channel: Channel, sender: str) -> bytes:
    """The blind index a contact is found by."""
    return installed().blind(f"contact:{channel}", sender)


def lock_contact(session: Session, channel: Channel, sender: str, now: datetime) -> Contact:
    """The contact of a sender, created if new, its row locked until the transaction ends."""
    index = sender_index(channel, sender)
    key = {"channel": channel.value, "index": index}
    contact = session.scalar(_LOCKED, key)
    if contact is not None:
        return contact
    row_id = new_id()
    fresh = Contact(id=row_id, channel=channel.value, sender_index=index, sender=sender, created_at=now)
    session.execute(
        insert(Contact)
        .values(
            id=row_id,
            channel=channel.value,
            sender_index=index,
            sender_sealed=fresh.sender_sealed,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(_LOCKED, key).one()


def lock_by_id(session: Session, contact_id: uuid.UUID) -> Contact:
    """The same lock, for work that starts from a record instead of a delivery."""
    return session.scalars(
        select(Contact).where(Contact.id == contact_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def open_conversation(session: Session, contact: Contact, now: datetime) -> Conversation:
    """The contact's open conversation, or a new one. The contact is locked, so there is no race."""
    found = session.scalar(_OPEN, {"contact_id": contact.id})
    return new_conversation(session, contact, now) if found is None else found


def new_conversation(session: Session, contact: Contact, now: datetime) -> Conversation:
    """Begin a conversation; the contact, whose lock the caller holds, has none open."""
    fresh = Conversation(
        contact_id=contact.id,
        channel=contact.channel,
        opened_at=now,
        last_message_at=now,
        holder="bot",
        unread=0,
        misses=0,
        last_intent="",
        choices="",
        waiting_reason="",
    )
    session.add(fresh)
    session.flush()
    return fresh
