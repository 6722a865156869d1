from __future__ import annotations

import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.render import MAX_TEXT, SUCCESS, text_reply
from bot.channels.wechat.text import cut, split_text
from bot.channels.wechat.xmlread import read

NOW = datetime(2026, 3, 4, 5, 6, 7, 900000, tzinfo=UTC)


def rendered(text: str) -> dict[str, str]:
    return read(text_reply(text, to="oResident", sender="gh_1", now=NOW).encode())


def test_reply_goes_back_the_way_it_came() -> None:
    assert rendered("请先停止转账。") == {
        "ToUserName": "oResident",
        "FromUserName": "gh_1",
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": "请先停止转账。",
    }


@pytest.mark.parametrize("text", ["", " \n ", "\0\x07"])
def test_nothing_to_say_is_success(text: str) -> None:
    assert text_reply(text, to="o", sender="g", now=NOW) == SUCCESS


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("a]]>b", "a]]>b"),
        ("]]]]>>", "]]]]>>"),
        ("x]]></Content><MsgType><![CDATA[news]]></MsgType><Content><![CDATA[y", None),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("钱\0没\x0b了\ufffe\ud800", "钱没了"),
        ("𠮷😭👨‍👩‍👧", "𠮷😭👨‍👩‍👧"),
    ],
)
def test_text_cannot_become_markup(text: str, content: str | None) -> None:
    fields = rendered(text)
    assert fields["Content"] == (text if content is None else content)
    assert fields["MsgType"] == "text"
    assert len(fields) == 5


@given(st.text(alphabet=st.characters() | st.sampled_from("]]>&<😭骗\0"), max_size=3000))
def test_any_text_gives_one_text_message(text: str) -> None:
    reply = text_reply(text, to="o]]>", sender="g", now=NOW)
    if reply == SUCCESS:
        return
    fields = read(reply.encode())
    assert len(fields) == 5
    assert fields["MsgType"] == "text"
    assert 0 < len(fields["Content"].encode()) <= MAX_TEXT


def test_long_text_is_cut_within_the_limit() -> None:
    assert rendered("骗" * 5000)["Content"] == "骗" * 600
    assert rendered("a" + "骗" * 5000)["Content"] == "a" + "骗" * 599


def test_wechatpy_reads_our_reply() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own deprecations
        from wechatpy.replies import deserialize_reply

        reply = deserialize_reply(text_reply("a]]>b<骗>", to="o", sender="g", now=NOW))
    assert (reply.content, reply.target, reply.source) == ("a]]>b<骗>", "o", "g")


FAMILY = "👨‍👩‍👧"
CUTS = [
    ("abc", 4, "abc"),
    ("骗骗", 5, "骗"),
    ("a😭", 4, "a"),
    ("ab" + FAMILY, 10, "ab"),
    ("é" + "e\u0301", 4, "é"),
    ("a👍🏽", 8, "a"),
    ("🇨🇳🇨🇳", 12, "🇨🇳"),
    ("ok❤\ufe0f", 5, "ok"),
    (FAMILY, 10, "👨\u200d"),  # wider than the limit: cut between characters after all
]


@pytest.mark.parametrize(("text", "limit", "expected"), CUTS)
def test_cut(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


def test_cut_needs_room_for_a_character() -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        cut("a", 3)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("", 20, []),
        (" \n", 20, []),
        ("一句。", 20, ["一句。"]),
        ("第一句。第二句！第三句？", 24, ["第一句。第二句！", "第三句？"]),
        ("他说：“别挂。”然后转账。", 24, ["他说：“别挂。”", "然后转账。"]),
        ("没有句号，只有逗号，很长", 16, ["没有句号，", "只有逗号，", "很长"]),
        ("骗" * 7, 9, ["骗骗骗", "骗骗骗", "骗"]),
        ("一行\n二行\n\n三行", 14, ["一行\n二行", "三行"]),
    ],
)
def test_split_at_sentences(text: str, limit: int, parts: list[str]) -> None:
    assert split_text(text, limit) == parts


@given(st.text(alphabet=st.sampled_from("骗a。，\n ！😭👍🏽1\u200d"), max_size=400), st.integers(4, 60))
def test_split_loses_nothing(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(0 < len(part.encode()) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_split_default_is_the_customer_service_limit() -> None:
    parts = split_text("请保留证据。" * 1000)
    assert max(len(part.encode()) for part in parts) <= 2000
    assert all(part.endswith("。") for part in parts)
    assert len(parts) == 10
