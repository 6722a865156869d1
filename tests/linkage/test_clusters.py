"""The same number in several records, and what residents are told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from unittest.mock import ANY

import pytest
from sqlalchemy import event, select

from conversations.inbound import Channel
from conversations.models import Message, Staff
from handlers.words import general
from linkage import clusters, verdicts
from linkage.models import Finding, Sighting, Source
from linkage.subjects import Subject
from storage.engine import Database
from tests.handlers.conftest import Resident
from tests.handlers.conftest import clock as clock
from tests.handlers.conftest import intake as intake
from tests.handlers.conftest import library as library
from tests.handlers.conftest import resident as resident
from tips import registry
from tips.models import Tip, TipState

Make = Callable[..., Resident]
PHONE = Subject("phone", "17000000009")
ASKED = "17000000009这个号码是不是诈骗"


def tells(person: Resident, number: str = "17000000009") -> None:
    for text in ("我要举报", "有人冒充客服骗钱", f"电话{number}", "不知道", "没有"):
        person.says(text)


@pytest.fixture
def officer(database: Database) -> Staff:
    with database.transaction() as session:
        staff = Staff(login="wang", name="王警官", password_hash="x", roles="officer", created_at=datetime.now(UTC))
        session.add(staff)
        session.flush()
        session.expunge(staff)
        return staff


def known(database: Database) -> clusters.Known:
    with database.transaction() as session:
        return clusters.known(session, PHONE)


def test_people_are_counted_not_tips(resident: Make, database: Database) -> None:
    often = resident("o1")
    tells(often)
    tells(often)
    assert (known(database).people, known(database).tips) == (1, 2)
    tells(resident("o2"))
    assert known(database).people == 2
    assert general.REPORTED_BEFORE.format(count=2, what="号码") in resident("o3").says(ASKED)[0]
    assert (known(database).checks, known(database).people) == (1, 2)


def test_a_loss_counts_as_a_report_and_a_corrected_account_no_more(resident: Make, database: Database) -> None:
    victim = resident("o1")
    victim.says("我被骗了两万，对方电话17000000009")
    victim.says("我的电话17000000051")
    with database.transaction() as session:
        seen = session.scalars(select(Sighting)).all()
        assert [(one.source, one.value) for one in seen] == [("card", "17000000009")]
        record_id, contact_id = seen[0].record_id, seen[0].contact_id
    assert known(database).cards == 1
    with database.transaction() as session:
        clusters.renew(session, Source.CARD, record_id, contact_id, [], datetime.now(UTC))
    assert known(database) == clusters.Known()


def test_an_unfounded_tip_counts_no_more_until_it_is_looked_at_again(
    resident: Make, database: Database, officer: Staff
) -> None:
    tells(resident("o1"))
    for state, people in ((TipState.CHECKING, 1), (TipState.UNFOUNDED, 0), (TipState.CHECKING, 1)):
        with database.transaction() as session:
            tip = session.scalars(select(Tip)).one()
            registry.set_state(session, tip.id, state, officer, datetime.now(UTC), "查过")
        assert known(database).people == people


def test_related_counts_other_records_only(resident: Make, database: Database) -> None:
    for sender in ("o1", "o2", "o3"):
        tells(resident(sender))
    tells(resident("o4"), "17000000010")
    with database.transaction() as session:
        tip = session.scalars(select(Tip).order_by(Tip.registered_at)).first()
        assert tip is not None
        (only,) = clusters.related(session, Source.TIP, tip.id)
        assert (only.value, only.tips, only.cards, only.people) == ("17000000009", 2, 0, 2)


def test_what_is_named_together_is_found_together(resident: Make, database: Database) -> None:
    person = resident("o1")
    for text in ("我要举报", "刷单骗钱", "电话17000000009，网址www.example.com", "不知道", "没有"):
        person.says(text)
    with database.transaction() as session:
        beside = clusters.beside(session, clusters.index_of(PHONE))
        assert [(row.value, times) for row, times in beside] == [("example.com", 1)]


def judged(database: Database, officer: Staff, finding: Finding) -> None:
    with database.transaction() as session:
        verdict = verdicts.judge(session, clusters.index_of(PHONE), finding, officer, datetime.now(UTC), "回访核对")
        session.flush()
        verdict_id = verdict.id
    with database.transaction() as session:
        owed = verdicts.owed(session, verdict_id)
    for contact_id in owed:
        for _ in range(2):  # a job that ran twice writes once
            with database.transaction() as session:
                verdicts.correct(session, verdict_id, contact_id, general.CORRECTIONS, datetime.now(UTC))
    with database.transaction() as session:
        assert verdicts.owed(session, verdict_id) == []


def corrections(database: Database) -> list[tuple[str, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(Message).where(Message.external_id.like("verdict:%")).order_by(Message.position))
        return [(row.channel, row.text) for row in rows]


def test_an_overturned_verdict_is_corrected_to_everybody_who_was_told_it(
    resident: Make, database: Database, officer: Staff
) -> None:
    tells(resident("o1"))
    resident("o2").says(ASKED)
    resident("+8617000000061", Channel.SMS).says(ASKED)
    judged(database, officer, Finding.FRAUD)
    assert corrections(database) == []  # they were told it was reported: nothing to correct
    assert general.FOUND_FRAUD.format(what="号码") in resident("o3").says(ASKED)[0]
    judged(database, officer, Finding.CLEARED)
    told = corrections(database)
    assert sorted(told) == sorted(
        [("wechat", general.CORRECTIONS["cleared"])] * 2 + [("sms", general.CORRECTIONS["cleared"])]
    )
    judged(database, officer, Finding.FRAUD)
    assert len(corrections(database)) == 6


def test_who_was_told_nobody_reported_it_hears_that_it_is_a_fraud(
    resident: Make, database: Database, officer: Staff
) -> None:
    assert general.NOT_REPORTED.format(what="号码") in resident("o1").says(ASKED)[0]
    judged(database, officer, Finding.FRAUD)
    assert corrections(database) == [("wechat", general.CORRECTIONS["fraud"])]


def test_who_left_is_not_written_to(resident: Make, database: Database, officer: Staff) -> None:
    person = resident("o1")
    person.says(ASKED)
    person.says("退订")
    judged(database, officer, Finding.FRAUD)
    assert corrections(database) == []


def test_a_verdict_needs_a_reason_and_something_new(resident: Make, database: Database, officer: Staff) -> None:
    resident("o1").says(ASKED)
    with database.transaction() as session, pytest.raises(verdicts.VerdictError):
        verdicts.judge(session, clusters.index_of(PHONE), Finding.FRAUD, officer, datetime.now(UTC), " ")
    judged(database, officer, Finding.FRAUD)
    with database.transaction() as session, pytest.raises(verdicts.VerdictError):
        verdicts.judge(session, clusters.index_of(PHONE), Finding.FRAUD, officer, datetime.now(UTC), "又一次")


@pytest.fixture
def asked(database: Database) -> Iterator[list[str]]:
    """What the database is asked from now on."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def test_one_question_answers_the_bot_and_one_all_that_a_record_names(
    resident: Make, database: Database, officer: Staff, asked: list[str]
) -> None:
    for sender in ("o1", "o2"):
        person = resident(sender)
        for text in ("我要举报", "刷单骗钱", "电话17000000009，网址www.example.com", "不知道", "没有"):
            person.says(text)
    judged(database, officer, Finding.FRAUD)
    with database.transaction() as session:
        record = session.scalars(select(Tip.id)).first()
        assert record is not None
        asked.clear()
        assert clusters.known(session, PHONE) == clusters.Known(
            2, 2, first_seen=ANY, last_seen=ANY, finding=Finding.FRAUD
        )
        assert len(asked) == 1
        asked.clear()
        found = {
            one.value: (one.tips, one.people, one.finding) for one in clusters.related(session, Source.TIP, record)
        }
        assert found == {"17000000009": (1, 1, "fraud"), "example.com": (1, 1, "")}
        assert len(asked) == 1


def test_what_nobody_else_named_is_related_to_nothing(resident: Make, database: Database) -> None:
    tells(resident("o1"))
    with database.transaction() as session:
        (only,) = clusters.related(session, Source.TIP, session.scalars(select(Tip.id)).one())
        assert (only.tips, only.cards, only.checks, only.people, only.finding) == (0, 0, 0, 0, "")
