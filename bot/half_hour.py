"""What falls due on stop cards while nobody looks: a reminder to the resident, alerts before a stop ends, and telling
the resident of a state. Rows say what is to be done; doing it twice, or at once in two workers, does no harm.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.rounds import alone
from bot.routing import open_question
from conversations import contacts, forms, messages
from conversations.inbound import Channel, Reply
from conversations.models import Contact, Conversation, Holder
from handlers import loss_form
from handlers.words import urgent as words
from stops import telling, timers
from stops.models import StopCard
from stops.record import locked, note
from storage.engine import Database


class HalfHour:
    """Fires the timers of cards and settles their notices. ``free_text``: the SMS operator sends our own words."""

    def __init__(self, database: Database, clock: Callable[[], datetime], *, free_text: bool) -> None:
        self._database = database
        self._clock = clock
        self._free_text = free_text

    def run(self) -> None:
        """One round over everything that is due."""
        now = self._clock()
        with self._database.transaction() as session:
            due = timers.due(session, now)
            notices = telling.unsettled(session)
        for timer_id, card_id in due:
            with alone("half_hour", "timer", timer_id):
                self._fire(timer_id, card_id, now)
        for notice_id in notices:
            with alone("half_hour", "notice", notice_id):
                self.tell(notice_id)

    def tell(self, notice_id: uuid.UUID) -> None:
        """Take one notice as far as it goes."""
        with self._database.transaction() as session:
            telling.tell(session, notice_id, self._clock(), free_text=self._free_text)

    def _fire(self, timer_id: uuid.UUID, card_id: uuid.UUID, now: datetime) -> None:
        with self._database.transaction() as session:
            contact_id = session.scalars(select(StopCard.contact_id).where(StopCard.id == card_id)).one()
            contact = contacts.lock_by_id(session, contact_id)
            card = locked(session, card_id)
            timer = timers.claim(session, timer_id, now)
            if timer is None:
                return
            if timer.what == timers.REMIND:
                _remind(session, card, contact, now)
            else:
                timers.alert(session, card, timer, now)


def _remind(session: Session, card: StopCard, contact: Contact, now: datetime) -> None:
    """Once, while the half hour runs, and only if it is the bot who is waiting for an answer."""
    conversation = session.get_one(Conversation, card.conversation_id)
    form = forms.active(session, conversation)
    asking = form is not None and form.name == loss_form.NAME and form.subject_id == card.id
    if not asking or now >= card.deadline or conversation.holder == Holder.STAFF or conversation.closed_at is not None:
        return
    assert form is not None
    question = open_question(session, form, now, by_sms=contact.channel == Channel.SMS)
    if question:
        note(session, card, now, "reminded")
        messages.say(session, conversation, [Reply(words.REMIND.format(question=question), urgent=True)], now)
