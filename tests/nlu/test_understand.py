"""The net, the model and the code for entities decide together; a loss is never talked down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.client import NluUnavailable, Parsed
from nlu.fraud_types import fraud_type
from nlu.types import Intent
from nlu.understand import LONGEST_FOR_MODEL, Understander

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


class Opinion:
    """A model with one opinion; None: no model."""

    def __init__(self, *ranking: tuple[Intent, float]) -> None:
        self.ranking = ranking
        self.asked: list[str] = []

    def parse(self, text: str) -> Parsed:
        self.asked.append(text)
        if not self.ranking:
            raise NluUnavailable("refused")
        return Parsed(self.ranking, "m1")


SURE_GREETING = ((Intent.GREET, 0.99), (Intent.URGENT_LOSS, 0.0))


def test_a_strong_rule_wins_over_a_confident_model() -> None:
    found = Understander(Opinion(*SURE_GREETING)).understand("我刚被骗子骗了两万块", NOW)
    assert (found.intent, found.source, found.urgent) == (Intent.URGENT_LOSS, "rules", True)
    assert [entity.value for entity in found.of("amount")] == ["20000"]


@pytest.mark.parametrize(
    "text", ["17000000118", "+86 170 0000 0118?", "loan-000.example/a", "17000000118 http://a-000.example"]
)
def test_a_number_or_a_link_alone_asks_about_itself(text: str) -> None:
    opinion = Opinion(*SURE_GREETING)
    found = Understander(opinion).understand(text, NOW)
    assert (found.intent, found.source, opinion.asked) == (Intent.CHECK_SUSPICIOUS, "rules", [])


@pytest.mark.parametrize("text", ["我的号码17000000118", "300", "17000000118 你好"])
def test_a_number_with_a_word_is_for_the_model(text: str) -> None:
    assert Understander(Opinion(*SURE_GREETING)).understand(text, NOW).intent is Intent.GREET


def test_the_model_decides_where_the_rules_are_silent() -> None:
    found = Understander(Opinion(*SURE_GREETING)).understand("你好呀", NOW)
    assert (found.intent, found.source, found.urgent, found.model) == (Intent.GREET, "model", False, "m1")


def test_a_loss_the_model_gives_weight_to_is_urgent() -> None:
    opinion = Opinion((Intent.URGENT_LOSS, 0.7), (Intent.SEEK_HELP, 0.2))
    assert Understander(opinion).understand("那件事", NOW).intent is Intent.URGENT_LOSS


def test_a_loss_needs_no_half_of_the_whole_where_every_rival_is_smaller() -> None:
    opinion = Opinion((Intent.URGENT_LOSS, 0.45), (Intent.SEEK_HELP, 0.15), (Intent.CONSULT, 0.15))
    assert Understander(opinion).understand("那件事", NOW).intent is Intent.URGENT_LOSS
    rival = Opinion((Intent.SEEK_HELP, 0.48), (Intent.URGENT_LOSS, 0.46))
    assert Understander(rival).understand("那件事", NOW).intent is Intent.SEEK_HELP


def test_too_little_for_an_alarm_asks_back() -> None:
    opinion = Opinion((Intent.URGENT_LOSS, 0.22), (Intent.SEEK_HELP, 0.2))
    found = Understander(opinion).understand("那件事", NOW)
    assert (found.intent, found.confident, found.alternatives[0][0]) == (Intent.SEEK_HELP, False, Intent.URGENT_LOSS)


def test_a_weak_rule_and_a_hint_of_the_model_are_enough() -> None:
    opinion = Opinion((Intent.CONSULT, 0.6), (Intent.URGENT_LOSS, 0.3))
    assert Understander(opinion).understand("我是不是被骗了", NOW).intent is Intent.URGENT_LOSS


def test_money_missed_in_a_dispute_is_asked_about_unless_the_model_is_sure() -> None:
    told = "跟朋友合伙开店 投了九万 现在怎样才能要回来"
    likely = Understander(Opinion((Intent.URGENT_LOSS, 0.8), (Intent.OUT_OF_SCOPE, 0.1)))
    doubtful = likely.understand(told, NOW)
    assert (doubtful.intent, doubtful.confident) == (Intent.OUT_OF_SCOPE, False)
    assert doubtful.alternatives[0][0] is Intent.URGENT_LOSS
    sure = Opinion((Intent.URGENT_LOSS, 0.97), (Intent.OUT_OF_SCOPE, 0.01))
    assert Understander(sure).understand(told, NOW).intent is Intent.URGENT_LOSS
    assert likely.understand(told + " 他骗了我", NOW).intent is Intent.URGENT_LOSS


def test_an_unsure_model_asks_back() -> None:
    opinion = Opinion((Intent.CONSULT, 0.2), (Intent.SEEK_HELP, 0.18))
    found = Understander(opinion).understand("那个事情", NOW)
    assert not found.confident and found.alternatives[1] == (Intent.SEEK_HELP, 0.18)


@pytest.mark.parametrize("text", ["TD", "t", " 退订 ", "00000", "R", "td。"])
def test_the_exact_words_to_stop_sending_need_no_model(text: str) -> None:
    model = Opinion(*SURE_GREETING)
    assert Understander(model).understand(text, NOW).intent is Intent.UNSUBSCRIBE
    assert model.asked == []


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我被骗了三万,钱刚转走", Intent.URGENT_LOSS),
        ("转人工", Intent.HANDOVER),
        ("举报有奖吗", Intent.CLAIM_REWARD),
        ("我上次举报的那个查了没", Intent.CHECK_PROGRESS),
        ("我要举报一个网址", Intent.REPORT_TIP),
        ("公安局打电话说我犯法了,真的吗", Intent.CHECK_SUSPICIOUS),
        ("96110是什么电话", Intent.CONSULT),
        ("取消", Intent.CANCEL),
        ("是的", Intent.AFFIRM),
        ("不是", Intent.DENY),
        ("谢谢", Intent.THANK_BYE),
        ("你好", Intent.GREET),
        ("今天吃什么", Intent.OUT_OF_SCOPE),
    ],
)
def test_without_a_model_a_few_words_decide(text: str, intent: Intent) -> None:
    found = Understander(Opinion()).understand(text, NOW)
    assert (found.intent, found.degraded, found.source) == (intent, found.source == "rules" and found.degraded, "rules")


def test_without_a_model_it_is_said() -> None:
    assert Understander(Opinion()).understand("你好", NOW).degraded


def test_a_long_text_reaches_the_model_shortened_and_the_rules_whole() -> None:
    model = Opinion(*SURE_GREETING)
    filler = "今天天气不错。" * 700
    assert Understander(model).understand(filler, NOW).intent is Intent.GREET
    assert len(model.asked[0]) == LONGEST_FOR_MODEL
    assert Understander(model).understand(filler + "我被骗了五千元。" + filler, NOW).urgent


def test_about_to_pay_is_urgent_and_marked() -> None:
    found = Understander(Opinion()).understand("我妈正在银行给骗子汇款,拦不住", NOW)
    assert (found.intent, found.about_to_pay) == (Intent.URGENT_LOSS, True)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_nothing_raises(text: str) -> None:
    Understander(Opinion()).understand(text, NOW)


# A rule that backtracks takes minutes on one of these; a sound one milliseconds.
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    ["1", "1o", "被", "我转了", "举报", "了", "【", "充一万", " 骗", "对方:", "a.", "投", "部队", "您账户", "合伙"],
)
def test_a_monotonous_text_is_no_trap(piece: str) -> None:
    Understander(Opinion()).understand(piece * (16_000 // len(piece)), NOW)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("做任务刷单返佣金,垫付了三单不给提现", "brush_rebate"),
        ("导师带我在平台炒股,现在提现不了", "fake_invest"),
        ("淘宝客服说快递丢了要给我理赔", "fake_service_agent"),
        ("贷款要先交保证金刷流水", "fake_loan"),
        ("说我学生时候注册的校园贷账户要注销,不然影响征信", "fake_credit"),
        ("公安说我涉嫌洗钱,让我把钱转到安全账户", "impersonate_authority"),
        ("领导加我微信让我转一笔款", "impersonate_boss_friend"),
        ("卖游戏号,平台说我账户冻结要交钱", "game_trade"),
        ("裸聊被敲诈", "cyber_black"),
        ("航班取消改签赔三百", "flight_change"),
        ("部队要订五十箱罐头让我代买", "military_purchase"),
        ("网上买手机付了钱不发货", "fake_shopping"),
        ("网恋对象没见过面就要路费", "romance"),
        ("今天下雨", "other"),
    ],
)
def test_kind_of_fraud(text: str, code: str) -> None:
    assert fraud_type(text) == code
