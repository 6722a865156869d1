"""What stands when a message of a contact is taken: one query where there would be four."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session

from conversations.contacts import new_conversation
from conversations.inbound import Inbound
from conversations.models import Contact, Conversation, Delivery, FormRecord, FormState, Message

# Built once: putting the expression together costs more than sending it.
_SITUATION = (
    select(
        Conversation,
        FormRecord,
        select(Message.id)
        .where(Message.channel == bindparam("channel"), Message.external_id == bindparam("external_id"))
        .scalar_subquery(),
        exists().where(Message.contact_id == bindparam("contact_id"), Message.delivery == Delivery.HELD),
    )
    .select_from(Contact)
    .outerjoin(Conversation, and_(Conversation.contact_id == Contact.id, Conversation.closed_at.is_(None)))
    .outerjoin(
        FormRecord, and_(FormRecord.conversation_id == Conversation.id, FormRecord.state == FormState.OPEN.value)
    )
    .where(Contact.id == bindparam("contact_id"))
)


@dataclass(frozen=True, slots=True)
class Situation:
    """``form``: what is being collected. ``repeat_of``: this very message, stored before. ``held``: replies wait."""

    conversation: Conversation
    form: FormRecord | None
    repeat_of: uuid.UUID | None
    held: bool


def situation(session: Session, contact: Contact, inbound: Inbound, now: datetime) -> Situation:
    """The contact's open conversation (a new one where none is) and what hangs on it.

    The contact is locked by an earlier statement: what a row says after the wait for a lock is only seen by a new one.
    """
    given = {"channel": inbound.channel.value, "external_id": inbound.external_id, "contact_id": contact.id}
    conversation, form, repeat_of, held = session.execute(_SITUATION, given).one()
    if conversation is None and repeat_of is None:
        conversation = new_conversation(session, contact, now)
    return Situation(conversation, form, repeat_of, held)
