"""An order from its receipt to its review, step by step, each by a named officer."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Staff
from stops import cards
from stops.models import CardKind, StopCard
from stops.orders import words, work
from stops.orders.deadlines import Deadlines
from stops.orders.models import OrderEvent, OrderState, Outcome, Rating, WarningOrder, Way
from stops.orders.register import Draft, OrderError, enter, history, list_orders, load
from stops.orders.work import Attempt
from storage.engine import Database
from tests.stops.orders.conftest import PHONE, START, Enters

MINUTE = timedelta(minutes=1)


def test_the_whole_way(database: Database, entered: Enters, officer: Staff, second: Staff) -> None:
    order_id = entered().id
    with database.transaction() as session:
        work.sign(session, order_id, officer, START + MINUTE)
    with database.transaction() as session:
        tried = Attempt(Way.PHONE, Outcome.STOPPED, "电话里讲清了,答应不转。")
        assert work.attempt(session, order_id, second, tried, START + 5 * MINUTE) is None
    with database.transaction() as session:
        work.feed_back(session, order_id, officer, "已劝住,未转账。", START + 9 * MINUTE)
    with database.transaction() as session:
        work.review(session, order_id, second, Rating.GOOD, "及时", START + 20 * MINUTE)
    with database.transaction() as session:
        order = load(session, order_id)
        assert order is not None
        assert (order.state, order.outcome, order.rating, order.due_at) == ("reviewed", "stopped", "good", None)
        assert [(step.step, step.done_at, step.staff_id) for step in order.steps] == [
            ("sign", START + MINUTE, officer.id),
            ("dissuade", START + 5 * MINUTE, second.id),
            ("feedback", START + 9 * MINUTE, officer.id),
            ("review", START + 20 * MINUTE, second.id),
        ]
        told = [(event.what, event.staff_id, event.detail) for event in history(session, order_id)]
        assert told == [
            ("entered", officer.id, ""),
            ("signed", officer.id, ""),
            ("attempt", second.id, "电话里讲清了,答应不转。"),
            ("fed_back", officer.id, "已劝住,未转账。"),
            ("reviewed", second.id, "及时"),
        ]
        assert list_orders(session, open_only=True) == []
        with pytest.raises(OrderError, match=words.CLOSED):
            work.attempt(session, order_id, officer, Attempt(Way.VISIT, Outcome.STOPPED, "x"), START + 30 * MINUTE)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("attempt", words.SIGN_FIRST),
        ("feedback", words.SIGN_FIRST),
        ("review", words.NOT_NOW),
    ],
)
def test_nothing_before_its_turn(database: Database, entered: Enters, officer: Staff, step: str, said: str) -> None:
    order_id = entered().id
    with database.transaction() as session, pytest.raises(OrderError, match=said):
        if step == "attempt":
            work.attempt(session, order_id, officer, Attempt(Way.PHONE, Outcome.STOPPED, "x"), START)
        elif step == "feedback":
            work.feed_back(session, order_id, officer, "x", START)
        else:
            work.review(session, order_id, officer, Rating.GOOD, "", START)


def test_who_was_not_reached_is_tried_again_and_may_be_reported_so(
    database: Database, entered: Enters, officer: Staff
) -> None:
    order_id = entered().id
    with database.transaction() as session:
        work.sign(session, order_id, officer, START)
        with pytest.raises(OrderError, match=words.NO_ATTEMPT):
            work.feed_back(session, order_id, officer, "联系不上", START)
        work.attempt(session, order_id, officer, Attempt(Way.PHONE, Outcome.UNREACHED, "关机"), START + MINUTE)
        order = load(session, order_id)
        assert order is not None
        assert order.state == OrderState.SIGNED
        assert order.steps[1].done_at is None
        work.feed_back(session, order_id, officer, "多次联系不上,已上门留条。", START + 2 * MINUTE)
        assert order.state == OrderState.FED_BACK
        assert order.steps[1].done_at is None
        # Reached after all: the dissuasion is done, and the order is not thrown back.
        work.attempt(session, order_id, officer, Attempt(Way.VISIT, Outcome.NO_RISK, "见到本人"), START + 3 * MINUTE)
        assert (order.state, order.outcome) == ("fed_back", "no_risk")
        assert order.steps[1].done_at == START + 3 * MINUTE


def test_a_visit_is_noted_down_later_with_its_own_time(database: Database, entered: Enters, officer: Staff) -> None:
    order_id = entered().id
    visited = START + 20 * MINUTE
    with database.transaction() as session:
        work.sign(session, order_id, officer, START)
        for wrong in (START - 2 * MINUTE, START + 90 * MINUTE):
            with pytest.raises(OrderError, match=words.TIME_WRONG):
                tried = Attempt(Way.VISIT, Outcome.STOPPED, "上门", wrong)
                work.attempt(session, order_id, officer, tried, START + 80 * MINUTE)
        with pytest.raises(OrderError, match=words.NOTE_NEEDED):
            tried = Attempt(Way.VISIT, Outcome.STOPPED, "  ", visited)
            work.attempt(session, order_id, officer, tried, START + 80 * MINUTE)
        tried = Attempt(Way.VISIT, Outcome.STOPPED, "上门", visited)
        work.attempt(session, order_id, officer, tried, START + 80 * MINUTE)
    with database.transaction() as session:
        order = load(session, order_id)
        assert order is not None
        assert order.steps[1].done_at == visited
        event = history(session, order_id)[-1]
        assert (event.at, event.happened_at) == (START + 80 * MINUTE, visited)


def test_money_that_has_gone_opens_a_stop_card_once(database: Database, entered: Enters, officer: Staff) -> None:
    order_id = entered().id
    for minute in (1, 2):
        with database.transaction() as session:
            if minute == 1:
                work.sign(session, order_id, officer, START)
            tried = Attempt(Way.PHONE, Outcome.PAID, "刚转了两万")
            assert work.attempt(session, order_id, officer, tried, START + minute * MINUTE) is not None
    with database.transaction() as session:
        card = session.scalars(select(StopCard)).one()
        assert (card.kind, card.callback_phone, card.victim_name) == (CardKind.LOSS, "17000000001", "张三")
        order = load(session, order_id)
        assert order is not None
        assert order.card_id == card.id


def test_money_that_has_gone_adds_to_the_card_the_resident_opened(
    database: Database, entered: Enters, officer: Staff
) -> None:
    order_id = entered().id
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.SMS, PHONE, START)
        own = cards.open_card(session, contacts.open_conversation(session, contact, START), START)
        own.confirmed = True
        own.callback_phone = "17000000009"
    with database.transaction() as session:
        work.sign(session, order_id, officer, START)
        card = work.attempt(session, order_id, officer, Attempt(Way.PHONE, Outcome.PAID, "转了"), START + MINUTE)
        assert card is not None
        assert (card.id, card.confirmed, card.callback_phone) == (own.id, True, "17000000009")


def test_without_a_mobile_number_no_card_can_be_opened(database: Database, entered: Enters, officer: Staff) -> None:
    order_id = entered(phone="", address="某某村1号").id
    with database.transaction() as session:
        work.sign(session, order_id, officer, START)
        assert work.attempt(session, order_id, officer, Attempt(Way.VISIT, Outcome.PAID, "转了"), START) is None
        assert session.scalar(select(func.count()).select_from(StopCard)) == 0


def test_two_officers_at_once_sign_once(database: Database, entered: Enters, officer: Staff, second: Staff) -> None:
    order_id = entered().id
    gate, outcomes = threading.Barrier(2), []

    def sign(staff: Staff) -> None:
        gate.wait()
        try:
            with database.transaction() as session:
                work.sign(session, order_id, staff, START)
            outcomes.append(staff.name)
        except OrderError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=sign, args=(staff,)) for staff in (officer, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == sorted([words.NOT_NOW, *({"王警官", "陈警官"} & set(outcomes))])
    with database.transaction() as session:
        query = select(func.count()).select_from(OrderEvent).where(OrderEvent.what == "signed")
        assert session.scalar(query) == 1


def test_two_at_once_with_one_number_are_one_order(
    database: Database, deadlines: Deadlines, officer: Staff, second: Staff
) -> None:
    gate, made = threading.Barrier(2), []

    def bring(staff: Staff) -> None:
        with database.transaction() as session:
            gate.wait()
            made.append(enter(session, Draft(number="B-7", phone=PHONE), deadlines, staff, START).new)

    threads = [threading.Thread(target=bring, args=(staff,)) for staff in (officer, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, True]
    with database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(WarningOrder)) == 1


def test_one_without_a_number_gets_ours_and_never_a_taken_one(entered: Enters) -> None:
    first = int(entered("").number.removeprefix("YJ"))
    entered(f"YJ{first + 1}")
    third = entered("")
    assert (third.new, third.number) == (True, f"YJ{first + 2}")


def test_a_known_number_stays_as_it_is(database: Database, entered: Enters) -> None:
    first = entered(village="某某村")
    again = entered(village="某某村")
    other = entered(village="另一村")
    assert (again.id, again.new, again.differs) == (first.id, False, False)
    assert (other.id, other.new, other.differs) == (first.id, False, True)
    with database.transaction() as session:
        order = load(session, first.id)
        assert order is not None
        assert order.village == "某某村"


def test_the_nearest_deadline_comes_first_and_none_last(database: Database, entered: Enters, officer: Staff) -> None:
    early = entered("A-1")
    late = entered("A-2", now=START + 5 * MINUTE)
    own = entered("A-3", now=START + 6 * MINUTE, feedback_due=START + 3 * MINUTE)
    with database.transaction() as session:
        assert [order.number for order in list_orders(session, open_only=True)] == ["A-3", "A-1", "A-2"]
        work.sign(session, early.id, officer, START + 7 * MINUTE)
    with database.transaction() as session:
        assert [order.number for order in list_orders(session, open_only=True)] == ["A-3", "A-2", "A-1"]
        order = load(session, own.id)
        assert order is not None
        assert order.steps[2].due_at == START + 3 * MINUTE
        assert load(session, late.id) is not None
