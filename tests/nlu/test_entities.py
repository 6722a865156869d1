"""Times, phones, cards, links and names; offsets are exact and nothing raises."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.entities import extract
from nlu.entities.contact import luhn
from nlu.entities.folding import fold

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=timezone(timedelta(hours=8)))  # a Tuesday

VALUES = [
    ("phone", "17000000001这个号", "17000000001"),
    ("phone", "+86 170 0000 0001", "17000000001"),
    ("phone", "１７０００００００01", "17000000001"),
    ("phone", "幺三八零零零零零零零零打来的", "13800000000"),
    ("phone", "023-60000000", "02360000000"),
    ("phone", "400-000-0000", "4000000000"),
    ("phone", "号是1 7 0 0 0 0 0 0 0 0 1，打来", "17000000001"),
    ("phone", "+44 2000 000000", "+442000000000"),
    ("bank_card", "6222 0000 0000 0000 003", "6222000000000000003"),
    ("bank_card", "打到卡号：62280000000000", "62280000000000"),
    ("url", "点https://Pay.fraud.example/a?b=1，快", "pay.fraud.example/a?b=1"),
    ("url", "网址 t.cn/Rze8V8v", "t.cn/Rze8V8v"),
    ("url", "bank点com", "bank.com"),
    ("url", "bank[.]top/x", "bank.top/x"),
    ("url", "ｗｗｗ．ａ．ｃｏｍ", "www.a.com"),
    ("url", "http://10.0.0.1:8080/a", "10.0.0.1:8080/a"),
    ("bank", "从邮储转的", "中国邮政储蓄银行"),
    ("bank", "工行卡", "中国工商银行"),
    ("bank", "打到信用社", "农村信用社"),
    ("app", "加了我VX", "微信"),
    ("app", "在zfb上付的", "支付宝"),
    ("app", "咸鱼平台", "闲鱼"),
]


@pytest.mark.parametrize(("kind", "text", "value"), VALUES, ids=str)
def test_value(kind: str, text: str, value: str) -> None:
    assert [entity.value for entity in extract(text, NOW) if entity.type == kind] == [value]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bank", "集中行动开始了"),
        ("bank", "去银行了"),
        ("bank_card", "身份证500101199001010000"),
        ("bank_card", "13800000000"),
        ("phone", "6222000000000000003"),
        ("url", "a@b.com"),
        ("url", "1.5万"),
        ("time", "三点建议"),
        ("phone", "110"),
    ],
)
def test_not_found(kind: str, text: str) -> None:
    assert [entity for entity in extract(text, NOW) if entity.type == kind] == []


TIMES = [
    ("半个钟头前", "11-24 14:30", "11-24 14:30"),
    ("10分钟前", "11-24 14:50", "11-24 14:50"),
    ("两个小时前", "11-24 13:00", "11-24 13:00"),
    ("昨天下午三点多", "11-23 15:00", "11-23 16:00"),
    ("昨晚八点半", "11-23 20:30", "11-23 20:30"),
    ("上个礼拜五", "11-20 00:00", "11-21 00:00"),
    ("上个礼拜", "11-16 00:00", "11-23 00:00"),
    ("刚才", "11-24 14:00", "11-24 15:00"),
    ("前天", "11-22 00:00", "11-23 00:00"),
    ("11月3号", "11-03 00:00", "11-04 00:00"),
    ("今天上午", "11-24 08:00", "11-24 12:00"),
    ("早上八点", "11-24 08:00", "11-24 08:00"),
    ("上个月3号", "10-03 00:00", "10-04 00:00"),
    ("10月", "10-01 00:00", "11-01 00:00"),
    ("2021年", "01-01 00:00", "01-01 00:00"),
    ("明早", "11-25 05:00", "11-25 10:00"),
    ("三天前", "11-21 00:00", "11-22 00:00"),
    ("14:20", "11-24 14:20", "11-24 14:20"),
    ("晚上十点", "11-23 22:00", "11-23 22:00"),
]


@pytest.mark.parametrize(("text", "begin", "end"), TIMES)
def test_time(text: str, begin: str, end: str) -> None:
    (entity,) = extract(text, NOW)
    assert entity.begin is not None and entity.end_at is not None
    assert (entity.text, f"{entity.begin:%m-%d %H:%M}", f"{entity.end_at:%m-%d %H:%M}") == (text, begin, end)
    assert entity.begin.tzinfo is NOW.tzinfo


def test_a_wrong_card_is_kept_and_flagged() -> None:
    good, bad = "6222000000000000004", "6222000000000000005"
    assert luhn(good) and not luhn(bad)
    assert [entity.valid for entity in extract(f"{good}，{bad}", NOW)] == [True, False]


PIECES = st.sampled_from(
    [
        "6222",
        "0000",
        " ",
        "-",
        "万",
        "三",
        "点",
        "多",
        "块",
        "1.5w",
        "昨天",
        "下午",
        "，",
        "http://",
        ".com",
        "转了",
        "前",
        "个",
        "２",
        "Ⅷ",
        "ﬁ",
        "İ",
        "\x00",
        "😀",
        "30号",
        "2月",
        "上个月31号",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join)))
def test_never_raises_and_offsets_hold(text: str) -> None:
    last = 0
    for entity in extract(text, NOW):
        assert entity.text == text[entity.start : entity.end]
        assert last <= entity.start < entity.end
        last = entity.end


# A pattern that backtracks takes minutes on one of these; a sound one milliseconds.
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "一",
        "1 ",
        "万",
        "a.",
        "点",
        "1,",
        "千百",
        "转了1",
        "上",
        "二十",
        "62 ",
        "13:0",
        "http://a",
        "前",
        "1o",
        "o",
    ],
)
def test_a_monotonous_text_is_no_trap(piece: str) -> None:
    extract(piece * (16_000 // len(piece)), NOW)


@pytest.mark.parametrize("text", ["转᱂", "转٣٤٥٦元", "电话१७०००००००५१"])
def test_digits_of_any_script_are_digits(text: str) -> None:
    extract(text, NOW)
    assert fold("᱂٣१") == "231"


@given(st.text(st.characters(categories=["Nd", "Nl", "No"]), max_size=30))
def test_no_number_of_any_script_is_too_much(number: str) -> None:
    extract(f"转{number}给他{number}元", NOW)
