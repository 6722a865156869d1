"""Sending what waits for a contact: in order, each message claimed before it leaves, its outcome recorded.

The slow call runs outside any transaction: one short transaction claims the message and takes its share of the
budget, the next records what became of it. A process killed in between leaves the claim, which ``resolve`` finds.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import metrics
from bot.channels.outcome import SendOutcome
from bot.channels.sms.adapter import Adapter, OutgoingSms
from bot.channels.wechat.api import CustomerService
from bot.channels.wechat.errors import fact
from bot.channels.wechat.text import split_text
from conversations import budget, contacts
from conversations.inbound import Channel
from conversations.messages import is_notice
from conversations.models import Contact, Delivery, Message
from storage import live
from storage.engine import Database
from storage.jobs import Priority, Task, defer

CLAIM_LASTS = timedelta(seconds=20)  # longer than any send may take with its time limits
KEEP_TRYING = timedelta(hours=24)
WINDOW_CODES = frozenset({"45015", "45047"})  # the platform's own word that the budget is gone
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message on its way out."""

    message_id: uuid.UUID
    channel: Channel
    to: str
    text: str
    conversation: str
    window: budget.Window
    pieces: int


class Courier:
    """Sends outgoing messages through the channel they belong to."""

    def __init__(
        self,
        database: Database,
        wechat: CustomerService,
        sms: Adapter | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._wechat = wechat
        self._sms = sms
        self._clock = clock

    def drain(self, contact_id: uuid.UUID) -> None:
        """Send what is due for one contact, oldest first."""
        while (claimed := self._claim(contact_id)) is not None:
            self._record(contact_id, claimed, self._send(claimed))

    def _claim(self, contact_id: uuid.UUID) -> Claimed | None:
        now = self._clock()
        with self._database.transaction() as session:
            contact = contacts.lock_by_id(session, contact_id)
            if contact.drill:
                return self._keep(session, contact_id, now)
            if not self._line_is_free(session, contact, now):
                return None
            message = _next(session, contact_id)
            if message is None:
                return None
            if message.due_at is not None and message.due_at > now:
                # Whoever set that moment also queued a job for it.
                return None
            if contact.unfollowed_at is not None:
                _set(session, message, Delivery.FAILED, reason="unfollowed")
                return self._skip(session, contact_id)
            pieces = len(split_text(message.text)) if contact.channel == Channel.WECHAT else 1
            window = budget.spend(contact, now, pieces, to_the_last=_may_use_all(message))
            if window is None:
                _set(session, message, Delivery.HELD)
                return self._skip(session, contact_id)
            message.attempts += 1
            message.attempted_at = now
            _set(session, message, Delivery.SENDING)
            return Claimed(
                message.id,
                Channel(contact.channel),
                contact.sender,
                message.text,
                str(message.conversation_id),
                window,
                pieces,
            )

    @staticmethod
    def _skip(session: Session, contact_id: uuid.UUID) -> None:
        """This one does not go out; a fresh job looks at the next."""
        defer(session, Task.SEND, contact_id=str(contact_id))

    @staticmethod
    def _keep(session: Session, contact_id: uuid.UUID, now: datetime) -> None:
        """A played victim has no phone: what is said stands in the conversation and leaves for nobody."""
        while (message := _next(session, contact_id)) is not None:
            message.sent_at = now
            _set(session, message, Delivery.SENT, reason="drill")
            session.flush()

    def _line_is_free(self, session: Session, contact: Contact, now: datetime) -> bool:
        sending = session.scalar(
            select(Message).where(Message.contact_id == contact.id, Message.delivery == Delivery.SENDING).limit(1)
        )
        if sending is None:
            return True
        if sending.attempted_at is not None and now - sending.attempted_at < CLAIM_LASTS:
            return False
        self._unknown(session, contact, sending, "interrupted", now)
        return True

    def _send(self, claimed: Claimed) -> SendOutcome:
        if claimed.channel is Channel.SMS:
            if self._sms is None:
                return SendOutcome("failed", "", "no_provider")
            return self._sms.send(
                OutgoingSms(
                    id=str(claimed.message_id),
                    to=claimed.to,
                    text=claimed.text,
                    conversation=claimed.conversation,
                    code=claimed.conversation[-6:].upper(),
                )
            )
        outcome = SendOutcome("sent", "", "")
        for index, piece in enumerate(split_text(claimed.text)):
            answer = self._wechat.send_text(claimed.to, piece, self._clock())
            outcome = SendOutcome(answer.status.value, str(answer.code or ""), answer.reason)
            if outcome.status != "sent":
                # With a part of it already there, repeating the whole is a person's decision.
                return outcome if index == 0 else SendOutcome("unknown", outcome.code, "cut_off")
        return outcome

    def _record(self, contact_id: uuid.UUID, claimed: Claimed, outcome: SendOutcome) -> None:
        now = self._clock()
        metrics.sent.labels(claimed.channel, outcome.status).inc()
        if outcome.status != "sent":
            log.warning(
                "message not sent",
                extra={"message_id": str(claimed.message_id), "code": outcome.code, "reason": outcome.reason},
            )
        with self._database.transaction() as session:
            contact = contacts.lock_by_id(session, contact_id)
            message = session.get_one(Message, claimed.message_id)
            message.provider_code = outcome.code[:64]
            if outcome.status == "sent":
                # A receipt may have overtaken the operator's answer.
                if message.delivery == Delivery.SENDING:
                    _set(session, message, Delivery.SENT)
                message.provider_id = outcome.code[:96] if claimed.channel is Channel.SMS else ""
                message.sent_at = now
                if self._sms is not None and claimed.channel is Channel.SMS and not self._sms.conversational:
                    message.reason = "template"
            elif outcome.status == "retry":
                budget.refund(contact, claimed.window, claimed.pieces)
                self._again(session, message, now, outcome.reason)
            elif outcome.status == "unknown":
                self._unknown(session, contact, message, outcome.reason, now)
            elif claimed.channel is Channel.WECHAT and outcome.code in WINDOW_CODES:
                budget.exhausted(contact)
                _set(session, message, Delivery.HELD, reason=outcome.reason)
            else:
                _set(session, message, Delivery.FAILED, reason=self._words(claimed.channel, outcome))

    @staticmethod
    def _words(channel: Channel, outcome: SendOutcome) -> str:
        if channel is Channel.WECHAT and outcome.code:
            return fact(int(outcome.code)).staff[:255]
        return (outcome.reason or outcome.code)[:255]

    def _again(self, session: Session, message: Message, now: datetime, reason: str) -> None:
        if now - message.created_at > KEEP_TRYING:
            _set(session, message, Delivery.FAILED, reason=reason)
            return
        message.due_at = now + timedelta(seconds=min(60, 2 ** min(message.attempts, 6)))
        _set(session, message, Delivery.QUEUED, reason=reason)
        defer(
            session,
            Task.SEND,
            at=message.due_at,
            priority=Priority.URGENT if message.urgent else Priority.NORMAL,
            contact_id=str(message.contact_id),
        )

    def _unknown(self, session: Session, contact: Contact, message: Message, reason: str, now: datetime) -> None:
        """It left us and nobody can say whether it arrived.

        Sent again where the provider drops a second message of the same id, and on the urgent path, where twice
        is better than never; else it is shown to staff, who may send it again.
        """
        idempotent = contact.channel == Channel.SMS and self._sms is not None and self._sms.idempotent
        if idempotent or (message.urgent and message.attempts < 2):
            self._again(session, message, now, reason)
        else:
            _set(session, message, Delivery.UNKNOWN, reason=reason)


def _may_use_all(message: Message) -> bool:
    return message.urgent or (message.author == "staff" and not is_notice(message))


def _next(session: Session, contact_id: uuid.UUID) -> Message | None:
    return session.scalar(
        select(Message)
        .where(Message.contact_id == contact_id, Message.delivery == Delivery.QUEUED)
        .order_by(Message.position)
        .limit(1)
    )


def _set(session: Session, message: Message, state: Delivery, reason: str = "") -> None:
    message.delivery = state.value
    message.reason = reason[:255]
    live.touch(session, "conversation", message.conversation_id, "message")
