"""Claiming a reward on WeChat and by SMS: each state has its answer, and by SMS no amount is said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot import parts
from bot.intake import Intake
from bot.rewarding import Rewarding
from bot.sweep import Sweep
from conversations.inbound import Channel
from conversations.models import Message, Staff
from handlers.words import general
from nlu.client import NluClient
from nlu.understand import Understander
from rewards import claims, ledger, paying, steps
from rewards.models import Claim, ClaimNotice, ClaimState
from rewards.paying import Receipt
from rewards.scheme import Schemes
from storage.clock import china_date
from storage.engine import Database
from storage.settings import Settings
from tests.console.residents import add_staff
from tests.handlers.conftest import Clock, Resident
from tests.handlers.test_tips import Make, gives_a_tip
from tests.rewards import hands as made
from tips import codes
from tips.models import Tip

BY_SMS, BY_WECHAT = "+8617000000003", "o2"


class Office:
    """Staff who take a resident's claim on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        with database.transaction() as session:
            self.staff: list[Staff] = [
                add_staff(session, role, role, role) for role in ("officer", "verifier", "approver", "finance")
            ]
            self.second = add_staff(session, "second", "second", "officer")
            ledger.add_budget(session, Decimal(500), None, "测试文号", clock())

    def notifies(self) -> None:
        """From the request to the notice."""
        self.approves()
        with self.database.transaction() as session:
            claim = claims.lock(session, session.scalars(select(Claim.id)).one())
            steps.notify(session, claim, self.staff[0], self.clock(), "电话")

    def approves(self) -> None:
        """From the request to the approval."""
        officer, verifier, approver, _ = self.staff
        with self.database.transaction() as session:
            claim = claims.lock(session, session.scalars(select(Claim.id)).one())
            made.confirm(session, session.get_one(Tip, claim.tip_id), officer, self.clock())
            steps.propose(session, claim, made.ground(session, claim), made.facts(), None, officer, self.clock(), "")
            steps.verify(session, claim, verifier, self.clock())
            steps.approve(session, claim, approver, self.clock())

    def pays(self, collection: str) -> None:
        """In cash, and archives it."""
        with self.database.transaction() as session:
            claim = claims.lock(session, session.scalars(select(Claim.id)).one())
            paying.pay(session, claim, Receipt("cash", "SJ1", collection), self.staff[3], self.second, self.clock())
            paying.archive(session, claim, self.staff[0], self.clock())


@pytest.fixture
def office(database: Database, clock: Clock) -> Office:
    return Office(database, clock)


def asks(person: Resident, number: str, code: str) -> str:
    return person.says(f"我要领奖，举报奖励 {number} {code}")[0]


@pytest.mark.parametrize(("sender", "channel"), [(BY_WECHAT, Channel.WECHAT), (BY_SMS, Channel.SMS)])
def test_from_the_request_to_the_money(
    resident: Make, office: Office, database: Database, clock: Clock, sender: str, channel: Channel
) -> None:
    number, code = gives_a_tip(resident())
    person = resident(sender, channel)
    assert "JL" in asks(person, number, code)
    assert general.CLAIM_STATES["requested"] in asks(person, number, code)
    office.notifies()
    answer = asks(person, number, code)
    collection = re.search(r"领取号：(\d{8})", answer)
    assert collection
    assert ("33元" in answer) == (channel is Channel.WECHAT)
    assert "元" not in answer or channel is Channel.WECHAT
    assert asks(person, number, code) == general.COLLECTED
    office.pays(collection.group(1))
    assert asks(person, number, code) == general.ALREADY_PAID
    clock.pass_(minutes=11)
    with database.transaction() as session:
        for message in session.scalars(select(Message).where(Message.kind == "secret")):
            message.delivery = "sent"
    Sweep(database, clock).run()
    with database.transaction() as session:
        assert not any(collection.group(1) in message.text for message in session.scalars(select(Message)))


@pytest.mark.parametrize(("sender", "channel"), [(BY_WECHAT, Channel.WECHAT), (BY_SMS, Channel.SMS)])
def test_wrong_too_often_and_anothers(resident: Make, sender: str, channel: Channel) -> None:
    number, code = gives_a_tip(resident())
    other_number, _ = gives_a_tip(resident("o9"))
    person = resident(sender, channel)
    assert asks(person, other_number, code) == general.WRONG_CODE
    for _ in range(4):
        assert asks(person, number, codes.new_code()) == general.WRONG_CODE
    assert asks(person, number, code) == general.TRIED_TOO_OFTEN


@pytest.mark.parametrize(("sender", "channel"), [(BY_WECHAT, Channel.WECHAT), (BY_SMS, Channel.SMS)])
def test_too_late(
    resident: Make, office: Office, database: Database, clock: Clock, sender: str, channel: Channel
) -> None:
    number, code = gives_a_tip(resident())
    person = resident(sender, channel)
    asks(person, number, code)
    office.notifies()
    clock.now += timedelta(days=70)
    assert asks(person, number, code) == general.LAPSED
    Rewarding(database, clock, free_text=True, keep_days=None).run()
    with database.transaction() as session:
        claim = claims.lock(session, session.scalars(select(Claim.id)).one())
        assert claim.state == ClaimState.LAPSED
        paying.archive(session, claim, office.staff[0], clock())
    assert asks(person, number, code) == general.LAPSED


def test_progress_tells_of_the_reward_on_wechat(resident: Make, office: Office) -> None:
    number, code = gives_a_tip(resident())
    asks(resident(BY_WECHAT), number, code)
    office.notifies()
    person = resident("o3")
    person.says("我上次举报的那个查了没有")
    assert general.CLAIM_STATES["notified"] in person.says(f"{number} {code}")[0]


def test_no_reward(resident: Make, office: Office, database: Database, clock: Clock) -> None:
    number, code = gives_a_tip(resident())
    person = resident(BY_WECHAT)
    asks(person, number, code)
    with database.transaction() as session:
        claim = claims.lock(session, session.scalars(select(Claim.id)).one())
        steps.refuse(session, claim, office.staff[0], clock(), "没有查实")
    assert asks(person, number, code) == general.CLAIM_REFUSED


BOTH = pytest.mark.parametrize(("sender", "channel"), [(BY_WECHAT, Channel.WECHAT), (BY_SMS, Channel.SMS)])


@BOTH
def test_whoever_asks_with_the_code_before_the_message_comes_is_told_by_that(
    resident: Make, office: Office, database: Database, clock: Clock, sender: str, channel: Channel
) -> None:
    number, code = gives_a_tip(resident())
    person = resident(sender, channel)
    asks(person, number, code)
    office.approves()
    assert "领取号：" in asks(person, number, code)
    with database.transaction() as session:
        claim = session.scalars(select(Claim)).one()
        done = [(event.act, event.staff_id) for event in claims.history(session, claim.id)][-2:]
        assert done == [("notify", None), ("claim", None)]
        assert session.scalars(select(ClaimNotice.outcome)).all() == ["read"]
    before = messages_out(database)
    Rewarding(database, clock, free_text=True, keep_days=None).run()
    assert messages_out(database) == before


def messages_out(database: Database) -> int:
    with database.transaction() as session:
        return len(session.scalars(select(Message).where(Message.direction == "out")).all())


def test_progress_of_an_approved_reward_says_how_and_until_when(
    resident: Make, office: Office, database: Database
) -> None:
    number, code = gives_a_tip(resident())
    asks(resident(BY_WECHAT), number, code)
    office.approves()
    person = resident("o3")
    person.says("我上次举报的那个查了没有")
    answer = person.says(f"{number} {code}")[0]
    assert general.CLAIM_STATES["notified"] in answer and "最迟5月6日" in answer and "33" not in answer
    with database.transaction() as session:
        assert session.scalars(select(Claim.state)).one() == ClaimState.NOTIFIED


@BOTH
def test_revoked(
    resident: Make, office: Office, database: Database, clock: Clock, sender: str, channel: Channel
) -> None:
    number, code = gives_a_tip(resident())
    person = resident(sender, channel)
    asks(person, number, code)
    office.notifies()
    with database.transaction() as session:
        claim = claims.lock(session, session.scalars(select(Claim.id)).one())
        paying.revoke(session, claim, office.staff[2], clock(), "查明线索虚假")
    assert asks(person, number, code) == general.CLAIM_REVOKED


@BOTH
def test_the_rules_where_no_scheme_is_set(
    database: Database, settings: Settings, clock: Clock, sender: str, channel: Channel
) -> None:
    services = replace(parts.services(settings), schemes=Schemes([]))
    intake = Intake(database, Understander(NluClient((), "")), services, clock)
    answer = Resident(intake, database, clock, sender, channel).says("举报有奖吗，奖励多少钱")[0]
    assert answer.startswith(general.NO_SCHEME) and "元" not in answer


@BOTH
def test_the_rules_are_those_in_force_that_day(
    database: Database, settings: Settings, clock: Clock, sender: str, channel: Channel
) -> None:
    sample = made.scheme()
    new = {"id": "next", "name": "明天的办法", "effective_from": china_date(clock()) + timedelta(days=1)}
    old = sample.model_copy(update={"effective_to": china_date(clock())})
    services = replace(parts.services(settings), schemes=Schemes([old, sample.model_copy(update=new)]))
    intake = Intake(database, Understander(NluClient((), "")), services, clock)
    person = Resident(intake, database, clock, sender, channel)
    assert sample.name in person.says("举报有奖吗，奖励多少钱")[0]
    clock.pass_(days=1)
    assert "明天的办法" in person.says("举报有奖吗，奖励多少钱")[0]
