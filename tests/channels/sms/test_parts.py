"""Counting and splitting of outgoing texts, joining of incoming ones."""

from __future__ import annotations

import itertools
import random
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.sms.joining import Joined, Part, join
from bot.channels.sms.parts import count_parts, signed, split_parts, split_text, units
from tests.channels.sms.operator import NOW

# Chinese, pairs, digits, marks and blanks: what our answers are made of, and anything else a text can hold.
TEXTS = st.text(
    st.sampled_from("您好，请停止转账。！？\n 0123456789.,元万¥:-abc🈲𠮷") | st.characters(codec="utf-8"), max_size=600
)


def ucs2(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("a" * 70, 1),
        ("a" * 71, 2),
        ("🈲" * 35, 1),
        ("🈲" * 36, 2),
        ("字" * 66 + "🈲" * 34, 3),  # the pair at the border leaves a unit empty: 134 units, three parts
        (signed("字" * 64, "反诈专线"), 1),
        (signed("字" * 65, "反诈专线"), 2),
        ("字" * 10_000, 150),
    ],
)
def test_counting(text: str, count: int) -> None:
    assert count_parts(text) == count


@given(TEXTS)
def test_parts_are_the_text_in_pieces_that_fit(text: str) -> None:
    parts = split_parts(text)
    assert "".join(parts) == text
    assert all(ucs2(part) == units(part) <= (70 if len(parts) == 1 else 67) for part in parts)
    assert len(parts) == 1 or all(parts)


@given(TEXTS, st.integers(1, 5), st.sampled_from(["", "反诈专线"]))
def test_messages_are_the_text_in_pieces_that_fit(text: str, most: int, signature: str) -> None:
    messages = split_text(text, most, signature)
    assert "".join(messages) == text
    assert all(count_parts(signed(message, signature)) <= most for message in messages)
    assert all(messages) or text == ""


@given(TEXTS, st.integers(1, 3))
def test_a_number_that_fits_is_never_cut(text: str, most: int) -> None:
    amount = "¥12,345.67万"
    text = text.replace("¥", "") + "，" + amount + "，" + text
    borders = set(itertools.accumulate(len(message) for message in split_text(text, most)))
    for match in re.finditer(r"(?<![0-9A-Za-z.,:\-/@+¥￥])" + re.escape(amount), text):
        assert not borders & set(range(match.start() + 1, match.end()))


@pytest.mark.parametrize(
    ("text", "most", "messages"),
    [
        ("", 1, [""]),
        ("好。", 1, ["好。"]),
        ("一" * 39 + "。" + "二" * 39, 1, ["一" * 39 + "。", "二" * 39]),
        ("一" * 39 + "，" + "二" * 39, 1, ["一" * 39 + "，", "二" * 39]),
        ("一" * 65 + "12345678元" + "二" * 9, 1, ["一" * 65, "12345678元" + "二" * 9]),
        ("一" * 69 + "5元" + "二", 1, ["一" * 69, "5元二"]),
        ("一" * 68 + "1,000元", 1, ["一" * 68, "1,000元"]),
        ("9" * 100, 1, ["9" * 70, "9" * 30]),
        ("一" * 100, 2, ["一" * 100]),
        ("字" * 66 + "🈲" + "字" * 66, 2, ["字" * 66 + "🈲" + "字" * 65, "字"]),  # 134 units that take three parts
        ("。" + "一" * 100, 1, ["。" + "一" * 69, "一" * 31]),
    ],
)
def test_where_a_text_is_cut(text: str, most: int, messages: list[str]) -> None:
    assert split_text(text, most) == messages


@pytest.mark.parametrize(("most", "signature"), [(0, ""), (1, "长" * 68)])
def test_no_room_is_an_error(most: int, signature: str) -> None:
    with pytest.raises(ValueError, match="room"):
        split_text("好", most, signature)


def part(index: int, text: str, *, total: int = 3, after: float = 0, reference: str = "7") -> Part:
    return Part("+8617000000001", "10690000", reference, total, index, text, NOW + timedelta(seconds=after))


MINUTE = timedelta(seconds=60)


@pytest.mark.parametrize(
    ("parts", "after", "joined"),
    [
        ([], 0, None),
        ([part(1, "甲")], 0, None),
        ([part(3, "丙"), part(1, "甲"), part(2, "乙")], 0, Joined("甲乙丙", ())),
        ([part(1, "甲"), part(1, "甲"), part(2, "乙")], 0, None),
        ([part(1, "甲"), part(3, "丙"), part(1, "别的"), part(2, "乙")], 0, Joined("甲乙丙", ())),
        ([part(1, "甲"), part(2, "乙", after=50)], 59, None),
        ([part(1, "甲"), part(2, "乙", after=50)], 60, Joined("甲乙…", (3,))),
        ([part(1, "转了5"), part(3, "000元")], 60, Joined("转了5…000元", (2,))),
        ([part(4, "丁", total=5)], 60, Joined("…丁…", (1, 2, 3, 5))),
    ],
)
def test_joining(parts: list[Part], after: int, joined: Joined | None) -> None:
    assert join(parts, NOW + timedelta(seconds=after), MINUTE) == joined


def test_parts_of_two_texts_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="different"):
        join([part(1, "甲"), part(2, "乙", reference="8")], NOW, MINUTE)


@given(TEXTS, st.randoms())
def test_what_the_network_splits_is_joined_again(text: str, shuffle: random.Random) -> None:
    pieces = split_parts(text)
    parts = [part(index, piece, total=len(pieces)) for index, piece in enumerate(pieces, 1)]
    shuffle.shuffle(parts)
    assert join(parts, NOW, MINUTE) == Joined(text, ())
