"""Texts to somebody who may never have written, and what comes back; figures of all of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import AuditEntry, Contact, Message, Staff
from conversations.style12381 import LINK, NUMBER, REQUEST, violations
from stops.models import StopCard
from stops.orders import texting, words, work
from stops.orders.figures import Figures, StepFigures, figures
from stops.orders.models import Outcome, Rating, Step, WarningOrder, Way
from stops.orders.register import OrderError, history, load
from stops.orders.work import Attempt
from storage.engine import Database
from tests.handlers.conftest import Clock, Resident, clock, intake, library, resident  # noqa: F401 fixtures
from tests.stops.orders.conftest import PHONE, START, Enters

MINUTE = timedelta(minutes=1)
SMS = words.SMS.format(name="反诈专线", kind=words.ANY_FRAUD)


def texts(database: Database, order_id: object, officer: Staff, said: str = SMS, key: str = "k1") -> None:
    with database.transaction() as session:
        texting.text_to(session, order_id, officer, said, key, START + MINUTE, "17000000009")  # type: ignore[arg-type]


@pytest.fixture
def signed(database: Database, entered: Enters, officer: Staff) -> Callable[..., object]:
    def one(*args: object, **fields: object) -> object:
        order_id = entered(*args, **fields).id
        with database.transaction() as session:
            work.sign(session, order_id, officer, START)
        return order_id

    return one


def test_the_text_of_ours_keeps_the_national_style() -> None:
    assert violations(SMS, "") == []
    assert len(SMS) <= texting.LONGEST


def test_a_text_is_queued_once_for_a_nervous_click(
    database: Database, signed: Callable[..., object], officer: Staff
) -> None:
    order_id = signed()
    texts(database, order_id, officer)
    texts(database, order_id, officer)
    texts(database, order_id, officer, key="k2")
    with database.transaction() as session:
        contact = session.scalars(select(Contact)).one()
        assert (contact.sender, contact.last_inbound_at) == (PHONE, None)
        sent = session.scalars(select(Message).order_by(Message.position)).all()
        assert [(one.text, one.author, one.staff_id, one.delivery, one.urgent) for one in sent] == [
            (SMS, "staff", officer.id, "queued", True)
        ] * 2
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'send'")) == 2
        events = [event for event in history(session, order_id) if event.what == "texted"]  # type: ignore[arg-type]
        assert [(event.staff_id, event.message_id) for event in events] == [(officer.id, one.id) for one in sent]
        audited = session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_id == order_id).order_by(AuditEntry.id)
        ).all()
        assert audited == ["order_sign", "order_text", "order_text"]


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ("请看 www.example.com", LINK),
        ("有事打17000000008", NUMBER),
        ("请把验证码发给我们", REQUEST),
        ("   ", words.SMS_EMPTY),
        ("停" * 201, words.SMS_LONG.format(limit=200)),
    ],
)
def test_what_may_not_be_texted(
    database: Database, signed: Callable[..., object], officer: Staff, said: str, because: str
) -> None:
    order_id = signed()
    with pytest.raises(OrderError, match=because):
        texts(database, order_id, officer, said)
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_our_own_number_may_be_named(database: Database, signed: Callable[..., object], officer: Staff) -> None:
    texts(database, signed(), officer, "有事打17000000009")


def test_who_cannot_be_texted(
    database: Database, entered: Enters, signed: Callable[..., object], officer: Staff
) -> None:
    with pytest.raises(OrderError, match=words.SIGN_FIRST):
        texts(database, entered("A-1").id, officer)
    with pytest.raises(OrderError, match=words.NOT_MOBILE):
        texts(database, signed("A-2", phone="+8657900000000"), officer)
    with pytest.raises(OrderError, match=words.NOT_MOBILE):
        texts(database, signed("A-3", phone="", address="某某村"), officer)
    with database.transaction() as session:
        contacts.lock_contact(session, Channel.SMS, PHONE, START).unsubscribed_at = START
    with pytest.raises(OrderError, match=words.UNSUBSCRIBED):
        texts(database, signed("A-4"), officer)


def answered(database: Database, order_id: object) -> list[str]:
    with database.transaction() as session:
        ids = [event.message_id for event in history(session, order_id) if event.what == "answered"]  # type: ignore[arg-type]
        return [session.get_one(Message, message_id).text for message_id in ids]


def test_an_answer_is_answered_as_usual_and_noted_on_the_newest_open_order(
    database: Database,
    entered: Enters,
    officer: Staff,
    resident: Callable[..., Resident],  # noqa: F811
) -> None:
    older, newer = entered("A-1").id, entered("A-2", now=START + MINUTE).id
    other = entered("A-3", phone="+8617000000002", now=START + 2 * MINUTE).id
    phone = resident(PHONE, Channel.SMS)
    assert phone.says("你们是真的警察吗?")
    assert answered(database, newer) == ["你们是真的警察吗?"]
    assert answered(database, older) == answered(database, other) == []
    with database.transaction() as session:
        order = load(session, newer)
        assert order is not None
        assert order.answered_at == START + timedelta(seconds=20)
        work.sign(session, newer, officer, START + MINUTE)
        work.attempt(session, newer, officer, Attempt(Way.SMS, Outcome.STOPPED, "x"), START + MINUTE)
        work.feed_back(session, newer, officer, "x", START + MINUTE)
        work.review(session, newer, officer, Rating.GOOD, "", START + MINUTE)
    phone.says("知道了,没有转")
    assert answered(database, older) == ["知道了,没有转"]
    assert len(answered(database, newer)) == 1


def test_a_loss_in_an_answer_opens_a_card_as_always(
    database: Database,
    entered: Enters,
    resident: Callable[..., Resident],  # noqa: F811
) -> None:
    order_id = entered().id
    replies = resident(PHONE, Channel.SMS).says("我刚才已经给他转了两万块钱,怎么办")
    assert "110" in replies[0]
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(StopCard)) == 1
    assert len(answered(database, order_id)) == 1


def test_what_is_not_about_an_order_touches_none(
    database: Database,
    entered: Enters,
    resident: Callable[..., Resident],  # noqa: F811
) -> None:
    order_id = entered(phone="", address="某某村").id
    resident("oTest0000", Channel.WECHAT).says("你好")
    resident("+8617000000003", Channel.SMS).says("你好")
    assert answered(database, order_id) == []


def test_the_figures_of_a_day_and_a_month(database: Database, entered: Enters, officer: Staff) -> None:
    """Given orders of two days in China, some in time, when asked, then each is counted where it was received."""
    kept, late, waits = (entered(f"A-{n}").id for n in range(3))
    next_day = entered("A-9", now=START + timedelta(hours=10)).id  # 00:00 in China
    with database.transaction() as session:
        for order_id, minute in ((kept, 9), (late, 11)):
            work.sign(session, order_id, officer, START + minute * MINUTE)
        work.attempt(session, kept, officer, Attempt(Way.VISIT, Outcome.STOPPED, "x"), START + 12 * MINUTE)
        work.feed_back(session, kept, officer, "x", START + 13 * MINUTE)
        work.review(session, kept, officer, Rating.GOOD, "", START + 14 * MINUTE)
        assert session.get_one(WarningOrder, waits).state == session.get_one(WarningOrder, next_day).state
    day, after = date(2026, 3, 2), date(2026, 3, 3)
    with database.transaction() as session:
        one, two = figures(session, day, after, START + timedelta(hours=10, minutes=5))
        assert one == Figures(
            day,
            3,
            {
                Step.SIGN: StepFigures(done=2, timed=3, in_time=1),
                Step.DISSUADE: StepFigures(done=1, timed=3, in_time=1),
                Step.FEEDBACK: StepFigures(done=1, timed=3, in_time=1),
                Step.REVIEW: StepFigures(done=1, timed=0, in_time=0),
            },
            {"stopped": 1},
        )
        assert one.steps[Step.SIGN].share == pytest.approx(1 / 3)
        assert one.steps[Step.REVIEW].share is None
        assert (two.start, two.received, two.steps[Step.SIGN]) == (after, 1, StepFigures())
        (month,) = figures(session, date(2026, 3, 1), date(2026, 3, 31), START + timedelta(days=1), by="month")
        assert (month.start, month.received, month.steps[Step.SIGN].timed) == (date(2026, 3, 1), 4, 4)
        assert [one.start for one in figures(session, after, after, START)] == [after]
        assert figures(session, date(2027, 1, 1), date(2027, 1, 2), START) == []
