"""Processes that die: the model, Redis, the worker, the database. Nothing is lost and nothing comes twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import redis

from handlers.words import general, tip, urgent
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Wechat
from tests.e2e.stack import Stack, until


@pytest.fixture(autouse=True)
def _whole(hotline: Stack) -> Iterator[None]:
    """Whatever a test ended works again before the next begins."""
    yield
    for name in ("postgres", "redis", "nlu", "worker", "intake"):
        hotline.wait_until_it_works(name)


def _decided_by(records: Records, resident: Wechat) -> list[str]:
    return [message["decided_by"] for message in records.messages(resident, "in")]


def test_without_the_model_a_loss_is_recognised_and_everybody_is_answered(
    sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given traffic, when the model is killed in the middle of it, then every message is answered, losses open their
    cards by rules alone; when the model is back it decides again."""
    residents = [sandbox.wechat() for _ in range(6)]
    victim = sandbox.wechat()

    with hotline.killed("nlu"):
        with ThreadPoolExecutor(len(residents)) as pool:
            answers = list(pool.map(lambda one: one.says(f"贷款要先交保证金,{one.sender[-6:]},对不对"), residents))
        assert victim.says("我被骗了,刚转了三万块过去") == urgent.ADVICE

    assert all(answers), answers
    assert {by for resident in residents for by in _decided_by(records, resident)} <= {"rules", "model"}
    assert _decided_by(records, victim) == ["rules"]
    assert records.card(victim)["amount"] == 30000
    late = sandbox.wechat()

    def model_decides() -> bool:
        late.says(f"网上兼职垫钱做任务,{len(late.heard())},靠不靠谱")
        return _decided_by(records, late)[-1] == "model"

    until(model_decides, "the model's next decision", every=1)


def test_a_flushed_redis_costs_no_record_and_no_repetition(sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given conversations half way, when Redis is emptied between every two messages, then they go on, nothing is
    lost and nothing is said twice."""
    with redis.Redis.from_url(hotline.run.embedded["redis"]) as client:
        resident, plain = sandbox.wechat(), sandbox.sms()
        for said, answer in (
            ("我要举报", tip.ASK_STORY),
            ("村口有人收银行卡,一张五百块", tip.ASK_SUBJECT),
            ("没有", tip.ASK_PLACE),
        ):
            client.flushall()
            assert answer in resident.says(said)
            client.flushall()
            assert answer in plain.says(said)
        client.flushall()
        victim = sandbox.wechat()
        victim.says("我刚才被骗了,转了两万块给对方")
        client.flushall()
        victim.wait(urgent.ASK_CALLBACK)

    assert len(records.messages(resident, "in")) == 3
    for phone in (resident, plain, victim):
        assert len(set(phone.heard())) == len(phone.heard()), phone.heard()


def test_while_redis_does_not_answer_conversations_do(sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given Redis standing still, when residents write on both channels, then they are answered."""
    victim, plain = sandbox.wechat(), sandbox.sms()
    with hotline.stopped("redis"):
        assert victim.says("我刚才被骗了,转了两万块给对方") == urgent.ADVICE
        victim.wait(urgent.ASK_CALLBACK)
        assert general.GREETING.split("{")[0] in plain.says("你好")
    assert records.card(victim)["state"] == "new"
    assert victim.says("17000000001")


def test_an_answer_waits_for_a_worker_that_is_away(sandbox: Sandbox, hotline: Stack) -> None:
    """Given a dead worker, when a text comes and a loss is told, then the answers arrive once it is back."""
    plain, victim = sandbox.sms(), sandbox.wechat()
    with hotline.killed("worker"):
        assert plain.send("你好")["texts"][0]["accepted"]
        assert victim.says("我刚才被骗了,转了两万块给对方") == urgent.ADVICE

    plain.wait(general.GREETING.split("{")[0])
    victim.wait(urgent.ASK_CALLBACK)
    assert len(plain.heard()) == 1
    assert len(victim.heard()) == 2


def _unanswered_tip(resident: Wechat) -> None:
    """Two bubbles in a breath: the question to the second comes later, by the worker."""
    resident.says("我要举报")
    resident.says("我要举报")


def test_a_worker_killed_while_sending_sends_nothing_twice(sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given messages on their way on both channels, when the worker is killed before it hears that they arrived, then
    each arrives once; what WeChat may or may not have is shown to staff as unknown."""
    sandbox.misbehave(custom_send={"delay": 60, "times": 1}, sms_send={"delay": 60, "receipt": "none", "times": 1})
    resident, plain = sandbox.wechat(), sandbox.sms()
    _unanswered_tip(resident)
    plain.send("你好")
    until(lambda: resident.bubbles("custom") and plain.heard(), "both messages")
    assert records.deliveries(resident)[-1] == records.deliveries(plain)[-1] == "sending"

    with hotline.killed("worker"):
        pass

    records.wait_for_deliveries(resident, lambda fates: fates[-1] == "unknown")
    records.wait_for_deliveries(plain, lambda fates: fates[-1] in ("sent", "delivered"))
    assert len(resident.bubbles("custom")) == 1
    (text,) = plain.texts("mt")
    assert text["requests"] == 2, "sent again with the same id, which the operator drops"
    assert resident.says("村口有人收银行卡,一张五百块"), "the conversation goes on"


def test_a_question_about_a_loss_is_rather_repeated_than_lost(
    sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given the first question about a loss on its way, when the worker is killed, then the question is there, at most
    twice: on the urgent path a question that never comes is worse."""
    sandbox.misbehave(custom_send={"delay": 60, "times": 1})
    victim = sandbox.wechat()
    victim.says("我刚才被骗了,转了两万块给对方")
    victim.wait(urgent.ASK_CALLBACK)

    with hotline.killed("worker"):
        pass

    records.wait_for_deliveries(victim, lambda fates: fates == ["sent", "sent"])
    assert 1 <= victim.heard().count(urgent.ASK_CALLBACK) <= 2
    assert len(victim.heard()) <= 3


def test_a_passive_reply_nobody_confirmed_comes_as_a_message_once(sandbox: Sandbox, records: Records) -> None:
    """Given a reply that may never have reached WeChat (its process died), when half a minute has passed, then it comes
    as a customer-service message, once."""
    resident = sandbox.wechat()
    said = resident.says("你好")
    records.wait_for_deliveries(resident, lambda fates: fates == ["sent"])

    records.ask(
        "UPDATE messages SET delivery = 'passive', created_at = created_at - interval '30 seconds' "
        "WHERE conversation_id = %s AND direction = 'out'",
        records.id_of(resident),
    )

    records.wait_for_deliveries(resident, lambda fates: fates == ["sent"])
    assert [bubble["text"] for bubble in resident.bubbles("custom")] == [said]


@contextmanager
def _database_away(hotline: Stack) -> Iterator[None]:
    """PostgreSQL killed, and the supervisor held still, so that it stays away for as long as the test likes."""
    before = hotline.restarts("postgres")
    os.kill(hotline.process.pid, signal.SIGSTOP)
    try:
        hotline.kill("postgres")
        yield
    finally:
        os.kill(hotline.process.pid, signal.SIGCONT)
    until(lambda: hotline.restarts("postgres") > before, "the restart of PostgreSQL")
    hotline.wait_until_it_works("postgres")


def test_what_comes_while_the_database_is_away_is_kept_and_answered(
    sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given a killed PostgreSQL, when losses are told on both channels, then WeChat is answered with fixed words, SMS
    is acknowledged, both lie encrypted on disk; when it is back both have their card and their questions."""
    victim, plain, before = sandbox.wechat(), sandbox.sms(), sandbox.wechat()
    before.says("我要举报")
    told = "我刚才被骗了,转了两万块给对方"
    with _database_away(hotline):
        assert victim.says(told) == urgent.ADVICE_UNSTORED
        assert plain.send(told)["texts"][0]["accepted"]
        kept = list((hotline.data_dir / "spool").glob("*.sealed"))
        assert len(kept) == 2
        assert not any(told.encode() in path.read_bytes() for path in kept)

    for phone in (victim, plain):
        until(lambda phone=phone: records.of("stops", phone), f"the card of {phone.sender}")  # type: ignore[misc]
        assert records.card(phone)["amount"] == 20000
        phone.wait(urgent.ADVICE)
        assert len(records.messages(phone, "in")) == 1
    victim.wait(urgent.ASK_CALLBACK)
    plain.wait("能接通吗")
    assert [text for text in victim.heard() if text == urgent.ADVICE] == [urgent.ADVICE]
    assert plain.heard().count(urgent.ADVICE) == 1
    until(lambda: not list((hotline.data_dir / "spool").glob("*.sealed")), "an empty spool")
    assert tip.ASK_SUBJECT in before.says("村口有人收银行卡,一张五百块"), "what was begun before goes on"


def test_an_intake_killed_in_mid_traffic_loses_nothing_it_acknowledged(
    sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given residents who write at once, when the intake is killed, then whoever was answered is stored once, and who
    was not is delivered again by WeChat."""
    residents = [sandbox.wechat() for _ in range(8)]
    with hotline.killed("intake"), ThreadPoolExecutor(len(residents)) as pool:
        exchanges = list(pool.map(lambda one: one.send(text="我刚才被骗了,转了两万块给对方"), residents))

    for resident, exchange in zip(residents, exchanges, strict=True):
        if exchange["outage"]:
            resident.send(text="我刚才被骗了,转了两万块给对方")  # the first may be stored, and its answer lost
        resident.wait(urgent.ADVICE)
        assert len(records.of("stops", resident)) == 1
