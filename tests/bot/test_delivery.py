"""Sending, with the sandbox as WeChat and as the operator: budgets, errors, doubt, order, sweeping."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import select, update

from bot.settle import Settler
from bot.sweep import Sweep
from conversations import contacts, messages
from conversations.inbound import Channel, Reply
from conversations.models import Contact, Conversation, Message, Staff
from handlers.words import general, urgent
from storage.settings import Settings
from tests.bot.world import World
from tests.handlers.conftest import Clock
from tips import codes


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))  # the sandbox's clock is real


def test_in_order_and_once(world: World) -> None:
    contact = world.say("o1", "一", "二", "三")
    world.courier.drain(contact)
    world.courier.drain(contact)
    assert world.chat("o1") == ["一", "二", "三"]
    assert world.states() == ["sent"] * 3


def test_two_workers_at_once_send_once(world: World) -> None:
    contact = world.say("o1", "一", "二", "三")
    workers = [threading.Thread(target=world.courier.drain, args=(contact,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    world.courier.drain(contact)
    assert world.chat("o1") == ["一", "二", "三"]


def test_the_last_of_the_budget_is_for_staff_and_the_rest_waits(world: World) -> None:
    contact = world.say("o1", *"一二三四五六")
    for _ in range(6):
        world.courier.drain(contact)
    assert world.chat("o1") == list("一二三四")
    assert world.states() == ["sent"] * 4 + ["held"] * 2
    with world.database.transaction() as session:
        row = contacts.lock_by_id(session, contact)
        row.reply_left = 5
        messages.release_held(session, row, world.clock())
    requests.post(f"{world.url}/api/wechat/o1/send", json={"kind": "text", "text": "在吗"}, timeout=60)
    world.clock.pass_(seconds=2)
    world.courier.drain(contact)
    assert world.chat("o1") == list("一二三四五六")


def test_word_of_a_state_leaves_the_last_of_the_budget_to_the_question_of_a_loss(world: World) -> None:
    contact = world.say("o1")
    with world.database.transaction() as session:
        officer = Staff(login="w", name="王", password_hash="x", roles="officer", created_at=world.clock())
        session.add(officer)
        conversation = contacts.open_conversation(session, session.get_one(Contact, contact), world.clock())
        for number in range(5):
            messages.say_for_staff(
                session, conversation, f"单子{number}", f"{messages.NOTICE}{number}", officer.id, world.clock()
            )
    for _ in range(6):
        world.courier.drain(contact)
    assert world.states() == ["sent"] * 4 + ["held"]
    with world.database.transaction() as session:
        row = contacts.lock_by_id(session, contact)
        messages.say(session, session.get_one(Conversation, conversation.id), [Reply("问", urgent=True)], world.clock())
        assert row.reply_left == 1
    world.courier.drain(contact)
    assert world.chat("o1")[-1] == "问"


@pytest.mark.parametrize("code", [45015, 45047])
def test_when_the_platform_says_the_window_is_over_it_waits(world: World, code: int) -> None:
    world.post("/api/misbehave", {"custom_send": {"errcode": code, "times": 1}})
    contact = world.say("o1", "一")
    world.courier.drain(contact)
    assert world.states() == ["held"]
    with world.database.transaction() as session:
        assert session.get_one(Contact, contact).reply_left == 0


@pytest.mark.parametrize(("code", "state"), [(-1, "queued"), (45011, "queued"), (40003, "failed"), (48002, "failed")])
def test_errors_that_pass_and_errors_that_stay(world: World, code: int, state: str) -> None:
    world.post("/api/misbehave", {"custom_send": {"errcode": code, "times": 1}})
    contact = world.say("o1", "一")
    world.courier.drain(contact)
    assert world.states() == [state]
    world.clock.pass_(seconds=90)
    world.courier.drain(contact)
    assert world.chat("o1") == (["一"] if state == "queued" else [])


def test_unknown_fate_is_shown_to_staff_and_not_repeated(world: World) -> None:
    world.post("/api/misbehave", {"custom_send": {"drop": True, "times": 1}})
    contact = world.say("o1", "一")
    world.courier.drain(contact)
    world.clock.pass_(minutes=5)
    world.courier.drain(contact)
    assert world.chat("o1") == ["一"]
    assert world.states() == ["unknown"]


def test_unknown_fate_on_the_urgent_path_is_sent_once_more(world: World) -> None:
    world.post("/api/misbehave", {"custom_send": {"drop": True, "deliver": False, "times": 1}})
    contact = world.say("o1", "先别再转钱", urgent=True)
    world.courier.drain(contact)
    world.clock.pass_(minutes=1)
    world.courier.drain(contact)
    assert world.chat("o1") == ["先别再转钱"]
    assert world.states() == ["sent"]


def test_by_sms_a_repeat_with_our_id_arrives_once(world: World) -> None:
    world.post("/api/misbehave", {"sms_send": {"drop": True, "times": 1}})
    contact = world.say("+8617000000001", "一", channel=Channel.SMS)
    world.courier.drain(contact)
    world.clock.pass_(minutes=1)
    world.courier.drain(contact)
    assert world.phone("+8617000000001") == ["一"]
    assert world.states() == ["sent"]


def test_a_worker_that_died_while_sending(world: World) -> None:
    contact = world.say("o1", "一", "二")
    with world.database.transaction() as session:
        first = session.scalars(select(Message).order_by(Message.position)).first()
        assert first is not None
        first.delivery, first.attempts, first.attempted_at = "sending", 1, world.clock()
    world.courier.drain(contact)
    assert world.chat("o1") == []  # the other worker may still be at it
    world.clock.pass_(seconds=30)
    Sweep(world.database, world.clock).run()
    world.courier.drain(contact)
    assert world.chat("o1") == ["二"]
    assert world.states() == ["unknown", "sent"]


def test_an_unfollowed_resident_is_not_written_to(world: World) -> None:
    contact = world.say("o1", "一")
    with world.database.transaction() as session:
        session.get_one(Contact, contact).unfollowed_at = world.clock()
    world.courier.drain(contact)
    assert (world.chat("o1"), world.states()) == ([], ["failed"])


def test_a_long_text_goes_in_pieces(world: World) -> None:
    contact = world.say("o1", "很长的一句话。" * 150)
    world.courier.drain(contact)
    assert len(world.chat("o1")) == 2
    assert "".join(world.chat("o1")) == "很长的一句话。" * 150


def test_a_passive_reply_nobody_confirmed_is_sent_by_the_worker(world: World) -> None:
    contact = world.say("o1", "一")
    with world.database.transaction() as session:
        session.execute(update(Message).values(delivery="passive", passive=True))
    Sweep(world.database, world.clock).run()
    assert world.states() == ["passive"]
    world.clock.pass_(seconds=30)
    Sweep(world.database, world.clock).run()
    world.courier.drain(contact)
    assert world.chat("o1") == ["一"]


def test_a_query_code_is_wiped_after_it_was_sent(world: World) -> None:
    code = codes.new_code()
    contact = world.say("o1", f"查询码{code}")
    with world.database.transaction() as session:
        session.execute(update(Message).values(kind="secret"))
    world.courier.drain(contact)
    Sweep(world.database, world.clock).run()
    assert code in _only_text(world)
    world.clock.pass_(minutes=11)
    Sweep(world.database, world.clock).run()
    assert code not in _only_text(world)


def _only_text(world: World) -> str:
    with world.database.transaction() as session:
        return session.scalars(select(Message)).one().text


@pytest.mark.parametrize("meanwhile", ["", "公安机关反馈：单号ZF100001已经受理。"])
def test_a_burst_is_settled_once_it_is_quiet(world: World, settings: Settings, meanwhile: str) -> None:
    from bot import parts
    from bot.intake import Intake
    from nlu.client import NluClient
    from nlu.understand import Understander
    from tests.handlers.conftest import Resident

    intake = Intake(world.database, Understander(NluClient((), "")), parts.services(settings), world.clock)
    person = Resident(intake, world.database, world.clock, "o2", Channel.WECHAT)
    person.says("我被骗了")
    person.says("等一下", after=1)
    with world.database.transaction() as session:
        conversation = session.scalars(select(Message.conversation_id)).first()
        assert conversation is not None
        if meanwhile:  # word of the card's state is no answer
            messages.say(session, session.get_one(Conversation, conversation), [Reply(meanwhile)], world.clock())
            session.flush()
        before = len(list(session.scalars(select(Message.id))))
    settler = Settler(world.database, world.clock)
    settler.settle(conversation)
    world.clock.pass_(seconds=10)
    settler.settle(conversation)
    settler.settle(conversation)
    with world.database.transaction() as session:
        texts = [row.text for row in session.scalars(select(Message).order_by(Message.position))]
    assert len(texts) == before + 1
    assert texts[-1] in (urgent.AGAIN_CALLBACK, urgent.ASK_CALLBACK)
    assert general.BROKEN not in texts
