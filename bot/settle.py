"""After a burst of bubbles: once nobody has written for a breath, say what is still to be said."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.routing import open_question
from conversations import contacts, forms, messages
from conversations.inbound import Channel, Reply
from conversations.models import Conversation, Direction, Holder, Message
from handlers import loss_form
from storage.engine import Database
from storage.jobs import Task, defer


class Settler:
    """Asks the open question of a form again when the last bubbles went unanswered."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def settle(self, conversation_id: uuid.UUID) -> None:
        """Look at one conversation; does nothing when everything was answered or a person holds it."""
        now = self._clock()
        with self._database.transaction() as session:
            conversation = session.get_one(Conversation, conversation_id)
            contact = contacts.lock_by_id(session, conversation.contact_id)
            session.refresh(conversation)
            form = forms.active(session, conversation)
            if form is None or conversation.holder == Holder.STAFF or conversation.closed_at is not None:
                return
            last = _last_inbound(session, conversation)
            if last is None or _answered(session, last):
                return
            if contact.last_inbound_at is not None and now - contact.last_inbound_at < forms.BREATH:
                # Still writing: look again after the next breath.
                defer(
                    session,
                    Task.SETTLE,
                    at=contact.last_inbound_at + forms.BREATH,
                    queueing_lock=f"settle:{conversation.id}",
                    conversation_id=str(conversation.id),
                )
                return
            text = open_question(session, form, now, by_sms=contact.channel == Channel.SMS)
            if text:
                reply = Reply(text, urgent=form.name == loss_form.NAME)
                messages.say(session, conversation, [reply], now, in_reply_to=last)


def _last_inbound(session: Session, conversation: Conversation) -> Message | None:
    return session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.direction == Direction.IN)
        .order_by(Message.position.desc())
        .limit(1)
    )


def _answered(session: Session, last: Message) -> bool:
    """Whether something was said to it. Word of a card's state, which may come at any moment, is no answer."""
    later = (Message.conversation_id == last.conversation_id, Message.position > last.position)
    said = select(Message.id).where(*later, or_(Message.in_reply_to == last.id, Message.author == "staff"))
    return session.scalar(said.limit(1)) is not None
