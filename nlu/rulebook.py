"""Reads the rule files: pieces, guards and rules, compiled once.

A rule is a regular expression over :mod:`nlu.normalise`'s spelling, with named pieces (``<amount>``) and gaps
(``<g12>``: up to 12 characters of the sentence, ``<c12>``: of the clause). A guard takes a match back (``unless``) or
leaves it to the model (``weaken``). Every rule carries sentences it must and must not find; tests run them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlu.prefilter import Prefilter

RULES = Path(__file__).parent / "rules"
RULE_FILES = ("loss.yml", "evidence.yml", "credentials.yml", "demand.yml", "paying.yml", "person.yml")
NEAR = 10
_REFERENCE = re.compile(r"<([a-z_]+)>")
_GAP = re.compile(r"<([gc])(\d+)>")
_GAP_CHARACTERS = {"g": "[^。!?\\n]", "c": "[^,。!?\\n]"}
_SENTENCE_END = "。!?\n"
_CLAUSE_END = ",。!?\n"


@dataclass(frozen=True, slots=True)
class Guard:
    """Takes a match back where its pattern is found in its scope: near, after, clause, sentence, text or own words."""

    name: str
    scope: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``signal``: urgent, about_to_pay or wants_person; ``strength``: strong or weak."""

    id: str
    signal: str
    strength: str
    pattern: re.Pattern[str]
    requires: tuple[re.Pattern[str], ...]
    unless: tuple[Guard, ...]
    weaken: tuple[Guard, ...]
    finds: tuple[str, ...]
    leaves: tuple[str, ...]


def part(text: str, start: int, end: int, ends: str) -> str:
    """The clause or sentence around ``text[start:end]``; ``ends`` are the characters that close one."""
    left = max((text.rfind(mark, 0, start) for mark in ends), default=-1) + 1
    right = min((found for mark in ends if (found := text.find(mark, end)) >= 0), default=len(text))
    return text[left:right]


def guarded(guard: Guard, text: str, start: int, end: int) -> bool:
    """Whether ``guard`` speaks against the match ``text[start:end]``."""
    if guard.scope == "near":
        # What the match itself begins with ("我没有被骗" starts at 我) counts too.
        return any(
            guard.pattern.search(text[max(0, at - NEAR) : at]) is not None for at in (start, *_verbs(text, start, end))
        )
    if guard.scope == "after":
        return guard.pattern.search(text[end : end + NEAR]) is not None
    if guard.scope == "own":
        return guard.pattern.search(_QUOTED.sub("", text)) is not None
    if guard.scope == "text":
        return guard.pattern.search(text) is not None
    ends = _CLAUSE_END if guard.scope == "clause" else _SENTENCE_END
    return guard.pattern.search(part(text, start, end, ends)) is not None


# What somebody else said, as far as the writer marks it.
_QUOTED = re.compile('[“"「『‘][^”"」』’]{4,}[”"」』’]')
_VERB = re.compile("[被遭挨让叫给受骗转汇付充交打上去在正准马告]")


def _verbs(text: str, start: int, end: int) -> Iterator[int]:
    for found in _VERB.finditer(text, start, min(end, start + 40)):
        yield found.start()


class Expander:
    """Writes out the pieces a pattern refers to."""

    def __init__(self, pieces: Mapping[str, str]) -> None:
        self._pieces = dict(pieces)

    @property
    def names(self) -> tuple[str, ...]:
        """The pieces that may be referred to."""
        return tuple(self._pieces)

    def compile(self, pattern: str) -> re.Pattern[str]:
        """The pattern with pieces and gaps written out; an unknown piece is a KeyError."""
        while _REFERENCE.search(pattern):
            pattern = _REFERENCE.sub(lambda found: self._pieces[found.group(1)], pattern)
        pattern = _GAP.sub(lambda found: f"{_GAP_CHARACTERS[found.group(1)]}{{0,{found.group(2)}}}", pattern)
        return re.compile(pattern)


def _rule(data: Mapping[str, Any], head: Mapping[str, Any], guards: Mapping[str, Guard], expand: Expander) -> Rule:
    unless = [*data.get("unless", head["unless"]), *data.get("unless+", ())]
    weaken = [*data.get("weaken", head["weaken"]), *data.get("weaken+", ())]
    needs = data.get("requires", [])
    return Rule(
        id=data["id"],
        signal=head["signal"],
        strength=data.get("strength", "strong"),
        pattern=expand.compile(data["pattern"]),
        requires=tuple(map(expand.compile, [needs] if isinstance(needs, str) else needs)),
        unless=tuple(guards[name] for name in unless),
        weaken=tuple(guards[name] for name in weaken if name not in unless),
        finds=tuple(data["finds"]),
        leaves=tuple(data["leaves"]),
    )


def _read(name: str) -> Any:
    return yaml.safe_load((RULES / name).read_text(encoding="utf-8"))


def reader(name: str) -> tuple[Expander, Any]:
    """What writes out the pieces, and the content of a rule file."""
    return Expander(_read("pieces.yml")["pieces"]), _read(name)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the files."""
    expand = Expander(_read("pieces.yml")["pieces"])
    guards = {
        name: Guard(name, data["scope"], expand.compile(data["pattern"]))
        for name, data in _read("guards.yml")["guards"].items()
    }
    found: list[Rule] = []
    for name in RULE_FILES:
        head = _read(name)
        found.extend(_rule(data, head, guards, expand) for data in head["rules"])
    return tuple(found)


@lru_cache(maxsize=1)
def _prefilter() -> Prefilter:
    return Prefilter([rule.pattern for rule in rules()])


def possible(text: str) -> list[Rule]:
    """The rules that may hold in a text of the rules' spelling, in the order of the files."""
    every = rules()
    return [every[place] for place in _prefilter().possible(text)]
