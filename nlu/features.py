"""What the intent model sees of a text: n-grams and pairs of characters in one spelling, and which of the rules' words.

Runs in Rasa's environment too (Python 3.10): standard library and PyYAML only.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

import yaml

from nlu import rulebook
from nlu.normalise import RULES, normal
from nlu.prefilter import Prefilter
from nlu.safety_net import verdict

LONGEST = 2_000
REACH = 8
_LINK = re.compile(r"https?://\S+|(?:[a-z0-9-]+\.)+(?:com|cn|net|link|top|cc|vip|xyz|org|example)\b\S*")
# The number of a tip and the code that goes with it: what letters it is made of says nothing.
_CODE = re.compile(
    r"(?<![a-z0-9])(?:xs\d{4,}|(?=[a-z0-9 ]*-)(?:[a-z0-9]{4}[- ]?){2}[a-z0-9]{3}[- ]?[a-z0-9]{3}"
    r"|(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{14})(?![a-z0-9])"
)
_DIGIT = re.compile(r"\d")
_LONG_NUMBER = re.compile("0{5,}")
_LOUD = re.compile(r"(.)\1{3,}")


def spelt(text: str) -> str:
    """What the rest of this module reads: the beginning of a text in the rules' spelling."""
    return normal(text[:LONGEST])


def prepared(text: str) -> str:
    """Of a spelt text: links, codes and digits masked, ends marked."""
    text = _CODE.sub("㏇", _LINK.sub("㏈", text))
    return "^" + _LOUD.sub(r"\1\1\1", _LONG_NUMBER.sub("00000", _DIGIT.sub("0", text))) + "$"


def grams(text: str, longest: int) -> Counter[str]:
    """Counts of the character n-grams of a prepared text, n from 1 to ``longest``."""
    return Counter(text[at : at + size] for size in range(1, longest + 1) for at in range(len(text) - size + 1))


def pairs(text: str) -> Counter[str]:
    """Counts of the pairs of characters, in their order, that stand 2 to :data:`REACH` places apart."""
    shifted = ((text, text[apart:]) for apart in range(2, REACH + 1))
    return Counter(first + second for ahead, behind in shifted for first, second in zip(ahead, behind, strict=False))


class _Lexicon:
    """The named patterns, each compiled and looked for once however many names it has."""

    def __init__(self) -> None:
        names: dict[re.Pattern[str], list[str]] = {}
        for name, patterns in _named():
            for pattern in patterns:
                names.setdefault(pattern, []).append(name)
        self._patterns, self._names = list(names), list(names.values())
        self._possible = Prefilter(self._patterns).possible

    def names(self, text: str) -> set[str]:
        """Of a text in the rules' spelling: what occurs, and what the rules say."""
        found: set[str] = set()
        for place in self._possible(text):
            if self._patterns[place].search(text):
                found.update(self._names[place])
        for rule in rulebook.possible(text):
            if strength := verdict(rule, text):
                found.update((f"rule:{rule.id}", f"signal:{rule.signal}:{strength}"))
        return found


_lexicon = lru_cache(maxsize=1)(_Lexicon)


def _named() -> list[tuple[str, list[re.Pattern[str]]]]:
    expand = rulebook.Expander(yaml.safe_load((RULES / "pieces.yml").read_text(encoding="utf-8"))["pieces"])
    named = [(f"piece:{name}", [expand.compile(f"<{name}>")]) for name in expand.names]
    guards = {guard.name: guard.pattern for rule in rulebook.rules() for guard in (*rule.unless, *rule.weaken)}
    named += [(f"guard:{name}", [pattern]) for name, pattern in guards.items()]
    words = yaml.safe_load((RULES / "fallback.yml").read_text(encoding="utf-8"))["intents"]
    named += [(f"words:{name}", [re.compile(pattern) for pattern in patterns]) for name, patterns in words.items()]
    kinds = yaml.safe_load((RULES / "fraud_types.yml").read_text(encoding="utf-8"))["types"]
    for code, weights in kinds.items():
        named.append((f"fraud:{code}", [re.compile(pattern) for listed in weights.values() for pattern in listed]))
    return named


def lexicon(text: str) -> list[str]:
    """Of a spelt text: names of the pieces, guards, rules and word lists that occur, and its length class."""
    found = _lexicon().names(text)
    if any(name.startswith("fraud:") for name in found):
        found.add("fraud")
    if "?" in text or text.endswith(("吗", "么", "呢", "不", "没")):
        found.add("question")
    found.add(f"length:{min(7, (len(text) + 1).bit_length())}")
    return sorted(found)
