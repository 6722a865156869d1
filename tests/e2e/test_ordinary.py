"""Everything else people come with: questions, greetings, the menu, a person."""

from __future__ import annotations

import pytest

from handlers.words import general, tip
from tests.e2e.records import Records
from tests.e2e.residents import Phone, Sandbox, Sms


def _resident(sandbox: Sandbox, channel: str) -> Phone:
    return sandbox.sms() if channel == "sms" else sandbox.wechat()


CHANNELS = pytest.mark.parametrize("channel", ["wechat", "sms"])


@CHANNELS
def test_a_question_is_answered_from_what_is_known(channel: str, sandbox: Sandbox, records: Records) -> None:
    """Given a resident, when they ask about a kind of fraud, then they get its answer, decided by the model."""
    resident = _resident(sandbox, channel)

    answer = resident.says("刷单是不是诈骗")  # type: ignore[attr-defined]

    assert "刷单" in answer and "诈骗" in answer
    question = records.messages(resident, "in")[0]
    assert question["intent"] in ("consult", "check_suspicious")
    assert question["decided_by"] == "model"


@CHANNELS
def test_each_ordinary_word_has_its_answer(channel: str, sandbox: Sandbox) -> None:
    """Given a resident with nothing open, when they greet, thank, drop or leave, then they hear the fitting words."""
    resident = _resident(sandbox, channel)
    expected = {
        "你好": general.GREETING.split("{")[0],
        "谢谢": general.THANKS,
        "算了": general.NOTHING_TO_CANCEL,
        "退订": general.UNSUBSCRIBED,
    }
    for said, answer in expected.items():
        assert answer in resident.says(said), said  # type: ignore[attr-defined]


def test_what_has_nothing_to_do_with_fraud_is_said_to_be_so(sandbox: Sandbox) -> None:
    """Given a resident, when they ask for the weather, then they hear what this line is for."""
    assert "这里只管防诈骗的事" in sandbox.wechat().says("明天下雨吗")


def test_a_suspicious_thing_is_never_called_safe(sandbox: Sandbox) -> None:
    """Given a link nobody reported, when somebody asks, then the answer says what to do and never that it is safe."""
    answer = sandbox.wechat().says("收到短信说我的ETC停用了,让点 http://etc-0000.example 是真的吗")

    assert general.NOT_REPORTED.format(what="网址") in answer
    assert not any(word in answer for word in ("是安全的", "可以放心", "不是诈骗"))


def test_by_sms_no_amount_of_a_reward_is_told(sandbox: Sandbox) -> None:
    """Given a reward scheme, when its rules are asked for, then WeChat tells them and SMS does not."""
    rules = sandbox.wechat().says("举报有奖吗")
    short = sandbox.sms().says("举报有奖吗")

    assert "元" in rules and general.HOW_TO_CLAIM in rules
    assert short.endswith(general.HOW_TO_CLAIM_SMS) and "元" not in short


@CHANNELS
def test_who_wants_a_person_is_put_on_the_waiting_list(channel: str, sandbox: Sandbox, records: Records) -> None:
    """Given a resident, when they ask for a person, then their conversation waits and they are told so."""
    resident = _resident(sandbox, channel)

    answer = resident.says("人工")  # type: ignore[attr-defined]

    assert "已转工作人员" in answer and general.EMERGENCY in answer
    conversation = records.conversation(resident)
    assert (conversation["holder"], conversation["waiting_reason"]) == ("waiting", "handover")
    assert "已经在等工作人员了" in resident.says("找人工客服")  # type: ignore[attr-defined]


def test_the_menu_and_a_follow_are_answered_as_if_written(sandbox: Sandbox, records: Records) -> None:
    """Given a new follower, when they press the buttons of the menu, then each starts its matter."""
    resident = sandbox.wechat()

    assert resident.follows() == general.FOLLOWED.format(name="反诈专线")
    assert tip.ASK_STORY in resident.clicks("举报")
    assert resident.clicks("咨询") == general.ASK_QUESTION
    assert general.HOW_TO_CLAIM in resident.clicks("领奖")
    assert "已转工作人员" in resident.clicks("人工")
    assert records.conversation(resident)["holder"] == "waiting"


def test_who_unfollows_gets_nothing_more_and_is_greeted_on_coming_back(sandbox: Sandbox) -> None:
    """Given a follower, when they leave and come back, then they are greeted anew."""
    resident = sandbox.wechat()
    resident.follows()
    before = len(resident.heard())

    resident.send(kind="event", event="unsubscribe")

    assert len(resident.heard()) == before
    assert resident.follows() == general.FOLLOWED.format(name="反诈专线")


def test_a_long_answer_reaches_a_plain_phone_in_the_operators_parts(sandbox: Sandbox) -> None:
    """Given SMS, when an answer is longer than one text, then it arrives as one message of several parts."""
    resident = sandbox.sms()
    resident.says("你好")

    (text,) = resident.texts("mt")

    assert text["units"] > 70 and text["parts"] >= 2
    assert isinstance(resident, Sms)
