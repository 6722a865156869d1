"""Sorting out patterns that cannot match: it must never sort out one that does."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlu import rulebook
from nlu.normalise import normal
from nlu.prefilter import Prefilter, required

# One of each kind of part that a regular expression can have here; ``possible`` is asked about all at once.
WRITTEN = """
转账 转[了过]?账 (?:骗|诈骗)了?(?:我|他) [^,]{0,3}钱 (?<!没)被骗 ^钱$ (?=.*转)我 a|bc| (?:ab)+c x? [a-z]{2,}1
(?:我|你|他)(?:转|汇|打)(?:了|过)[^。]{0,4}(?:元|块) \\d+元 (?i:Ab)c (?i:A[^,]b)c (?!我)他 ab*c [\u4e00-\u9fff]钱
""".split()
PATTERNS = (*map(re.compile, WRITTEN), re.compile("转AB", re.IGNORECASE))
FILTER = Prefilter(PATTERNS)


@given(st.text(alphabet="转了过账骗诈我他你被没钱汇打元块abcxAB1,。 ", max_size=14))
@example("转ab,aBc,A转Bc")
def test_what_matches_is_possible(text: str) -> None:
    matching = {place for place, pattern in enumerate(PATTERNS) if pattern.search(text)}

    assert matching <= set(FILTER.possible(text))


def test_every_rule_may_hold_in_the_sentences_it_finds() -> None:
    for rule in rulebook.rules():
        for sentence in rule.finds:
            assert rule in rulebook.possible(normal(sentence)), (rule.id, sentence)


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        ("转账", [{"转账"}]),
        ("转[了过]账", [{"转了", "转过"}, {"了账", "过账"}]),
        ("拉黑|删了", [{"拉黑", "删了"}]),
        ("钱[^,]{2}骗了", [{"骗了"}, {"钱"}]),
        ("(?:转|转账)?", []),
        ("[^,]", []),
        ("(?:[^,]钱)*", []),
        ("(?:[^,]钱){2,3}", [{"钱"}]),
    ],
)
def test_what_a_pattern_cannot_do_without(pattern: str, sets: list[set[str]]) -> None:
    found = required(re.compile(pattern))

    assert sorted(map(sorted, found)) == sorted(map(sorted, sets))


def test_most_rules_are_sorted_out_of_an_ordinary_message() -> None:
    assert len(rulebook.possible(normal("你好，请问派出所几点上班"))) <= 5
