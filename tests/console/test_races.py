"""Staff and an incoming message work on one conversation at the same moment."""

from __future__ import annotations

import threading
import time
import uuid

from sqlalchemy import text

from conversations import contacts, staffing
from conversations.models import Conversation, Holder, Staff
from storage.clock import utc_now
from storage.engine import Database
from tests.console.residents import Resident


def waits_or_done(database: Database, thread: threading.Thread) -> None:
    """Until the thread waits for a lock of the database's, or has ended."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    end = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < end:
        with database.engine.connect() as connection:
            if connection.scalar(query):
                return
        time.sleep(0.01)


def test_taking_is_not_overwritten_by_a_message_that_asks_for_a_person(
    resident: Resident, database: Database, people: dict[str, Staff]
) -> None:
    conversation_id = resident.says("转人工")

    def take() -> None:
        with database.transaction() as session:
            staffing.take(session, conversation_id, people["agent"], utc_now())

    thread = threading.Thread(target=take)
    with resident.database.transaction() as session:
        contact = contacts.lock_contact(session, resident.channel, resident.sender, utc_now())
        conversation = contacts.open_conversation(session, contact, utc_now())
        thread.start()
        waits_or_done(database, thread)
        staffing.request_staff(session, conversation, "handover", utc_now())
    thread.join()
    with database.transaction() as session:
        row = session.get_one(Conversation, conversation_id)
        assert (row.holder, row.staff_id, row.waiting_since) == (Holder.STAFF, people["agent"].id, None)


def test_a_reply_and_a_message_do_not_wait_for_each_other_in_a_circle(
    resident: Resident, database: Database, people: dict[str, Staff]
) -> None:
    conversation_id = resident.says("转人工")
    with database.transaction() as session:
        staffing.take(session, conversation_id, people["agent"], utc_now())
    failed: list[Exception] = []

    def reply() -> None:
        try:
            with database.transaction() as session:
                staffing.reply(session, conversation_id, people["agent"], "您好", uuid.uuid4().hex, utc_now())
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must say it
            failed.append(error)

    thread = threading.Thread(target=reply)
    with resident.database.transaction() as session:
        contact = contacts.lock_contact(session, resident.channel, resident.sender, utc_now())
        conversation = contacts.open_conversation(session, contact, utc_now())
        thread.start()
        waits_or_done(database, thread)
        conversation.unread += 1
    thread.join()
    assert failed == []
