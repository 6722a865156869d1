"""The reporter is really told, once; deadlines near and pass once; with the sandbox as WeChat and as the operator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select, text

from bot.rewarding import Rewarding
from conversations import messages
from conversations.inbound import Channel
from conversations.models import AuditEntry, Contact, Conversation, Holder, Message
from rewards import claims, ledger, notices, paying, rounds, steps, tasks, timers
from rewards.models import Account, Act, ClaimNotice, ClaimState, ClaimTask, ClaimTimer, Payment
from storage.clock import CHINA, utc_now
from storage.engine import Database
from storage.settings import Settings
from tests.bot.standins import until
from tests.bot.world import World
from tests.handlers.conftest import Clock
from tests.rewards import hands as made
from tests.rewards.hands import NOW, Hands

ROOT = Path(__file__).parents[2]
PHONE = "+8617000000008"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@dataclass
class Office:
    """A claim, the rounds of a worker, and the courier between the two."""

    world: World
    hands: Hands
    rounds: Rewarding
    clock: Clock
    sms: bool = False

    def wrote(self, left: int = 5) -> None:
        """The reporter has just written, as far as the budget goes."""
        with self.hands.database.transaction() as session:
            contact = session.scalars(select(Contact)).one()
            contact.reply_left, contact.reply_until = left, self.clock() + timedelta(hours=48)
            messages.release_held(session, contact, self.clock())
            contact_id = contact.id
        self.clock.pass_(seconds=2)
        self.world.courier.drain(contact_id)

    def goes_on(self) -> None:
        """What a worker does: rounds, and sending what is queued."""
        for _ in range(2):
            self.rounds.run()
            with self.hands.database.transaction() as session:
                wanted = list(session.scalars(select(Contact.id)))
            for contact_id in wanted:
                self.world.courier.drain(contact_id)
        self.rounds.run()

    def heard(self) -> list[str]:
        return self.world.phone(PHONE) if self.sms else self.world.chat("o1")

    def open_tasks(self) -> list[str]:
        with self.hands.database.transaction() as session:
            return [task.kind for task in tasks.open_of(session, [self.hands.claim_id])]

    def outcomes(self) -> list[tuple[str, str]]:
        with self.hands.database.transaction() as session:
            found = session.scalars(select(ClaimNotice).order_by(ClaimNotice.created_at))
            return [(notice.about, notice.outcome) for notice in found]

    def acts(self) -> list[str]:
        with self.hands.database.transaction() as session:
            return [event.act for event in claims.history(session, self.hands.claim_id)]


def office_of(world: World, clock: Clock, channel: Channel, sender: str, *, free_text: bool = True) -> Office:
    hands = Hands.with_a_claim(world.database, channel=channel, sender=sender)
    rounds = Rewarding(world.database, clock, free_text=free_text, keep_days=None)
    return Office(world, hands, rounds, clock, channel is Channel.SMS)


@pytest.fixture
def office(world: World, clock: Clock) -> Office:
    return office_of(world, clock, Channel.WECHAT, "o1")


def test_on_wechat_the_message_goes_out_and_the_time_to_claim_begins(office: Office) -> None:
    office.wrote()
    office.hands.up_to("approved")
    assert office.hands.claim().due_step == "notify"
    office.goes_on()
    (heard,) = office.heard()
    assert office.hands.claim().number in heard and "通知后60天内来领取" in heard
    assert "33" not in heard.replace(office.hands.claim().number, "")
    claim = office.hands.claim()
    assert (claim.state, claim.due_step) == (ClaimState.NOTIFIED, "claim")
    assert office.acts()[-1] == Act.NOTIFY
    assert office.outcomes() == [("approved", "sent")]
    office.goes_on()
    assert len(office.heard()) == 1 and office.acts().count("notify") == 1


def test_by_sms_neutral_and_without_an_amount(world: World, clock: Clock) -> None:
    office = office_of(world, clock, Channel.SMS, PHONE)
    office.hands.up_to("approved")
    office.goes_on()
    (heard,) = office.heard()
    assert "新进展" in heard
    assert not any(said in heard for said in ("元", "33", "奖励", office.hands.claim().number))
    assert office.hands.claim().state == ClaimState.NOTIFIED


def test_an_operators_template_tells_nothing_so_somebody_phones(world: World, clock: Clock) -> None:
    office = office_of(world, clock, Channel.SMS, PHONE, free_text=False)
    office.hands.up_to("approved")
    office.rounds.run()
    assert office.open_tasks() == [tasks.TELL]
    with office.hands.database.transaction() as session:
        message = session.scalars(select(Message).where(Message.direction == "out")).one()
        message.delivery, message.reason = "sent", "template"
    office.rounds.run()
    assert office.open_tasks() == [tasks.TELL] and office.hands.claim().state == ClaimState.APPROVED
    assert office.outcomes() == [("approved", "by_hand")]


def test_without_budget_it_waits_until_they_write(office: Office) -> None:
    office.wrote(left=0)
    office.hands.up_to("approved")
    office.goes_on()
    assert office.heard() == [] and office.hands.claim().state == ClaimState.APPROVED
    office.wrote()
    office.goes_on()
    assert len(office.heard()) == 1
    assert office.hands.claim().state == ClaimState.NOTIFIED


def test_while_it_waits_and_the_deadline_nears_staff_have_a_task(office: Office) -> None:
    office.hands.up_to("approved")
    office.goes_on()
    assert office.open_tasks() == []
    due = office.hands.claim().due_at  # five workdays: to the end of 9 March
    assert due == NOW.replace(day=9, hour=16)
    office.clock.now = datetime(2026, 3, 6, 9, 0, tzinfo=CHINA)  # a Friday, three days before
    office.goes_on()
    assert office.open_tasks() == [tasks.NOTIFY_DUE]
    office.clock.now = due
    office.goes_on()
    assert office.open_tasks() == [tasks.NOTIFY_DUE, tasks.OVERDUE]
    assert office.hands.claim().state == ClaimState.APPROVED  # the office's delay costs the reporter nothing
    with office.hands.database.transaction() as session:
        steps.notify(session, claims.lock(session, office.hands.claim_id), office.hands.officer, office.clock(), "电话")
    assert office.open_tasks() == []
    office.wrote()
    assert office.heard() == []  # a person has told them; what waited is not said again
    assert office.outcomes() == [("approved", "by_hand")]


def test_what_waits_is_not_said_when_it_is_no_longer_true(office: Office) -> None:
    office.hands.up_to("approved")
    office.goes_on()
    with office.hands.database.transaction() as session:
        made.act(session, office.hands, "revoke")
    office.wrote()
    office.goes_on()
    assert office.heard() == [] and office.outcomes() == [("approved", "overtaken")]


def test_who_left_or_is_unknown_is_told_by_staff(office: Office) -> None:
    with office.hands.database.transaction() as session:
        session.scalars(select(Contact)).one().unfollowed_at = NOW
    office.hands.up_to("approved")
    office.goes_on()
    assert office.open_tasks() == [tasks.TELL]
    with office.hands.database.transaction() as session:
        claim = claims.lock(session, office.hands.claim_id)
        (task,) = tasks.open_of(session, [claim.id])
        assert not tasks.done(session, claim, task.id, office.hands.officer, "已打电话", NOW), "a step says so"
        steps.notify(session, claim, office.hands.officer, NOW, "已打电话")
    assert office.open_tasks() == []


def test_what_wechat_refuses_is_told_by_staff(office: Office) -> None:
    office.wrote()
    requests.post(f"{office.world.url}/api/misbehave", json={"custom_send": {"errcode": 43004}}, timeout=10)
    office.hands.up_to("approved")
    office.goes_on()
    assert office.hands.claim().state == ClaimState.APPROVED
    assert office.open_tasks() == [tasks.TELL]


def test_while_a_person_holds_the_conversation_the_program_is_silent(office: Office) -> None:
    office.wrote()
    with office.hands.database.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        conversation.holder, conversation.staff_id = Holder.STAFF.value, office.hands.officer.id
    office.hands.up_to("approved")
    office.goes_on()
    assert office.heard() == []
    with office.hands.database.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        conversation.holder, conversation.staff_id = Holder.BOT.value, None
    office.goes_on()
    assert len(office.heard()) == 1


def test_reminded_once_and_lapsed_once_by_two_workers(office: Office, clock: Clock) -> None:
    office.wrote()
    office.hands.up_to("approved")
    office.goes_on()
    due = office.hands.claim().due_at
    assert due is not None
    clock.now = due - timedelta(days=12)
    office.goes_on()
    assert len(office.heard()) == 1
    clock.now = due - timedelta(days=2)
    office.wrote()
    fired_by_two(office)
    office.goes_on()
    last = (due - timedelta(seconds=1)).astimezone(CHINA)
    assert f"最迟{last.month}月{last.day}日" in office.heard()[1] and len(office.heard()) == 2
    assert office.open_tasks() == [tasks.CLAIM_DUE]
    clock.now = due - timedelta(seconds=9)
    office.wrote()
    office.goes_on()
    assert office.hands.claim().state == ClaimState.NOTIFIED
    clock.now = due
    fired_by_two(office)
    office.goes_on()
    assert office.hands.claim().state == ClaimState.LAPSED
    assert office.acts().count("lapse") == 1 and office.open_tasks() == [tasks.LAPSED]
    assert len(office.heard()) == 3 and "按放弃处理" in office.heard()[2]
    with office.hands.database.transaction() as session:
        assert ledger.balances(session)[Account.LAPSED] == 33 and ledger.verify(session) == []
        assert session.scalars(select(ClaimTimer).where(ClaimTimer.fired_at.is_(None))).all() == []


def fired_by_two(office: Office) -> None:
    """Two workers saw the same timers due."""
    database, now = office.hands.database, office.clock()
    with database.transaction() as session:
        seen = timers.due(session, now)
    assert seen

    def fire() -> None:
        for timer_id in seen:
            with database.transaction() as session:
                rounds.fire(session, timer_id, now)

    at_once(fire, fire)


def at_once(*runs: Callable[[], None]) -> None:
    threads = [threading.Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_more_time_moves_the_reminder_and_the_lapse(office: Office, clock: Clock) -> None:
    office.hands.up_to("notified")
    due = office.hands.claim().due_at
    assert due is not None
    clock.now = due - timedelta(days=1)
    office.goes_on()
    assert office.open_tasks() == [tasks.CLAIM_DUE]
    with office.hands.database.transaction() as session:
        claim = claims.lock(session, office.hands.claim_id)
        paying.extend(session, claim, due + timedelta(days=10), office.hands.approver, clock(), "住院")
    assert office.open_tasks() == []
    clock.now = due + timedelta(days=1)
    office.goes_on()
    assert office.hands.claim().state == ClaimState.NOTIFIED and office.open_tasks() == []
    clock.now = due + timedelta(days=9)
    office.goes_on()
    assert office.open_tasks() == [tasks.CLAIM_DUE]
    clock.now = due + timedelta(days=10)
    office.goes_on()
    assert office.hands.claim().state == ClaimState.LAPSED
    with office.hands.database.transaction() as session:
        (extended,) = [event for event in claims.history(session, office.hands.claim_id) if event.act == "extend"]
    last = (due + timedelta(days=9)).astimezone(CHINA).date()
    assert (extended.reference, extended.detail) == (f"延到{last}", "住院")


def test_finance_is_reminded_to_pay(office: Office, clock: Clock) -> None:
    office.hands.up_to("claimed")
    due = office.hands.claim().due_at
    assert due is not None and office.hands.claim().due_step == "pay_out"
    clock.now = due - timedelta(hours=30)
    office.goes_on()
    clock.now = due
    office.goes_on()
    assert office.open_tasks() == [tasks.PAY_DUE, tasks.OVERDUE]
    assert office.hands.claim().state == ClaimState.CLAIMED


def test_a_time_that_was_over_before_they_were_told_costs_them_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    sample = made.scheme()
    hurried = tuple(it.model_copy(update={"after": "verified", "number": 1}) for it in sample.deadlines[1:2])
    monkeypatch.setattr(made, "scheme", lambda: sample.model_copy(update={"deadlines": hurried}))
    office.hands.up_to("approved")
    clock.now = NOW + timedelta(days=30)
    office.wrote()
    office.goes_on()
    claim = office.hands.claim()
    assert (claim.state, claim.due_at) == (ClaimState.NOTIFIED, None)
    assert office.open_tasks() == [tasks.OVERDUE]


def test_payees_are_erased_when_the_setting_says_and_not_before(office: Office, clock: Clock) -> None:
    office.hands.pay(office.hands.up_to("claimed"))
    clock.now = NOW + timedelta(days=5000)
    office.goes_on()
    assert payee(office) == {"name": "某人"}
    keeping = Rewarding(office.hands.database, clock, free_text=True, keep_days=90)
    clock.now = NOW + timedelta(days=89)
    keeping.run()
    assert payee(office) == {"name": "某人"}
    clock.now = NOW + timedelta(days=90)
    with office.hands.database.transaction() as session:
        made.act(session, office.hands, "revoke")
    keeping.run()
    assert payee(office) == {"name": "某人"}  # somebody still has to find them
    with office.hands.database.transaction() as session:
        made.act(session, office.hands, "recover")
    at_once(keeping.run, keeping.run)
    assert not payee(office)
    with office.hands.database.transaction() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "payee_erased")).all()
        assert len(noted) == 1 and session.scalars(select(Payment.erased_at)).one() == clock()


def payee(office: Office) -> object:
    with office.hands.database.transaction() as session:
        return session.scalars(select(Payment)).one().payee


class Workers:
    """Real worker processes on the test's database, with the sandbox as WeChat."""

    def __init__(self, settings: Settings, database: Database, redis_url: str, world: World) -> None:
        self._env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOTLINE_DATABASE_URL": database.url,
            "HOTLINE_REDIS_URL": redis_url,
            "HOTLINE_DATA_DIR": str(settings.data_dir),
            "HOTLINE_DATA_KEY": settings.data_key,
            "HOTLINE_WECHAT_API_BASE": f"{world.url}/wechat-api",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        log = subprocess.DEVNULL
        command = [sys.executable, "-m", "bot", "worker"]
        self.running.append(subprocess.Popen(command, env=self._env, cwd=ROOT, stdout=log, stderr=log))
        return self.running[-1]

    def end(self) -> None:
        for worker in self.running:
            worker.kill()
            worker.wait()


@pytest.fixture
def workers(settings: Settings, database: Database, redis_url: str, world: World) -> Iterator[Workers]:
    made_here = Workers(settings, database, redis_url, world)
    yield made_here
    made_here.end()


@contextmanager
def held(database: Database, claim_id: object) -> Iterator[None]:
    """The claim's row is held, so that whoever tells of it waits."""
    with database.transaction() as session:
        session.execute(text("SELECT id FROM claims WHERE id = :id FOR UPDATE"), {"id": claim_id})
        yield


def waiting_for_the_claim(database: Database) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM claims%'"
    with database.transaction() as session:
        return bool(session.scalar(text(query)))


def test_a_worker_killed_between_approving_and_telling(
    office: Office, workers: Workers, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Given an approved claim and a worker about to tell, when it is killed and two others come, then the reporter
    hears of it once and the claim is notified once."""
    monkeypatch.setattr(made, "NOW", utc_now())
    clock.now = utc_now()
    office.wrote()
    office.hands.up_to("approved")
    database, claim_id = office.hands.database, office.hands.claim_id
    with held(database, claim_id):
        first = workers.start()
        assert until(lambda: waiting_for_the_claim(database), 60)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        assert until(lambda: not waiting_for_the_claim(database), 20)
        assert office.heard() == []
    for _ in range(2):
        workers.start()
    assert until(lambda: office.hands.claim().state == ClaimState.NOTIFIED, 60)
    assert len([text for text in office.heard() if text.startswith("奖励")]) == 1  # of the tip they hear as well
    assert office.acts().count("notify") == 1
    assert office.outcomes() == [("approved", notices.SENT)]
    with database.transaction() as session:
        out = session.scalars(select(Message).where(Message.direction == "out")).all()
        assert len([message for message in out if message.text.startswith("奖励")]) == 1
        assert session.scalars(select(ClaimTask)).all() == []
