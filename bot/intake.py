"""From an authenticated delivery to a stored message and its replies, in one transaction.

Order of work: understand, before any lock → lock the contact, look whether it was stored before, store, route, queue,
commit. The same delivery again, even at the same moment, finds the first one's replies.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import flood, metrics
from bot.channels.wechat.render import MAX_TEXT
from bot.channels.wechat.text import split_text
from bot.routing import route
from conversations import budget, contacts, evidence, forms, labels, messages, staffing
from conversations.forms import BREATH
from conversations.inbound import Channel, Inbound, Kind, Reply
from conversations.models import Contact, Conversation, FormRecord, Holder, Message
from conversations.situation import Situation, situation
from handlers.turn import Services, Turn
from handlers.words import general as words
from nlu.types import Intent, Understanding
from nlu.understand import Understander
from storage.clock import CHINA
from storage.engine import Database
from storage.jobs import Priority, Task, defer
from storage.logs import fault
from tips.villages import Villages

NOTHING = Understanding(intent=Intent.OUT_OF_SCOPE, confidence=0.0, source="none")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a delivery. ``passive``: the text to answer it with, where the channel can; its row's id."""

    message_id: uuid.UUID | None
    duplicate: bool
    passive: str = ""
    passive_id: uuid.UUID | None = None


class Intake:
    """The way in for every channel."""

    def __init__(
        self,
        database: Database,
        understander: Understander,
        services: Services,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._understander = understander
        self._services = services
        self._clock = clock

    @property
    def villages(self) -> Villages:
        """The list a place is looked up in."""
        return self._services.villages

    def find(self, inbound: Inbound) -> Taken | None:
        """What was answered to this delivery when it came before; None when it is new."""
        with self._database.transaction() as session:
            stored = messages.find_inbound(session, inbound.channel, inbound.external_id)
            return None if stored is None else _answered(session, stored.id)

    def take(self, inbound: Inbound) -> Taken:
        """Store and answer one delivery. Raises only where nothing could be stored at all."""
        understanding = self._understand(inbound)
        try:
            return self._store(inbound, understanding, route)
        except SQLAlchemyError:
            raise  # the database's trouble: the channel answers so that the delivery comes again
        except Exception as error:  # noqa: BLE001 a fault of ours must not lose a resident's words
            _note_fault(inbound, error)
            return self._store(inbound, understanding, _fallback)

    def store_unanswered(self, session: Session, inbound: Inbound) -> Message | None:
        """Store an inbound text now and have the worker understand and answer it; None for a repeat."""
        now = self._clock()
        contact = contacts.lock_contact(session, inbound.channel, inbound.sender, now)
        found = situation(session, contact, inbound, now)
        if found.repeat_of is not None:
            return None
        message = messages.store_inbound(session, contact, found.conversation, inbound)
        messages.count_inbound(found.conversation, message)
        budget.grant(contact, inbound, self._services.settings, now)
        session.flush()
        defer(session, Task.ANSWER, priority=Priority.URGENT, contact_id=str(contact.id))
        return message

    def answer_waiting(self, contact_id: uuid.UUID) -> None:
        """Understand and answer what was stored for a contact, oldest first; once, whoever asks how often."""
        while True:
            with self._database.transaction() as session:
                stored = messages.oldest_unanswered(session, contact_id)
                if stored is None:
                    return
                inbound = messages.as_inbound(stored, session.get_one(Contact, contact_id))
            understanding = self._understand(inbound)
            try:
                self._answer(stored.id, inbound, understanding, route)
            except SQLAlchemyError:
                raise
            except Exception as error:  # noqa: BLE001 as above
                _note_fault(inbound, error)
                self._answer(stored.id, inbound, understanding, _fallback)

    def _understand(self, inbound: Inbound) -> Understanding:
        if not inbound.text or inbound.kind is Kind.EVENT:
            return NOTHING
        # "Yesterday at three" is said by the clock on the resident's wall.
        understanding = self._understander.understand(inbound.text, self._clock().astimezone(CHINA))
        if understanding.degraded:
            metrics.faults.labels("model").inc()
        return understanding

    def _store(self, inbound: Inbound, understanding: Understanding, router: Callable[[Turn], list[Reply]]) -> Taken:
        now = self._clock()
        with self._database.transaction() as session:
            contact = contacts.lock_contact(session, inbound.channel, inbound.sender, now)
            found = situation(session, contact, inbound, now)
            if found.repeat_of is not None:
                metrics.messages.labels(inbound.channel, "duplicate").inc()
                return _answered(session, found.repeat_of)
            bubble = _is_bubble(contact.last_inbound_at, now)
            message = messages.store_inbound(session, contact, found.conversation, inbound)
            budget.grant(contact, inbound, self._services.settings, now)
            turn = self._turn(
                session, inbound, understanding, message, found.conversation, found.form, now, bubble=bubble
            )
            said = self._run(turn, router, found)
            passive = next((reply for reply in said if reply.passive), None)
            metrics.messages.labels("drill" if contact.drill else inbound.channel, "new").inc()
            return Taken(message.id, False, passive.text if passive else "", passive.id if passive else None)

    def _answer(
        self,
        message_id: uuid.UUID,
        inbound: Inbound,
        understanding: Understanding,
        router: Callable[[Turn], list[Reply]],
    ) -> None:
        now = self._clock()
        with self._database.transaction() as session:
            stored = session.get_one(Message, message_id)
            contact = contacts.lock_by_id(session, stored.contact_id)
            session.refresh(stored)
            if stored.decided_by:
                return
            conversation = session.get_one(Conversation, stored.conversation_id)
            previous = messages.previous_inbound_at(session, stored)
            turn = self._turn(
                session,
                inbound,
                understanding,
                stored,
                conversation,
                forms.active(session, conversation),
                now,
                bubble=_is_bubble(previous, stored.created_at),
            )
            turn.contact = contact
            self._run(turn, router)
            metrics.messages.labels(inbound.channel, "new").inc()

    def _turn(
        self,
        session: Session,
        inbound: Inbound,
        understanding: Understanding,
        message: Message,
        conversation: Conversation,
        form: FormRecord | None,
        now: datetime,
        *,
        bubble: bool,
    ) -> Turn:
        message.intent = understanding.intent.value if understanding is not NOTHING else ""
        message.confidence = understanding.confidence if understanding is not NOTHING else None
        message.decided_by = understanding.source
        message.model = understanding.model
        message.alternatives = labels.ranking_text(understanding.alternatives)
        session.flush()
        return Turn(
            session=session,
            now=now,
            services=self._services,
            contact=session.get_one(Contact, message.contact_id),
            conversation=conversation,
            inbound=inbound,
            message=message,
            understanding=understanding,
            form=form,
            evidence=evidence.keep(session, message, inbound, now),
            bubble=bubble,
            text=inbound.text.strip(),
        )

    def _run(
        self, turn: Turn, router: Callable[[Turn], list[Reply]], arrived: Situation | None = None
    ) -> list[Message]:
        """Route and say. ``arrived``: how things stood when this delivery came; None for what was stored before."""
        calmed = flood.calmed(turn, router(turn))
        replies = [piece for reply in calmed for piece in _pieces(reply, turn.inbound.channel)]
        if arrived is not None:
            messages.count_inbound(turn.conversation, turn.message)
        if arrived is not None and arrived.held:
            messages.release_held(turn.session, turn.contact, turn.now)
        turn.conversation.last_intent = turn.message.intent or turn.conversation.last_intent
        passively = arrived is not None and turn.inbound.channel is Channel.WECHAT
        said = messages.say(
            turn.session, turn.conversation, replies, turn.now, in_reply_to=turn.message, passively=passively
        )
        if not said and turn.form is not None and turn.conversation.holder != Holder.STAFF:
            # Part of a burst: once it has settled the worker says what is still to be said.
            defer(
                turn.session,
                Task.SETTLE,
                at=turn.now + BREATH,
                queueing_lock=f"settle:{turn.conversation.id}",
                conversation_id=str(turn.conversation.id),
            )
        return said


def _pieces(reply: Reply, channel: Channel) -> list[Reply]:
    """A reply in messages the channel can carry."""
    if not reply.text:
        return []
    if channel is not Channel.WECHAT:
        return [reply]
    return [replace(reply, text=piece) for piece in split_text(reply.text, MAX_TEXT)]


def _note_fault(inbound: Inbound, error: Exception) -> None:
    log.error("handling failed", extra={"channel": inbound.channel, **fault(error)})
    metrics.faults.labels("handler").inc()


def _answered(session: Session, message_id: uuid.UUID) -> Taken:
    reply = messages.passive_reply_to(session, message_id)
    return Taken(message_id, True, reply.text if reply else "", reply.id if reply else None)


def _is_bubble(previous: datetime | None, now: datetime) -> bool:
    return previous is not None and now - previous < BREATH


def _fallback(turn: Turn) -> list[Reply]:
    """What is said when a handler failed: the words are kept and a person looks at them."""
    if turn.inbound.kind is Kind.EVENT or turn.conversation.holder == Holder.STAFF:
        return []
    staffing.request_staff(turn.session, turn.conversation, "fault", turn.now)
    return [Reply(words.BROKEN)]
