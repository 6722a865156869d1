"""What goes into training data tells nobody who wrote it; sums and times stay."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.anonymise import ACCOUNT, CARD, LINK, NAME, PHONE, training_text

SPOKEN = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))
WORDS = st.lists(
    st.sampled_from(
        "我 钱 转 了 打 给 他 的 电话 微信 卡号 是 请 查 一下 ， 。 ！ 骗 昨天 三千块 5000元 hello \n".split(" ")
    ),
    max_size=8,
).map("".join)
DIGITS = st.text("0123456789", min_size=9, max_size=9)

CASES = [
    ("打他电话17000000001", f"打他电话{PHONE}"),
    ("打他电话１７０００００００５１", f"打他电话{PHONE}"),
    ("+86 170-0000-0001打来的", f"{PHONE}打来的"),
    ("号码是幺七零零零零零零零零五", f"号码是{PHONE}"),
    ("卡号6222 0000 0000 0051", f"卡号{CARD}"),
    ("身份证110101190001010000", "身份证000000000000000000"),
    ("身份证11010119000101000X", "身份证000000000000000000"),
    ("点了http://a0000.example/x?y=1就没了", f"点了{LINK}就没了"),
    ("网址是 a0000点com", f"网址是 {LINK}"),
    ("微信号abc_0000加我", f"微信号{ACCOUNT}加我"),
    ("QQ：100000001", f"QQ:{ACCOUNT}"),
    ("发到zhangsan0000@example.com", f"发到name@{LINK}"),
    ("查询码ABCD-EFG1-HJK-MNP", "查询码0000-0000-000-000"),
    ("我叫张伟国，被骗了", f"我叫{NAME},被骗了"),
    ("户名：欧阳小明", f"户名:{NAME}"),
    ("收款人是高明亮", f"收款人是{NAME}"),
    ("刘警官让我转的", "某警官让我转的"),
    ("是王建国经理介绍的", "是某经理介绍的"),
    ("老李骗了我", "老某骗了我"),
    ("把钱给张建国了", f"把钱给{NAME}了"),
    ("陈丽华说能赚钱", f"{NAME}说能赚钱"),
]
KEPT = [
    "我被骗了5万元",
    "刚转出去32000块，怎么办",
    "转了三万二",
    "昨天下午三点转的1234567元",
    "96110是什么电话",
    "九六一一零是不是骗子打的",
    "95588发来的短信",
    "日赚300-500，无需押金",
    "工商银行的卡",
    "许多人都被骗了",
    "谢谢警官",
    "成功转出去的时候银行没拦",
    "把我从名单里去掉",
    "养老钱都没了",
    "您好，任务做完了不返钱",
]


@pytest.mark.parametrize(("said", "kept"), CASES)
def test_what_is_somebodys_is_hidden(said: str, kept: str) -> None:
    assert training_text(said) == kept


@pytest.mark.parametrize("said", KEPT)
def test_what_is_nobodys_stays(said: str) -> None:
    assert training_text(said) == unicodedata.normalize("NFKC", said)


def test_a_name_that_the_records_hold_is_hidden_wherever_it_stands() -> None:
    assert training_text("就那个莫得感情转走的嘛", {"莫得感情"}) == f"就那个{NAME}转走的嘛"


def bare(text: str) -> str:
    """Digits only, however they are written."""
    text = unicodedata.normalize("NFKC", text).translate(str.maketrans("零〇幺一二三四五六七八九", "001123456789"))
    return re.sub(r"\D", "", text)


WRITTEN = st.sampled_from(
    [
        lambda number: number,
        lambda number: f"{number[:3]}-{number[3:7]}-{number[7:]}",
        lambda number: f"{number[:3]} {number[3:7]} {number[7:]}",
        lambda number: f"+86 {number}",
        lambda number: number.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        lambda number: "".join(SPOKEN[digit] for digit in number),
        " ".join,
        "\u200b".join,
        lambda number: f"（{number}）",
    ]
)


@settings(max_examples=300, deadline=None)
@given(WORDS, st.sampled_from(["13", "15", "17", "18", "19"]), DIGITS, WRITTEN, WORDS)
def test_no_phone_survives_however_it_is_written(before, start, rest, write, after) -> None:  # type: ignore[no-untyped-def]
    number = start + rest
    shown = training_text(f"{before}，{write(number)}，{after}")
    assert number == PHONE or number not in bare(shown)
    assert number[-8:] == PHONE[-8:] or number[-8:] not in bare(shown)


@settings(max_examples=300, deadline=None)
@given(WORDS, st.text("0123456789", min_size=12, max_size=19), st.sampled_from(["", " ", "-", "."]), WORDS)
def test_no_long_number_survives(before: str, number: str, gap: str, after: str) -> None:
    written = gap.join(number[place : place + 4] for place in range(0, len(number), 4))
    shown = training_text(f"{before}，{written}，{after}")
    left = re.split(f"{PHONE}|{CARD}", shown)  # not what the end of one and the start of ours make together
    windows = {number[place : place + 5] for place in range(len(number) - 4)} - {"00000"}
    ours = bare(before) + bare(after) + PHONE + CARD
    assert [one for one in windows if any(one in bare(part) for part in left) and one not in ours] == []


@settings(max_examples=300, deadline=None)
@given(WORDS, st.integers(1, 99_999_999), st.sampled_from(["元", "块钱", "万", "万元"]))
def test_a_sum_stays_as_it_is_written(before: str, amount: int, unit: str) -> None:
    assert f"转了{amount}{unit}" in training_text(f"{before}。转了{amount}{unit}")


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=200), st.tuples(WORDS, st.text(max_size=20), WORDS).map("".join)))
@example("000000A\x851")
def test_any_text_becomes_one_line_and_is_not_changed_again(text: str) -> None:
    once = training_text(text)
    assert len(once.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f]", once)
    assert training_text(once) == once
