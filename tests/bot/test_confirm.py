"""Passive replies are noted as sent, also when the database was away just then and nobody writes any more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from bot.confirm import Confirmer
from conversations import contacts, messages
from conversations.inbound import Channel, Reply
from conversations.models import Message
from storage.engine import Database
from tests.e2e.stack import until


def _passive_reply(database: Database) -> Message:
    now = datetime.now(UTC)
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.WECHAT, "o0000confirm", now)
        conversation = contacts.open_conversation(session, contact, now)
        (reply,) = messages.say(session, conversation, [Reply("好的")], now, passively=True)
        return reply


def _delivery(database: Database) -> str:
    with database.transaction() as session:
        return str(session.scalar(select(Message.delivery)))


def test_a_reply_that_could_not_be_noted_is_noted_later_without_another_message(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a database that refuses, when a reply was handed over, then it is noted once the database is well again:
    what stays unnoted the worker would say a second time."""
    reply = _passive_reply(database)
    confirmer = Confirmer(database, lambda: datetime.now(UTC))
    with database.transaction() as session:
        session.execute(text("ALTER TABLE messages RENAME TO messages_away"))
    try:
        confirmer.confirm(reply.id)
        until(lambda: "not noted yet" in caplog.text, "a refusal")
    finally:
        with database.transaction() as session:
            session.execute(text("ALTER TABLE messages_away RENAME TO messages"))

    until(lambda: _delivery(database) == "sent", "the note", 10)
