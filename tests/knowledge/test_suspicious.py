"""Which fraud a call, message or link resembles, and what is said about it."""

from __future__ import annotations

import json
import re

import pytest

from knowledge.lookup import Knowledge
from knowledge.rules import SMS_NUMBERS, faults
from knowledge.sources import FraudType
from knowledge.suspicious import advice, resembles
from tests.knowledge.data import shared_file, shared_texts

TYPES = Knowledge.load().fraud_types


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("公安局打电话说我涉嫌洗钱，真的吗", "impersonate_authority"),
        ("让我把钱转到安全账户", "impersonate_authority"),
        ("说我征信有问题，不处理会影响征信", "fake_credit"),
        ("客服说要帮我注销校园贷", "fake_credit"),
        ("淘宝客服打来说要给我退款", "fake_service_agent"),
        ("微信百万保障要扣钱", "fake_service_agent"),
        ("您预订的航班因故障取消，请联系改签", "flight_change"),
        ("贷款要先交解冻费", "fake_loan"),
        ("群里喊我刷单", "brush_rebate"),
        ("点赞一个给五元佣金", "brush_rebate"),
        ("自称部队的要订货还让我垫钱", "military_purchase"),
        ("卖游戏账号要交保证金才能提现", "game_trade"),
        ("裸聊被录了要钱", "cyber_black"),
        ("网恋对象带我投资", "romance"),
        ("老师带我炒股稳赚", "fake_invest"),
        ("领导微信加我让我转账", "impersonate_boss_friend"),
        ("闲鱼卖家让我加微信转账", "fake_shopping"),
        ("帮我看看这个号码", None),
        ("今天天气怎么样", None),
        ("", None),
    ],
)
def test_the_story_points_to_a_fraud(text: str, code: str | None) -> None:
    fraud = resembles(text)
    assert (fraud.code if fraud else None) == code


@pytest.mark.parametrize(
    ("given", "expected"),
    [("romance", "romance"), ("other", "brush_rebate"), ("", "brush_rebate"), ("unheard_of", "brush_rebate")],
)
def test_what_understanding_said_comes_first(given: str, expected: str) -> None:
    fraud = resembles("群里喊我刷单", given)
    assert fraud is not None and fraud.code == expected


@pytest.mark.parametrize("fraud", [*TYPES, None], ids=lambda fraud: fraud.code if fraud else "none")
@pytest.mark.parametrize("reported", [True, False])
def test_the_advice_ends_with_what_to_do_and_never_calms(fraud: FraudType | None, reported: bool) -> None:
    text = advice(fraud, reported=reported)
    assert faults(text, SMS_NUMBERS) == []
    assert "现在就打110" in text
    assert re.search(r"没转的，请[^。]+。$", text)
    assert ("举报" in text.split("。")[0]) == reported
    assert "{" not in text and "。。" not in text
    assert len(text) <= 150


def test_the_advice_names_the_fraud_and_its_step() -> None:
    fraud = resembles("群里喊我刷单")
    assert fraud is not None
    assert fraud.name in advice(fraud) and fraud.do in advice(fraud)


@pytest.mark.parametrize("name", ["sms_chat_not_urgent", "assistant_queries_out_of_scope"])
def test_everyday_texts_resemble_no_fraud(name: str) -> None:
    texts = shared_texts(name)
    assert sum(resembles(text) is not None for text in texts) <= 0.005 * len(texts)


def test_codes_and_names_are_those_of_the_police_list() -> None:
    classes = json.loads(shared_file("fraud_taxonomy.json").read_text(encoding="utf-8"))["classes"]
    assert {fraud.code for fraud in TYPES} == {row["code"] for row in classes}
    by_code = {fraud.code: fraud.name for fraud in TYPES}
    short = {row["code"]: re.split(r"[(（]", row["name"])[0] for row in classes}
    assert [code for code, name in short.items() if not by_code[code].startswith(name[:4])] == []
