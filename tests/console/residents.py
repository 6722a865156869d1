"""Residents and their records, made the way the intake makes them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from conversations import budget, contacts, files, forms, messages, staffing
from conversations.inbound import Channel, Inbound, Kind, Reply
from conversations.models import Conversation, Delivery, Evidence, Message, Staff
from linkage.subjects import Subject
from rewards import claims
from rewards.models import Claim
from stops import cards
from stops.facts import LossFacts, TransferFacts
from stops.models import StopCard
from storage import live
from storage.clock import utc_now
from storage.engine import Database
from storage.settings import Settings
from tips import registry
from tips.models import Tip
from tips.registry import Draft, Registered

PASSWORD = "correct-horse-9"
# What is asked of a guesser is stored with each password; tests sign in a thousand times and ask next to nothing.
_HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def add_staff(session: Session, login: str, name: str, *roles: str) -> Staff:
    """Somebody with :data:`PASSWORD`."""
    staff = Staff(
        login=login,
        name=name,
        password_hash=_HASHED,
        roles=",".join(roles),
        active=True,
        session_epoch=0,
        created_at=utc_now(),
    )
    session.add(staff)
    session.flush()
    return staff


@dataclass(slots=True)
class Resident:
    """Somebody who writes."""

    database: Database
    settings: Settings
    channel: Channel = Channel.WECHAT
    sender: str = "oTest0000ab12"

    def says(
        self, text: str, *, at: datetime | None = None, intent: str = "", model: str = "m1", **more: Any
    ) -> uuid.UUID:
        """Write one message; returns the conversation's id."""
        now = at or utc_now()
        with self.database.transaction() as session:
            contact = contacts.lock_contact(session, self.channel, self.sender, now)
            conversation = contacts.open_conversation(session, contact, now)
            inbound = Inbound(self.channel, self.sender, uuid.uuid4().hex, Kind.TEXT, now, now, text=text)
            message = messages.store_inbound(session, contact, conversation, inbound)
            messages.count_inbound(conversation, message)
            message.intent, message.model, message.decided_by = intent, model, "model" if model else "rules"
            for name, value in more.items():
                setattr(message, name, value)
            budget.grant(contact, inbound, self.settings, now)
            return conversation.id

    def sends(self, kind: Kind, content: bytes, content_type: str, *, state: str = "stored") -> uuid.UUID:
        """Send a file; returns the evidence row's id."""
        now = utc_now()
        with self.database.transaction() as session:
            contact = contacts.lock_contact(session, self.channel, self.sender, now)
            conversation = contacts.open_conversation(session, contact, now)
            inbound = Inbound(self.channel, self.sender, uuid.uuid4().hex, kind, now, now)
            message = messages.store_inbound(session, contact, conversation, inbound)
            messages.count_inbound(conversation, message)
            session.flush()
            evidence = Evidence(
                conversation_id=conversation.id,
                message_id=message.id,
                kind=kind.value,
                media_id="m",
                state=state,
                content_type=content_type,
                created_at=now,
            )
            session.add(evidence)
            session.flush()
            if state == "stored":
                files.store(self.settings.data_dir, evidence.id, content)
            return evidence.id


def bot_says(
    database: Database,
    conversation_id: uuid.UUID,
    text: str,
    *,
    secret: bool = False,
    delivery: Delivery = Delivery.SENT,
) -> uuid.UUID:
    """An answer of the bot's; returns the message's id."""
    with database.transaction() as session:
        conversation = session.get_one(Conversation, conversation_id)
        message = messages.say(session, conversation, [Reply(text, secret=secret)], utc_now())[0]
        message.delivery = delivery.value
        return message.id


def waits(database: Database, conversation_id: uuid.UUID, reason: str = "handover", minutes: float = 0) -> None:
    """Onto the waiting list."""
    with database.transaction() as session:
        conversation = session.get_one(Conversation, conversation_id)
        staffing.request_staff(session, conversation, reason, utc_now() - timedelta(minutes=minutes))


def opens_card(
    database: Database, conversation_id: uuid.UUID, facts: LossFacts | None = None, minutes: float = 0
) -> StopCard:
    """A stop card."""
    now = utc_now() - timedelta(minutes=minutes)
    with database.transaction() as session:
        card = cards.open_card(session, session.get_one(Conversation, conversation_id), now)
        if facts is not None:
            cards.enrich(session, card, facts, now)
        return card


LOSS = LossFacts(
    callback_phone="17000000001",
    victim_name="张三",
    fraud_type="fake_invest",
    story="群里老师带着炒股,说稳赚不赔,让转到指定账户,现在提不出来。",
    transfers=(
        TransferFacts(
            amount_fen=3_200_000,
            time_said="刚才",
            transferred_at=(utc_now() - timedelta(minutes=12)).replace(second=0, microsecond=0),  # as people tell it
            method="realtime",
            payer_bank="中国建设银行",
            payee_name="某某商贸公司",
            payee_account="6222000000001234",
        ),
    ),
)


def gives_tip(database: Database, conversation_id: uuid.UUID, evidence: tuple[uuid.UUID, ...] = ()) -> Registered:
    """A tip."""
    draft = Draft(
        story="有人在小区拉人刷单,先返小钱再让垫钱。联系电话17000000002。",
        subjects=(Subject("phone", "17000000002"), Subject("url", "brush.example/join")),
        place="某某小区",
        happened="昨天下午",
        evidence=evidence,
        fraud_type="brush_rebate",
    )
    with database.transaction() as session:
        return registry.register(session, session.get_one(Conversation, conversation_id), draft, utc_now())


def claims_reward(database: Database, conversation_id: uuid.UUID, tip: Tip) -> Claim:
    """A claim."""
    with database.transaction() as session:
        return claims.request(session, session.get_one(Conversation, conversation_id), tip.id, utc_now()).claim


def fills_form(database: Database, conversation_id: uuid.UUID, values: dict[str, Any]) -> None:
    """What the loss form has collected."""
    with database.transaction() as session:
        record = forms.begin(session, session.get_one(Conversation, conversation_id), "urgent_loss", utc_now())
        record.values = values
        live.touch(session, "conversation", conversation_id)


def outgoing(database: Database, conversation_id: uuid.UUID) -> list[Message]:
    """Everything that was said to the resident."""
    with database.transaction() as session:
        return [m for m in messages.history(session, conversation_id) if m.direction == "out"]
