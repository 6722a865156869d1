"""The 12381 style of outgoing texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.style12381 import LINK, NUMBER, REQUEST, violations
from handlers.words import general, tip, urgent
from knowledge.lookup import Knowledge

OWN = "010-10000000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "请先停止转账，立即拨打110。",
        "如有疑问请拨打96110，或本热线010-10000000。",
        "本热线 01010000000 为您服务。",
        "您咨询的编号20260001已答复，紧急请拨110。",
        "您转出的金额是12000元，时间是2026年3月4日11点59分，对吗？",
        "约10万元，分12笔。合计 12,381.50 元。",
        "被骗11000元，共113人。",
        "我们不会向您索要验证码，请不要把密码告诉任何人。",
        "凡是要求您提供验证码的，都是诈骗。",
        "骗子常冒充客服，让您提供银行卡号和密码。",
        "请回复对方的收款卡号，没有请回复“没有”。",
        "请问您转账用的是银行卡还是支付宝？",
        "请回复您转账的时间。",
        "通道第3.5版",
    ],
)
def test_what_may_go(text: str) -> None:
    assert violations(text, OWN) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("详见 http://a.example/x", [LINK]),
        ("详见www.a.example", [LINK]),
        ("点a.cn/b查看", [LINK]),
        ("点ａ．ｃｎ查看", [LINK]),
        ("点192.0.2.1查看", [LINK]),
        ("点反诈.中国查看", [LINK]),
        ("请联系17000000001", [NUMBER]),
        ("请联系170-0000-0001。", [NUMBER]),
        ("请联系+86 1700 0000 001", [NUMBER]),
        ("请拨打12345", [NUMBER]),
        ("请拨打12381。", [NUMBER]),
        ("银行客服95500", [NUMBER]),
        ("客服400-000-0000", [NUMBER]),
        ("拨打021-10000000", [NUMBER]),
        ("短信至106900000000", [NUMBER]),
        ("电话：8000 0000", [NUMBER]),
        ("拨打１２３４５", [NUMBER]),
        ("请拨打119", [NUMBER]),
        ("请回复验证码", [REQUEST]),
        ("为保护您的账户，请提供银行卡号。", [REQUEST]),
        ("请把身份证号发来", [REQUEST]),
        ("您的支付密码是多少？", [REQUEST]),
        ("我们不会打电话，请回复验证码。", [REQUEST]),
        ("请提供您的银行卡号，防止骗子转走。", [REQUEST]),
        ("点a.cn，拨17000000001，告诉我们密码", [LINK, NUMBER, REQUEST]),
    ],
)
def test_what_may_not_go(text: str, rules: list[str]) -> None:
    assert violations(text, OWN) == rules


def test_only_our_own_number_is_ours() -> None:
    assert violations("请拨打010-10000000。", "") == [NUMBER]
    assert violations("请拨打110或96110。", "") == []


@given(st.text(st.sampled_from("请拨打告诉提供验证码卡号对方骗子不要110.95:/a。！？，\n12345678 +-元"), max_size=80))
def test_any_text_is_judged(text: str) -> None:
    assert set(violations(text, OWN)) <= {LINK, NUMBER, REQUEST}


# Said on WeChat only.
ON_WECHAT = frozenset({urgent.ASK_PAYER})


def test_what_the_bot_says_by_sms_keeps_to_it() -> None:
    catalogue = [
        value
        for module in (urgent, tip, general)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and value not in ON_WECHAT
    ]
    catalogue += [entry.reply(sms=True) for entry in Knowledge.load().entries]
    assert len(catalogue) > 100
    assert [text for text in catalogue if violations(text, "")] == []
