"""The answers themselves: what they may say, must say and must never say."""

from __future__ import annotations

import re

import pytest

from knowledge.lookup import Knowledge
from knowledge.rules import SMS_NUMBERS, answer_faults
from knowledge.sources import Entry
from tests.knowledge.data import WORDINGS

KNOWLEDGE = Knowledge.load()
ENTRIES = KNOWLEDGE.entries
BY_ID = {entry.id: entry for entry in ENTRIES}

# Facts an answer must keep, whoever rewords it. Sources: see the entries.
REQUIRED = {
    "two-cards-penalty": ["2024年12月1日", "3年", "2年", "五年”已经不用"],
    "freeze-period": ["48小时", "两次", "6个月", "续"],
    "stop-payment": ["只有公安机关", "110", "姓名", "账号", "金额", "时间"],
    "money-back": ["公安机关", "决定", "不收费"],
    "recovery-scam": ["第二次诈骗", "110"],
    "wallet-report": ["110", "95017", "95188"],
    "line-differences": ["110", "96110", "12381"],
    "line-12381": ["不用回复"],
    "line-96110": ["96110", "验证码"],
    "line-110": ["我被电信诈骗，要紧急止付"],
    "hotline-cannot": ["不能代替110", "没有权力止付"],
    "impersonate-authority": ["安全账户", "挂断", "110"],
    "verification-code": ["110"],
    "naked-chat": ["不要给钱", "不要删", "110"],
    "evidence": ["聊天记录", "转账记录", "不要删"],
    "cancel-transfer": ["普通", "次日", "110"],
    "card-frozen": ["银行", "冻结", "来路"],
    "reward-rules": ["本地公布"],
    "reward-claim": ["查询码", "不收费"],
    "privacy-anonymous": ["不留姓名"],
    "privacy-stored": ["加密", "密码"],
    "stop-messages": ["TD"],
    "bangxin": ["明知", "三年以下"],
    "after-fraud-feelings": ["不是您的错"],
}
MONEY = re.compile(r"[0-9一二三四五六七八九十百千万]+\s*(?:元|万元|块)")
ACTION = re.compile(
    r"请|马上|现在就|先不要|不要|先停|先别|打110|打96110|带上|带身份证|到派出所|核实|报案|退群|回复|联系|说清楚"
)


def last_sentence(text: str) -> str:
    return [part for part in re.split(r"(?<=[。！？])", text) if part][-1]


def test_there_is_an_answer_for_every_fraud_type_and_enough_of_them() -> None:
    assert len(ENTRIES) >= 48
    codes = {fraud.code for fraud in KNOWLEDGE.fraud_types} - {"other"}
    assert codes <= {entry.fraud_type for entry in ENTRIES}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_answer_is_short_names_no_foreign_number_and_ends_in_a_step(entry: Entry) -> None:
    assert answer_faults(entry.reply()) == []
    assert answer_faults(entry.reply(sms=True), SMS_NUMBERS) == []
    for text in {entry.reply(), entry.reply(sms=True)}:
        assert ACTION.search(last_sentence(text)), last_sentence(text)
        assert text.endswith("。")
    assert entry.reviewed >= entry.effective_from


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_sample_questions_are_enough_and_find_their_own_entry(entry: Entry) -> None:
    assert len(set(entry.questions)) == len(entry.questions) >= 5
    for question in entry.questions:
        match = KNOWLEDGE.answer(question)
        assert match is not None, question
        assert match.entry.id == entry.id, question


@pytest.mark.parametrize(("entry_id", "phrases"), REQUIRED.items(), ids=list(REQUIRED))
def test_an_answer_keeps_its_facts(entry_id: str, phrases: list[str]) -> None:
    answer = BY_ID[entry_id].answer
    assert [phrase for phrase in phrases if phrase not in answer] == []


@pytest.mark.parametrize("entry_id", ["reward-rules", "reward-claim", "how-to-tip"])
def test_rewards_name_no_amount(entry_id: str) -> None:
    assert MONEY.search(BY_ID[entry_id].answer) is None


def test_a_question_stands_in_one_entry_only() -> None:
    questions = [question for entry in ENTRIES for question in entry.questions]
    assert sorted({question for question in questions if questions.count(question) > 1}) == []


def test_the_held_out_wordings_are_held_out() -> None:
    questions = {question for entry in ENTRIES for question in entry.questions}
    texts = [row["text"] for row in WORDINGS["known"] + WORDINGS["fresh"]]
    assert [text for text in texts if text in questions] == []
    named = {entry_id for row in WORDINGS["known"] + WORDINGS["fresh"] for entry_id in row["right"]}
    assert sorted(named - set(BY_ID)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("请打12345。", "12345"),
        ("见 https://a.example。", "links"),
        ("请看 fanzha.cn。", "links"),
        ("这个网站是安全的。", "never say"),
        ("我们一定能追回来。", "never say"),
        ("已止付。", "never say"),
    ],
)
def test_the_rules_find_what_must_not_be_said(text: str, fault: str) -> None:
    assert any(fault in found for found in answer_faults(f"先说一句。{text}"))


def test_the_rules_know_length_and_sentences() -> None:
    assert answer_faults("先停手。打96110核实。") == []
    assert answer_faults("只有一句。") == ["1 sentences, expected 2 to 4"]
    assert answer_faults("好" * 200 + "。好。") == ["203 characters, at most 160"]
