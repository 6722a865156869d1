"""Every rule finds its own sentences and leaves its near misses alone."""

from __future__ import annotations

import pytest

from nlu import rulebook
from nlu.normalise import normal
from nlu.rulebook import Rule
from nlu.safety_net import verdict

RULES = rulebook.rules()


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.finds], ids=lambda v: getattr(v, "id", v)
)
def test_a_rule_finds_its_sentence(rule: Rule, text: str) -> None:
    assert verdict(rule, normal(text)) == rule.strength


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule in RULES for text in rule.leaves], ids=lambda v: getattr(v, "id", v)
)
def test_a_rule_leaves_its_near_miss(rule: Rule, text: str) -> None:
    assert verdict(rule, normal(text)) == ""


def test_rule_names_are_unique_and_every_rule_has_sentences() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.finds and rule.leaves for rule in RULES)
