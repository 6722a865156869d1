"""What a text means: the safety net first, then the model, then code for the entities and the kind of fraud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

import yaml

from nlu.client import NluUnavailable, Parsed
from nlu.entities import extract
from nlu.fraud_types import fraud_type
from nlu.normalise import RULES, normal
from nlu.safety_net import STRONG, SafetyNet, Signal
from nlu.scorecard import FAINT, WEAK
from nlu.tense import still_to_go
from nlu.types import Entity, Intent, Understanding

LONGEST_FOR_MODEL = 2_000  # characters; of a longer text the model gets head and tail, the rules see all
SHORT = 30  # characters up to which a call for a person is the whole message
# Operators' and residents' exact words for "stop sending" (a text message of one of these and nothing else).
_UNSUBSCRIBE = re.compile(r"\s*(?:t|td|r|n|qx|0{4,5}|退订|回?t?d?退订|unsubscribe|stop)[\s.。!！]*", re.IGNORECASE)
_NO_WORD = re.compile(r"[\s,.，。、;；?？!！+]*")
# Where several matters meet, these decide nothing about fraud: their fraud type stays empty unless words name one.
_ABOUT_FRAUD = frozenset({Intent.URGENT_LOSS, Intent.SEEK_HELP, Intent.REPORT_TIP, Intent.CHECK_SUSPICIOUS})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Chosen by training on some writers and judging others (docs/nlu.md).

    ``confident``: share from which the best intent is taken without asking back. ``urgent``: how much of the share that
    ``urgent_loss`` and the likeliest other intent have together must be its own to win with no word from the rules;
    below, the bot asks back. ``urgent_least``: what it must have of the whole besides. ``urgent_weak``: as ``urgent``,
    beside a weak rule, which makes up for a small share. ``urgent_civil``: as ``urgent``, where a dispute is told and
    no fraud, whatever a weak rule says.
    """

    confident: float = 0.40
    urgent: float = 0.72
    urgent_least: float = 0.40
    urgent_weak: float = 0.30
    urgent_civil: float = 0.95


class IntentModel(Protocol):
    """Anything that ranks intents; :class:`nlu.client.NluClient` is the real one."""

    def parse(self, text: str) -> Parsed:
        """Rank the intents of a text; raises :class:`nlu.client.NluUnavailable`."""
        ...


class Understander:
    """Usable from many threads; slow only where the model is (its own budget)."""

    def __init__(self, client: IntentModel, net: SafetyNet | None = None, thresholds: Thresholds | None = None) -> None:
        self._client = client
        self._net = net or SafetyNet()
        self._thresholds = thresholds or Thresholds()

    def understand(self, text: str, now: datetime) -> Understanding:
        """Judge one text; never raises for what is in it. ``now`` is timezone-aware."""
        if _UNSUBSCRIBE.fullmatch(text):
            return Understanding(Intent.UNSUBSCRIBE, 1.0, "rules")
        signal = self._net.check(text)
        entities = extract(text, now)
        if _only_named(text, entities):  # what may be asked of it is whether it is known here
            decision = _Decision(Intent.CHECK_SUSPICIOUS, 1.0, "rules")
        else:
            decision = self._decide(text, signal)
        urgent = decision.intent is Intent.URGENT_LOSS
        kind = fraud_type(text)
        return Understanding(
            intent=decision.intent,
            confidence=decision.confidence,
            source=decision.source,
            urgent=signal.urgent and urgent,
            wants_person=signal.wants_person,
            about_to_pay=urgent and still_to_go(text, heard=signal.about_to_pay),
            degraded=decision.degraded,
            confident=decision.confident,
            alternatives=decision.ranking,
            entities=entities,
            fraud_type="" if kind == "other" and decision.intent not in _ABOUT_FRAUD else kind,
            model=decision.model,
        )

    def _decide(self, text: str, signal: Signal) -> _Decision:
        if signal.urgent and signal.strength == STRONG:
            return _Decision(Intent.URGENT_LOSS, 1.0, "rules")
        heard = signal.urgent and signal.strength != FAINT
        if signal.wants_person and len(text.strip()) <= SHORT and not heard:
            return _Decision(Intent.HANDOVER, 1.0, "rules")
        if not text.strip():
            return _Decision(Intent.OUT_OF_SCOPE, 0.0, "rules", confident=False)
        try:
            parsed = self._client.parse(shortened(text))
        except NluUnavailable:
            return self._without_model(text, signal)
        return self._with_model(parsed, signal)

    def _with_model(self, parsed: Parsed, signal: Signal) -> _Decision:
        ranking, limits = parsed.ranking, self._thresholds
        loss = dict(ranking).get(Intent.URGENT_LOSS, 0.0)
        other = max((share for intent, share in ranking if intent is not Intent.URGENT_LOSS), default=0.0)
        weak = signal.urgent and signal.strength == WEAK
        unsure = ranking[0][1] < limits.confident
        own_part = loss / ((loss + other) or 1.0)
        heard = (own_part >= limits.urgent and loss >= limits.urgent_least) or (weak and own_part >= limits.urgent_weak)
        if heard and (not signal.dispute or own_part >= limits.urgent_civil):
            best, share, sure = Intent.URGENT_LOSS, loss, True
        elif ranking[0][0] is Intent.URGENT_LOSS and len(ranking) > 1:
            # Not enough for an alarm: the bot asks back, and "urgent_loss" stands first among the choices.
            (best, share), sure = ranking[1], False
        else:
            (best, share), sure = ranking[0], not unsure
        return _Decision(best, share, "model", confident=sure, ranking=ranking, model=parsed.model)

    def _without_model(self, text: str, signal: Signal) -> _Decision:
        faint = signal.strength == FAINT
        if signal.urgent and not (faint and signal.wants_person):
            return _Decision(Intent.URGENT_LOSS, 0.5, "rules", degraded=True)
        if signal.wants_person:
            return _Decision(Intent.HANDOVER, 0.5, "rules", degraded=True)
        found = by_words(text)
        intent = found or Intent.OUT_OF_SCOPE
        return _Decision(intent, 0.5 if found else 0.0, "rules", degraded=True, confident=found is not None)


@dataclass(frozen=True, slots=True)
class _Decision:
    intent: Intent
    confidence: float
    source: str
    degraded: bool = False
    confident: bool = True
    ranking: tuple[tuple[Intent, float], ...] = ()
    model: str = ""


def _only_named(text: str, entities: Sequence[Entity]) -> bool:
    """Whether a text is phone numbers and links alone."""
    named = [entity for entity in entities if entity.type in ("phone", "url")]
    for entity in sorted(named, key=lambda entity: -entity.start):
        text = text[: entity.start] + text[entity.end :]
    return bool(named) and _NO_WORD.fullmatch(text) is not None


def shortened(text: str) -> str:
    """At most :data:`LONGEST_FOR_MODEL` characters: the beginning and the end of a long text."""
    if len(text) <= LONGEST_FOR_MODEL:
        return text
    half = LONGEST_FOR_MODEL // 2
    return text[:half] + text[-half:]


@lru_cache(maxsize=1)
def _words() -> list[tuple[Intent, list[re.Pattern[str]]]]:
    data = yaml.safe_load((RULES / "fallback.yml").read_text(encoding="utf-8"))["intents"]
    return [(Intent(name), [re.compile(pattern) for pattern in patterns]) for name, patterns in data.items()]


def by_words(text: str) -> Intent | None:
    """The intent a few words speak for, for the time without a model; None where none does."""
    text = normal(text)
    for intent, patterns in _words():
        if any(pattern.search(text) for pattern in patterns):
            return intent
    return None
