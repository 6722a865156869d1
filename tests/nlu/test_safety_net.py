"""Every rule finds its own sentences and leaves its near misses alone."""

from __future__ import annotations

import pytest
import yaml

from nlu import rulebook
from nlu.normalise import normal
from nlu.rulebook import Rule
from nlu.safety_net import SafetyNet, verdict
from nlu.scorecard import WEAK, score_card

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


CARD = yaml.safe_load((rulebook.RULES / "cues.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", CARD["finds"])
def test_the_score_card_adds_up_to_a_loss(text: str) -> None:
    assert score_card().strength(normal(text)) == WEAK


@pytest.mark.parametrize("text", CARD["leaves"])
def test_the_score_card_leaves_a_text_alone(text: str) -> None:
    assert score_card().strength(normal(text)) != WEAK


@pytest.mark.parametrize(
    ("text", "urgent", "about_to_pay", "wants_person"),
    [
        ("我被骗了三万,转人工", True, False, True),
        ("我妈正在银行给骗子汇款,拦不住", True, True, False),
        ("转人工", False, False, True),
        ("你好", False, False, False),
        ("", False, False, False),
        ("騙子把我卡裡的錢轉走了", True, False, False),
        ("wo bei pian le", True, False, False),
        ("被片了5000", True, False, False),
    ],
)
def test_signal(text: str, urgent: bool, about_to_pay: bool, wants_person: bool) -> None:
    signal = SafetyNet().check(text)
    assert (signal.urgent, signal.about_to_pay, signal.wants_person) == (urgent, about_to_pay, wants_person)


CIVIL = yaml.safe_load((rulebook.RULES / "civil.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", CIVIL["finds"])
def test_a_dispute_is_told_as_one(text: str) -> None:
    assert SafetyNet().check(text).dispute


@pytest.mark.parametrize("text", CIVIL["leaves"])
def test_a_fraud_is_no_dispute(text: str) -> None:
    assert not SafetyNet().check(text).dispute
