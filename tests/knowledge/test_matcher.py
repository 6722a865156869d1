"""The text matcher on a few made-up documents, apart from our answers."""

from __future__ import annotations

import pytest

from knowledge.matcher import Document, Matcher, Wording, grams

WORDING = Wording({"咋": "怎么", "咋个": "怎么", "软件": "app"}, ["请问", "吗"], ["怎么办"], "電話", "电话")
CARD = Document("card", ["银行卡被冻结怎么办", "卡冻结了"], ["冻结"])
CALL = Document("call", ["骚扰电话怎么办", "电话太多"], ["骚扰", "电话"])
MATCHER = Matcher([CARD, CALL], WORDING)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("请问，咋个办？", "怎么办"),
        ("ＡＰＰ 软件", "appapp"),
        ("電話 １１０", "电话110"),
        ("？！", ""),
    ],
)
def test_the_common_wording(text: str, normal: str) -> None:
    assert WORDING.normal(text) == normal


def test_a_number_is_one_piece() -> None:
    assert grams("打96110") == {"打": 1, "96110": 1, "打96110": 1}


def test_the_nearer_document_comes_first() -> None:
    ranked = MATCHER.rank("我的卡冻结了怎么办")
    assert ranked[0].key == "card"
    assert ranked[0].score > 0.5


def test_common_phrases_alone_say_little() -> None:
    assert all(ranked.score < 0.3 for ranked in MATCHER.rank("怎么办"))


def test_a_topic_word_weighs_more_than_shared_phrases() -> None:
    with_topic, without = MATCHER.rank("骚扰怎么办")[0], MATCHER.rank("太多怎么办")[0]
    assert with_topic.score > without.score


def test_unrelated_text_ranks_nothing() -> None:
    assert MATCHER.rank("明早七点") == []
    assert MATCHER.rank("") == []


def test_ties_are_in_the_order_of_the_keys() -> None:
    twins = Matcher([Document(key, ["冻结"], ["冻结"]) for key in ("b", "a")], WORDING)
    assert [ranked.key for ranked in twins.rank("冻结")] == ["a", "b"]
