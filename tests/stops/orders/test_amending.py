"""A wrong number or address on an order is corrected: with a reason, and over nobody's unseen change."""

from __future__ import annotations

import uuid

import pytest

from conversations import contacts
from conversations.contacts import sender_index
from conversations.inbound import Channel
from conversations.models import Staff
from stops.orders import words, work
from stops.orders.amending import amend, changes_of
from stops.orders.models import Outcome, Rating, WarningOrder, Way
from stops.orders.register import OrderError, history
from stops.orders.work import Attempt
from storage.engine import Database
from tests.stops.orders.conftest import PHONE, START, Enters

OTHER = "+8617000000002"


def corrects(
    database: Database, order_id: uuid.UUID, staff: Staff, reason: str = "回访得知", version: int = 1, **typed: str
) -> int:
    with database.transaction() as session:
        return len(amend(session, order_id, staff, version, typed, reason, START))


def order_of(database: Database, order_id: uuid.UUID) -> WarningOrder:
    with database.transaction() as session:
        return session.get_one(WarningOrder, order_id)


def test_a_corrected_number_is_found_and_stands_in_the_history(
    database: Database, entered: Enters, officer: Staff
) -> None:
    order_id = entered(village="某某村").id
    assert corrects(database, order_id, officer, phone="170 0000 0002", village="某某村") == 1
    order = order_of(database, order_id)
    assert (order.phone, order.version, order.name) == (OTHER, 2, "张三")
    with database.transaction() as session:
        contact = contacts.lock_contact(session, Channel.SMS, OTHER, START)
        assert order.phone_index == contact.sender_index == sender_index(Channel.SMS, OTHER)
        event = history(session, order_id)[-1]
        assert (event.what, event.staff_id, event.detail, event.version) == ("amended", officer.id, "回访得知", 1)
        assert [(change.field, change.before, change.after) for change in changes_of(event)] == [
            ("phone", PHONE, OTHER)
        ]


@pytest.mark.parametrize(
    ("typed", "reason", "said"),
    [
        ({"phone": "170000"}, "写错了", "手机号：" + words.NOT_A_PHONE),
        ({"phone": "", "address": ""}, "写错了", words.NO_WAY_THERE),
        ({"name": "字" * 65}, "写错了", "姓名：" + words.TOO_LONG.format(limit=64)),
        ({"phone": "17000000002"}, "  ", words.REASON_NEEDED),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, entered: Enters, officer: Staff, typed: dict[str, str], reason: str, said: str
) -> None:
    order_id = entered().id
    with pytest.raises(OrderError, match=said):
        corrects(database, order_id, officer, reason, **typed)
    assert order_of(database, order_id).version == 1


def test_the_second_sees_what_the_first_changed(
    database: Database, entered: Enters, officer: Staff, second: Staff
) -> None:
    order_id = entered().id
    corrects(database, order_id, officer, phone="17000000002")
    with pytest.raises(OrderError, match=r"手机号刚刚被别人改成“.*0002”"):
        corrects(database, order_id, second, phone="17000000003")
    assert corrects(database, order_id, second, phone="17000000002", address="某某村2号") == 1  # another field is fine
    assert corrects(database, order_id, second, version=3, phone="17000000003") == 1
    order = order_of(database, order_id)
    assert (order.phone, order.address, order.version) == ("+8617000000003", "某某村2号", 4)


def test_nothing_new_is_no_correction_and_what_is_over_stays(
    database: Database, entered: Enters, officer: Staff
) -> None:
    order_id = entered().id
    assert corrects(database, order_id, officer, "", phone=PHONE) == 0
    with database.transaction() as session:
        work.sign(session, order_id, officer, START)
        work.attempt(session, order_id, officer, Attempt(Way.PHONE, Outcome.STOPPED, "好"), START)
        work.feed_back(session, order_id, officer, "好", START)
        work.review(session, order_id, officer, Rating.GOOD, "", START)
    with pytest.raises(OrderError, match=words.CLOSED):
        corrects(database, order_id, officer, phone="17000000002")
