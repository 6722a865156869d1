"""The reporter is told of each step, on the channel they wrote on, in words that harm nobody."""

from __future__ import annotations

import re

from sqlalchemy import select, update

from bot.tip_notices import TipNotices
from conversations.inbound import Channel
from conversations.models import Contact, Delivery, Message
from conversations.style12381 import violations
from rewards import claims, steps
from storage.engine import Database
from tests.handlers.conftest import Clock
from tests.handlers.test_tips import gives_a_tip
from tests.rewards.hands import Hands
from tests.tips.conftest import Station
from tips import handling, registry, telling
from tips.models import Outcome, Tip, TipNotice, TipState
from tips.telling import Step

SMS = "+8617000000061"


def said(station: Station) -> list[tuple[str, str]]:
    """What waits for reporters in an officer's name, or has left: text and delivery."""
    with station.database.transaction() as session:
        rows = session.scalars(select(Message).where(Message.author == "staff").order_by(Message.position))
        return [(row.text, row.delivery) for row in rows]


def round_(station: Station, clock: Clock) -> None:
    TipNotices(station.database, clock).run()


def goes_on(station: Station, clock: Clock, tip: object, *states: TipState) -> None:
    for state in states:
        station.do(registry.set_state, tip, state, station.wang, reason="查过")
        round_(station, clock)


def hold(station: Station) -> None:
    """What the courier does without budget."""
    with station.database.transaction() as session:
        session.execute(
            update(Message)
            .where(Message.author == "staff", Message.delivery == Delivery.QUEUED)
            .values(delivery=Delivery.HELD.value)
        )


def test_every_step_has_words_that_harm_nobody() -> None:
    assert set(telling.words()) == set(Step)
    for step, words in telling.words().items():
        assert violations(words.sms, "") == [], step
        assert not re.search(r"\d|\{|元|查实|奖|核查", words.sms), "a phone lies about"
        assert not re.search(r"元|抓|嫌疑|安全的", words.wechat), step
        assert "{number}" in words.wechat, step
    assert {Step(state.value) for state in TipState} <= set(Step)


def test_each_step_is_told_once_however_often_a_job_runs(station: Station, clock: Clock) -> None:
    tip = station.told()
    goes_on(station, clock, tip, TipState.CHECKING)
    round_(station, clock)
    with station.database.transaction() as session:
        notice = session.scalars(select(TipNotice)).one()
        number = session.get_one(Tip, tip).number
    TipNotices(station.database, clock).tell(notice.id)
    assert said(station) == [(telling.words()[Step.CHECKING].wechat.format(number=number), "queued")]


def test_by_sms_neither_state_nor_number(station: Station, clock: Clock) -> None:
    tip = station.told(SMS, Channel.SMS)
    goes_on(station, clock, tip, TipState.CHECKING, TipState.CONFIRMED)
    texts = {text for text, _ in said(station)}
    assert texts == {telling.words()[Step.CONFIRMED].sms}


def test_a_unit_that_takes_it_over_is_a_step(station: Station, clock: Clock) -> None:
    number, code = gives_a_tip(station.resident("o1"))
    with station.database.transaction() as session:
        tip = session.scalars(select(Tip.id)).one()
    transfer = station.do(handling.offer, tip, station.wang, "归他们管", unit="某派出所")
    round_(station, clock)
    assert said(station) == []
    station.do(handling.answer, transfer.id, Outcome.ACCEPTED, station.wang, "值班员接收")
    round_(station, clock)
    (only,) = said(station)
    assert only[0] == telling.words()[Step.TRANSFERRED].wechat.format(number=number)
    assert "派出所" not in only[0]
    assert telling.words()[Step.TRANSFERRED].status in station.resident("o2").says(f"{number} {code}")[0]


def test_what_waits_for_budget_gives_way_to_newer_word(station: Station, clock: Clock) -> None:
    tip = station.told()
    goes_on(station, clock, tip, TipState.CHECKING)
    hold(station)
    goes_on(station, clock, tip, TipState.CONFIRMED)
    hold(station)
    assert [delivery for _, delivery in said(station)] == ["failed", "held"]
    station.resident("o1").says("你好")
    assert [delivery for _, delivery in said(station)] == ["failed", "queued"]


def test_who_asks_with_the_code_hears_it_once(station: Station, clock: Clock) -> None:
    person = station.resident("o1")
    number, code = gives_a_tip(person)
    with station.database.transaction() as session:
        tip = session.scalars(select(Tip.id)).one()
    goes_on(station, clock, tip, TipState.CHECKING)
    hold(station)
    other = station.resident("o2")
    assert telling.words()[Step.CHECKING].status in other.says(f"{number} {code}")[0]
    assert [delivery for _, delivery in said(station)] == ["held"], "somebody else asked"
    assert telling.words()[Step.CHECKING].status in person.says(f"{number} {code}")[0]
    assert [delivery for _, delivery in said(station)] == ["failed"]


def test_who_left_is_not_written_to(station: Station, clock: Clock) -> None:
    tip = station.told()
    with station.database.transaction() as session:
        session.execute(update(Contact).values(unsubscribed_at=clock()))
    goes_on(station, clock, tip, TipState.CHECKING)
    assert said(station) == []


def test_of_a_reward_only_the_reward_speaks(database: Database, clock: Clock) -> None:
    hands = Hands.with_a_claim(database)
    notices = TipNotices(database, clock)
    notices.run()
    with database.transaction() as session:
        before = session.scalars(select(Message.id)).all()
    hands.up_to("approved")
    with database.transaction() as session:
        steps.told(session, claims.lock(session, hands.claim_id), clock(), "微信消息已发出")
    notices.run()
    with database.transaction() as session:
        assert session.scalars(select(Message.id)).all() == before
