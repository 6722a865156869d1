"""The safety net: plain rules that hear a loss, a payment about to go and a call for a person, with no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nlu import rulebook
from nlu.civil import told_without_fraud
from nlu.normalise import normal
from nlu.rulebook import Rule, guarded
from nlu.scorecard import WEAK, score_card

STRONG = "strong"
CARD = "card"  # stands for a rule's id where the score card spoke


@dataclass(frozen=True, slots=True)
class Signal:
    """What the rules hear. ``about_to_pay`` implies ``urgent``; ``rule`` is the deciding rule's id, for the record.

    ``strength``: a strong urgent signal always wins; a weak one decides where the model agrees, is unsure or away; a
    faint one only where the model is away. ``dispute``: the words are those of a dispute, or of a bank's notice, and
    none is of a fraud; the model then needs more.
    """

    urgent: bool = False
    about_to_pay: bool = False
    wants_person: bool = False
    rule: str = ""
    strength: str = ""
    dispute: bool = False


class SafetyNet:
    """Holds the compiled rules; ``check`` is pure and may run in any number of threads."""

    def __init__(self) -> None:
        self._card = score_card()

    def check(self, text: str) -> Signal:
        """Judge one text of any length."""
        text = normal(text)
        may_hold: dict[str, list[Rule]] = {}
        for rule in rulebook.possible(text):
            may_hold.setdefault(rule.signal, []).append(rule)
        urgent, strength = _best(may_hold.get("urgent", ()), text)
        paying, paying_strength = ("", "") if strength == STRONG else _best(may_hold.get("about_to_pay", ()), text)
        if paying and (not urgent or paying_strength == STRONG):
            urgent, strength = paying, paying_strength
        if not urgent and (heard := self._card.strength(text)):
            urgent, strength = CARD, heard
        person, _ = _best(may_hold.get("wants_person", ()), text)
        return Signal(
            urgent=bool(urgent),
            about_to_pay=bool(paying),
            wants_person=bool(person),
            rule=urgent or person,
            strength=strength or (STRONG if person else ""),
            dispute=told_without_fraud(text),
        )


def _best(rules: Iterable[Rule], text: str) -> tuple[str, str]:
    """Id and strength of the first strong rule that holds, else of the first weak one, else empty."""
    weak = ""
    for rule in rules:
        if weak and rule.strength == WEAK:
            continue
        strength = verdict(rule, text)
        if strength == STRONG:
            return rule.id, STRONG
        if strength == WEAK and not weak:
            weak = rule.id
    return weak, WEAK if weak else ""


def verdict(rule: Rule, text: str) -> str:
    """``strong``, ``weak`` or empty: what the rule says of a text in the rules' spelling."""
    best = ""
    for found in rule.pattern.finditer(text):
        if any(need.search(text) is None for need in rule.requires):
            return ""
        start, end = found.span()
        if any(guarded(guard, text, start, end) for guard in rule.unless):
            continue
        if rule.strength == STRONG and not any(guarded(guard, text, start, end) for guard in rule.weaken):
            return STRONG
        best = WEAK
    return best
