"""Cards as residents leave them, and officers to work them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Staff
from stops import cards
from stops.facts import LossFacts, TransferFacts
from storage.engine import Database
from tests.handlers.victims import ABC

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WHOLE = TransferFacts(
    amount_fen=2_000_000,
    transferred_at=NOW - timedelta(minutes=10),
    payee_name="张小三",
    payee_account=ABC,
    payee_bank="中国农业银行",
)


@pytest.fixture
def officers(database: Database) -> tuple[Staff, Staff]:
    with database.transaction() as session:
        pair = [
            Staff(login=login, name=name, password_hash="x", roles="officer", created_at=NOW)
            for login, name in (("one", "甲"), ("two", "乙"))
        ]
        session.add_all(pair)
    return pair[0], pair[1]


Told = Callable[..., uuid.UUID]


@pytest.fixture
def told(database: Database) -> Told:
    """Makes cards: ``told("o1", WHOLE)``; returns the id."""

    def make(
        sender: str, *transfers: TransferFacts, channel: Channel = Channel.WECHAT, phone: str = "17000000001"
    ) -> uuid.UUID:
        with database.transaction() as session:
            contact = contacts.lock_contact(session, channel, sender, NOW)
            contact.reply_left, contact.reply_until = 5, NOW + timedelta(hours=48)
            card = cards.open_card(session, contacts.open_conversation(session, contact, NOW), NOW)
            facts = LossFacts(callback_phone=phone, victim_name="李小四", story="冒充客服", transfers=transfers)
            cards.enrich(session, card, facts, NOW)
            return card.id

    return make
