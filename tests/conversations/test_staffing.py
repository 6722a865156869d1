"""Taking, replying, handing back: one holder at a time."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from conversations import contacts, staffing
from conversations.inbound import Channel
from conversations.models import AuditEntry, Conversation, Message, Staff
from storage.engine import Database

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def people(database: Database) -> tuple[Staff, Staff]:
    with database.transaction() as session:
        pair = [
            Staff(
                login=login, name=name, password_hash="x", roles="agent", active=True, session_epoch=0, created_at=NOW
            )
            for login, name in (("one", "甲"), ("two", "乙"))
        ]
        session.add_all(pair)
    return pair[0], pair[1]


@pytest.fixture
def talk(database: Database) -> uuid.UUID:
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.WECHAT, "o1", NOW)
        conversation = contacts.open_conversation(session, contact, NOW)
        staffing.request_staff(session, conversation, "handover", NOW)
        return conversation.id


def test_of_two_who_take_at_once_one_gets_it(database: Database, people: tuple[Staff, Staff], talk: uuid.UUID) -> None:
    outcomes: dict[str, str] = {}
    start = threading.Barrier(2)

    def take(staff: Staff) -> None:
        start.wait()
        try:
            with database.transaction() as session:
                staffing.take(session, talk, staff, NOW)
            outcomes[staff.name] = "got it"
        except staffing.HeldByOther as held:
            outcomes[staff.name] = held.name

    threads = [threading.Thread(target=take, args=(staff,)) for staff in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(name for name, outcome in outcomes.items() if outcome == "got it")
    loser = ({"甲", "乙"} - {winner}).pop()
    assert outcomes[loser] == winner


def test_a_nervous_click_is_one_message(database: Database, people: tuple[Staff, Staff], talk: uuid.UUID) -> None:
    with database.transaction() as session:
        staffing.take(session, talk, people[0], NOW)
    for _ in range(2):
        with database.transaction() as session:
            staffing.reply(session, talk, people[0], "您好", "form-1", NOW)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_only_the_holder_replies(database: Database, people: tuple[Staff, Staff], talk: uuid.UUID) -> None:
    with database.transaction() as session:
        staffing.take(session, talk, people[0], NOW)
    with pytest.raises(staffing.HeldByOther, match="甲"), database.transaction() as session:
        staffing.reply(session, talk, people[1], "您好", "form-1", NOW)


def test_a_closed_conversation_takes_no_reply(database: Database, people: tuple[Staff, Staff], talk: uuid.UUID) -> None:
    with database.transaction() as session:
        staffing.take(session, talk, people[0], NOW)
        staffing.close(session, talk, people[0], NOW)
    with pytest.raises(staffing.StaffingError, match="结束"), database.transaction() as session:
        staffing.reply(session, talk, people[0], "您好", "form-1", NOW)
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.WECHAT, "o1", NOW)
        assert contacts.open_conversation(session, contact, NOW).id != talk


def test_handing_back_gives_it_to_the_bot(database: Database, people: tuple[Staff, Staff], talk: uuid.UUID) -> None:
    with database.transaction() as session:
        staffing.take(session, talk, people[0], NOW)
        staffing.hand_back(session, talk, people[0], NOW)
    with database.transaction() as session:
        row = session.get_one(Conversation, talk)
        assert (row.holder, row.staff_id, row.waiting_reason) == ("bot", None, "")


def test_the_place_in_the_waiting_list(database: Database, people: tuple[Staff, Staff], talk: uuid.UUID) -> None:
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.SMS, "+8617000000001", NOW)
        later = contacts.open_conversation(session, contact, NOW)
        staffing.request_staff(session, later, "handover", NOW.replace(minute=5))
        session.flush()
        assert staffing.waiting_before(session, later) == 1
        staffing.take(session, talk, people[0], NOW)
        session.flush()
        assert staffing.waiting_before(session, later) == 0


def test_taking_over_is_from_the_one_who_was_seen_to_have_it(
    database: Database, people: tuple[Staff, Staff], talk: uuid.UUID
) -> None:
    one, two = people
    with pytest.raises(staffing.StaffingError, match="请先接手"), database.transaction() as session:
        staffing.take_over(session, talk, two, one.id, "off_duty", NOW)
    with database.transaction() as session:
        staffing.take(session, talk, one, NOW)
    with database.transaction() as session:
        assert staffing.take_over(session, talk, two, one.id, "off_duty", NOW) == "甲"
    with pytest.raises(staffing.HeldByOther, match="乙"), database.transaction() as session:
        staffing.reply(session, talk, one, "还在吗", uuid.uuid4().hex, NOW)
    # The same page again, behind the times: a click too many takes nothing from anybody.
    with pytest.raises(staffing.StaffingError, match="已经在您手上"), database.transaction() as session:
        staffing.take_over(session, talk, two, one.id, "off_duty", NOW)
    with pytest.raises(staffing.HeldByOther, match="乙"), database.transaction() as session:
        staffing.take_over(session, talk, one, one.id, "urgent", NOW)
    with database.transaction() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "take_over")).all()
        assert [(entry.staff_id, entry.subject_id, entry.detail) for entry in entries] == [
            (two.id, talk, f"off_duty from {one.id}")
        ]
