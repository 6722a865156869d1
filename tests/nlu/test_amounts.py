"""Amounts: every form residents write gives its value, and what is no money gives nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.entities import extract
from nlu.types import Entity

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

FORMS = """8820元=8820|转了4万多=40000~|十几万=100000~|三千左右=3000~|两千多块钱=2000~|200快=200|7O万=700000|1.5w=15000
两万三=23000|3k=3000|三皮嘢=30000|５０００元=5000|壹万元=10000|1,234.50=1234.5|转了5000给他=5000|骗走3000=3000|三块五=3.5
5毛=0.5|3块2毛5=3.25|一百五=150|1万5千=15000|2万3千元=23000|一千零五十=1050|万把块=10000~|七八千块=7000~|3-5万=30000~
四百来块=400~|¥12,800.00=12800|RMB 20000=20000|二十个w=200000|2w5=25000|3千5=3500|一万整=10000|六千六百六十六=6666
2000、3000、5000、10000=2000;3000;5000;10000|五万八=58000|三十来万=300000~|万二=12000|两百五=250|1万2=12000
二十五万六千=256000|九十九块九=99.9|三百多=300~|几千块=1000~|好几万=10000~|上万块=10000~|一万零八百=10800
扣了1900=1900|半万=5000|一万半=15000|500人民币=500|2.3亿=230000000|八千几百块=8000~|约3万=30000~|给他转了 3 万=30000
壹万贰仟叁佰元整=12300|贰拾万=200000|1百万=1000000|五千万=50000000|第一次2000，第二次三千=2000;3000|日结500，不用面试=500|每人35=35|返现十五，真的=15|生活费1500收到=1500|有人出1500收号=1500|5000、2万、三万五=5000;20000;35000|50000转出去=50000|五萬八=58000
我扫了6000过去=6000|退款288=288|往里头打9800才解得开=9800|前后交了4398人没来=4398|押进去9400=9400|扣了四次500=500|被划走1500=1500
一张800=800|一天150=150|工资4500一个月=4500|借给同事5000他说没钱=5000|订金2000不退=2000|我转你50=50|一个人38=38|邮储打的款17600=17600"""

NOTHING = """有3个人|验证码123456|17000000001|110|96110给我打电话|2024年5月|我今年65岁
千万别转|百万保障|万一|三点半|第三次|二十分钟前
三千粉丝|五百米|两百斤|一百个人|36.5度|卡号6222000000000001|拨打95188|QQ12345678|下午3点20|100%|第5000名|13:05
打95588问|打12345投诉|一共4398人报名|日息低至万三|给12个人转"""


def found(text: str, kind: str = "amount") -> list[Entity]:
    return [entity for entity in extract(text, NOW) if entity.type == kind]


@pytest.mark.parametrize("case", [case for line in FORMS.splitlines() for case in line.split("|")])
def test_form(case: str) -> None:
    text, _, wanted = case.rpartition("=")
    assert ";".join(entity.value + "~" * entity.approximate for entity in found(text)) == wanted


@pytest.mark.parametrize("text", [text for line in NOTHING.splitlines() for text in line.split("|")])
def test_no_money(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "paid"),
    [
        ("对方让我再交两万，我已经交了一万五", ["15000"]),
        ("说赚500佣金，我垫了3000", ["3000"]),
        ("先转了两千后来又打了五千", ["2000", "5000"]),
        ("三万块全被骗走了，他还要我交1万解冻", ["30000"]),
        ("两万", ["20000"]),
    ],
)
def test_which_amount_was_transferred(text: str, paid: list[str]) -> None:
    assert [entity.value for entity in found(text) if entity.transfer] == paid


HAN = "零一二三四五六七八九"


def spelled(number: int) -> str:
    """The number in Chinese numerals, as it is read aloud."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return spelled(high) + "万" + gap + (spelled(low) if low else "")
    text, pending = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if pending and text else "") + HAN[digit] + name
            pending = False
        else:
            pending = bool(text)
    return text


WRITTEN = {
    "digits": lambda n: f"{n}元",
    "grouped": lambda n: f"{n:,}元",
    "full width": lambda n: "".join(chr(ord(c) + 0xFEE0) for c in str(n)) + "元",
    "numerals": lambda n: spelled(n) + "元",
    "sign": lambda n: f"¥{n}",
    "cents": lambda n: f"{n}.00元",
    "bare": lambda n: f"我给他转了{n}，怎么办",
}


@pytest.mark.parametrize("form", WRITTEN)
@settings(max_examples=150, deadline=None)
@given(number=st.integers(min_value=2, max_value=99_999_999))
def test_whatever_is_written_comes_back(form: str, number: int) -> None:
    text = WRITTEN[form](number)
    if text.removeprefix("我给他转了").split("，")[0] in {
        "110",
        "119",
        "120",
        "122",
        "114",
        "12345",
        "95017",
        "95188",
        "96110",
    }:
        return
    assert [entity.value for entity in found(text)] == [str(number)]


@settings(max_examples=150, deadline=None)
@given(ten_thousands=st.integers(min_value=1, max_value=999), thousands=st.integers(min_value=1, max_value=9))
def test_short_tail_counts_thousands(ten_thousands: int, thousands: int) -> None:
    for text in (
        f"{ten_thousands}万{thousands}",
        f"{spelled(ten_thousands)}万{HAN[thousands]}",
        f"{ten_thousands}.{thousands}w",
    ):
        assert [entity.value for entity in found("被骗" + text)] == [str(ten_thousands * 10_000 + thousands * 1000)]
