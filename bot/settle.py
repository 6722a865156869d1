"""After a burst of bubbles: once nobody has written for a breath, say what is still to be said."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select

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
            last_in, last_out = (
                session.scalar(
                    select(func.max(Message.position)).where(
                        Message.conversation_id == conversation.id, Message.direction == direction
                    )
                )
                or 0
                for direction in (Direction.IN, Direction.OUT)
            )
            if last_out > last_in:
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
                messages.say(session, conversation, [Reply(text, urgent=form.name == loss_form.NAME)], now)
