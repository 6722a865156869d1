"""The resident is told of each state: on WeChat, else by SMS, else somebody phones."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.half_hour import HalfHour
from conversations.inbound import Channel
from conversations.models import Contact, Delivery, Message, Staff
from conversations.style12381 import violations
from stops import cards, holding
from stops.models import CardState, StopNotice, StopTask
from stops.telling import words
from storage.engine import Database
from tests.stops.conftest import NOW, WHOLE, Told


def accept(database: Database, card_id: uuid.UUID, who: Staff) -> None:
    with database.transaction() as session:
        cards.set_state(session, card_id, CardState.ACCEPTED, who, NOW)


def round_(database: Database, *, free_text: bool = True) -> None:
    HalfHour(database, lambda: NOW, free_text=free_text).run()


def sent(database: Database) -> list[tuple[str, str, str]]:
    with database.transaction() as session:
        rows = session.scalars(select(Message).where(Message.direction == "out").order_by(Message.position))
        return [(row.channel, row.text, row.delivery) for row in rows]


def set_delivery(database: Database, state: Delivery) -> None:
    with database.transaction() as session:
        newest = session.scalars(select(Message.id).order_by(Message.position.desc()).limit(1)).one()
        session.execute(update(Message).where(Message.id == newest).values(delivery=state.value))


def to_phone(database: Database) -> list[str]:
    with database.transaction() as session:
        return [task.about for task in session.scalars(select(StopTask).where(StopTask.kind == "tell"))]


def settled(database: Database) -> list[bool]:
    with database.transaction() as session:
        return [notice.settled_at is not None for notice in session.scalars(select(StopNotice))]


def test_every_state_has_approved_words() -> None:
    assert set(words()) == {state.value for state in CardState} - {"new"}
    for state, said in words().items():
        assert violations(said.sms, "") == [], state
        assert not re.search(r"[0-9]{6,}|\{|元|止付|冻结|成功", said.sms), "a sender's number proves nothing"
        assert ("打电话" in said.sms) == said.call, "what is promised is done"
        assert "帮您止付" not in said.wechat


def test_on_wechat_in_the_officers_name(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    accept(database, told("o1", WHOLE), officers[0])
    for _ in range(2):
        round_(database)
    ((channel, text, delivery),) = sent(database)
    assert (channel, delivery) == ("wechat", "queued")
    assert "民警已接手" in text
    with database.transaction() as session:
        assert session.scalars(select(Message.staff_id).where(Message.direction == "out")).one() == officers[0].id
    assert settled(database) == [False], "not before it has gone out"
    set_delivery(database, Delivery.SENT)
    round_(database)
    assert (settled(database), to_phone(database)) == ([True], [])


@pytest.mark.parametrize("fate", [Delivery.HELD, Delivery.FAILED, Delivery.UNKNOWN])
def test_what_wechat_does_not_take_goes_by_sms_and_then_by_phone(
    database: Database, told: Told, officers: tuple[Staff, Staff], fate: Delivery
) -> None:
    accept(database, told("o1", WHOLE), officers[0])
    round_(database)
    set_delivery(database, fate)
    for _ in range(2):
        round_(database)
    assert [channel for channel, _, _ in sent(database)] == ["wechat", "sms"]
    assert sent(database)[0][2] != "held", "it would come when the state is another"
    assert "民警已接手" not in sent(database)[1][1]
    set_delivery(database, Delivery.FAILED)
    for _ in range(2):
        round_(database)
    assert (to_phone(database), settled(database)) == (["accepted"], [True])


@pytest.mark.parametrize(
    ("change", "phone", "ways"),
    [
        ({"reply_left": 1}, "17000000001", ["wechat"]),
        ({"reply_left": 0}, "17000000001", ["sms"]),
        ({"reply_until": NOW - timedelta(hours=1)}, "17000000001", ["sms"]),
        ({"unfollowed_at": NOW}, "17000000001", ["sms"]),
        ({"reply_left": 0}, "不记得", []),
        ({"reply_left": 0}, "", []),
    ],
)
def test_the_way_that_is_open(
    database: Database,
    told: Told,
    officers: tuple[Staff, Staff],
    change: dict[str, object],
    phone: str,
    ways: list[str],
) -> None:
    card_id = told("o1", WHOLE, phone=phone)
    with database.transaction() as session:
        session.execute(update(Contact).values(**change))
    accept(database, card_id, officers[0])
    round_(database)
    assert [channel for channel, _, _ in sent(database)] == ways
    assert to_phone(database) == ([] if ways else ["accepted"])


def test_who_unsubscribed_is_phoned(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    card_id = told("+8617000000001", WHOLE, channel=Channel.SMS)
    with database.transaction() as session:
        session.execute(update(Contact).values(unsubscribed_at=NOW))
    accept(database, card_id, officers[0])
    round_(database)
    assert (sent(database), to_phone(database)) == ([], ["accepted"])


def test_an_sms_that_promises_a_call_makes_one(database: Database, told: Told, officers: tuple[Staff, Staff]) -> None:
    card_id = told("+8617000000001", WHOLE, channel=Channel.SMS)
    accept(database, card_id, officers[0])
    round_(database)
    assert to_phone(database) == []
    with database.transaction() as session:
        cards.set_state(session, card_id, CardState.INITIATED, officers[0], NOW, "文号")
        cards.set_state(session, card_id, CardState.SUCCEEDED, officers[0], NOW, "回执")
    round_(database)
    assert to_phone(database) == ["succeeded"]


def test_a_template_tells_nothing_so_somebody_phones(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    accept(database, told("+8617000000001", WHOLE, channel=Channel.SMS), officers[0])
    round_(database, free_text=False)
    assert [channel for channel, _, _ in sent(database)] == ["sms"]
    assert to_phone(database) == ["accepted"]


def test_who_takes_it_on_the_board_is_told_of_as_well_and_only_once(
    database: Database, told: Told, officers: tuple[Staff, Staff]
) -> None:
    """Given a card, when it is taken, put back and taken by another, then the resident reads once that it was taken."""
    card_id = told("o1", WHOLE)
    for officer in officers:
        with database.transaction() as session:
            holding.take(session, card_id, officer, NOW)
        with database.transaction() as session:
            holding.release(session, card_id, officer, NOW)
        round_(database)
    ((_, text, _),) = sent(database)
    assert "民警已接手" in text
