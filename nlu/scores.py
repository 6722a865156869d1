"""The figures of an evaluation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from nlu.types import Intent, Understanding

URGENT = Intent.URGENT_LOSS.value


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entity that must be found."""

    type: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text. ``entities`` is None where none are labelled, empty where the text holds none."""

    text: str
    intent: str = ""
    acceptable: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    entities: tuple[Wanted, ...] | None = None
    fraud_type: str = ""

    @classmethod
    def read(cls, data: dict[str, Any]) -> Row:
        """From one JSON line; raises ValueError, KeyError or TypeError."""
        entities = data.get("entities")
        row = cls(
            text=data["text"],
            intent=data.get("intent", ""),
            acceptable=tuple(data.get("acceptable", ())),
            never=tuple(data.get("never", ())),
            entities=None if entities is None else tuple(map(_wanted, entities)),
            fraud_type=data.get("fraud_type", ""),
        )
        if not isinstance(row.text, str) or not (row.intent or row.acceptable or row.never or entities is not None):
            raise ValueError("a line needs a text and an intent, acceptable, never or entities")
        return row

    @property
    def right(self) -> tuple[str, ...]:
        """The intents that are right, as far as the line says."""
        return (self.intent, *self.acceptable) if self.intent else self.acceptable

    @property
    def is_urgent(self) -> bool:
        """Whether only ``urgent_loss`` is right."""
        return set(self.right) == {URGENT}

    @property
    def is_not_urgent(self) -> bool:
        """Whether ``urgent_loss`` is wrong."""
        return URGENT in self.never or bool(self.right and URGENT not in self.right)


def _wanted(data: dict[str, Any]) -> Wanted:
    return Wanted(data["type"], data.get("text", ""), "" if data.get("value") is None else str(data["value"]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was made of a row; ``rules_urgent`` is the safety net alone."""

    row: Row
    found: Understanding
    rules_urgent: bool

    @property
    def intent(self) -> str:
        """The decision."""
        return self.found.intent.value

    def wrong(self) -> str:
        """What is wrong, in a few words; empty if nothing is."""
        share = f"{self.found.confidence:.2f} {self.found.source}"
        if self.intent in self.row.never:
            return f"never {self.intent} ({share})"
        if self.row.right and self.intent not in self.row.right:
            return f"{self.intent} ({share}) instead of {'/'.join(self.row.right)}"
        missed = [want.text or want.value for want in self.row.entities or () if _match(want, self.found) is None]
        return f"missed entities {missed}" if missed else ""


def summary(verdicts: Sequence[Verdict]) -> dict[str, object]:
    """The figures of the issue; None where no line of the file asks for one."""
    labelled = [verdict for verdict in verdicts if verdict.row.intent]
    choices = [verdict for verdict in verdicts if verdict.row.right]
    losses = [verdict for verdict in verdicts if verdict.row.is_urgent]
    others = [verdict for verdict in verdicts if verdict.row.is_not_urgent]
    stories = [verdict for verdict in verdicts if verdict.row.fraud_type]
    return {
        "n": len(verdicts),
        "accuracy": _share(verdict.intent == verdict.row.intent for verdict in labelled),
        "macro_f1": macro_f1([(verdict.row.intent, verdict.intent) for verdict in labelled]),
        "urgent_recall": _share(verdict.intent == URGENT for verdict in losses),
        "urgent_recall_rules_only": _share(verdict.rules_urgent for verdict in losses),
        "urgent_false_alarm_rate": _share(verdict.intent == URGENT for verdict in others),
        "urgent_false_alarm_rate_rules_only": _share(verdict.rules_urgent for verdict in others),
        "acceptable_rate": _share(verdict.intent in verdict.row.right for verdict in choices),
        "never_violations": sum(verdict.intent in verdict.row.never for verdict in verdicts),
        "fallback_rate": _share(not verdict.found.confident for verdict in verdicts),
        "degraded": sum(verdict.found.degraded for verdict in verdicts),
        "fraud_type_macro_f1": macro_f1([(verdict.row.fraud_type, verdict.found.fraud_type) for verdict in stories]),
        "entities": entity_figures([verdict for verdict in verdicts if verdict.row.entities is not None]),
    }


def _share(hits: Iterable[bool]) -> float | None:
    counted = list(hits)
    return round(sum(counted) / len(counted), 4) if counted else None


def macro_f1(pairs: Collection[tuple[str, str]]) -> float | None:
    """Mean F1 over the labels that occur among the wanted ones; pairs are (wanted, given)."""
    if not pairs:
        return None
    right = Counter(wanted for wanted, given in pairs if wanted == given)
    wanted_count = Counter(wanted for wanted, _ in pairs)
    given_count = Counter(given for _, given in pairs)
    values = [2 * right[label] / (wanted_count[label] + given_count[label]) for label in wanted_count]
    return round(sum(values) / len(values), 4)


def entity_figures(verdicts: Sequence[Verdict]) -> dict[str, dict[str, float | None]]:
    """Precision, recall and value accuracy (over those found) by type."""
    kinds = sorted({want.type for verdict in verdicts for want in verdict.row.entities or ()})
    return {kind: _one_type(kind, verdicts) for kind in kinds}


def _one_type(kind: str, verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    wanted = hit = valued = right = given = 0
    for verdict in verdicts:
        given += len(verdict.found.of(kind))
        for want in verdict.row.entities or ():
            if want.type != kind:
                continue
            wanted += 1
            value = _match(want, verdict.found)
            hit += value is not None
            if want.value and value is not None:
                valued += 1
                right += same(want.value, value)
    return {
        "precision": round(min(hit, given) / given, 4) if given else None,
        "recall": round(hit / wanted, 4) if wanted else None,
        "value_accuracy": round(right / valued, 4) if valued else None,
    }


def _match(want: Wanted, found: Understanding) -> str | None:
    """The value of the entity of that type whose text overlaps the wanted one, or whose value is the wanted one."""
    for entity in found.of(want.type):
        if want.text and (want.text in entity.text or entity.text in want.text):
            return entity.value
    return next((entity.value for entity in found.of(want.type) if want.value and same(want.value, entity.value)), None)


def same(wanted: str, given: str) -> bool:
    """Whether two values are one: numbers by value, the rest by letters."""
    try:
        return Decimal(wanted) == Decimal(given)
    except InvalidOperation:
        return wanted.strip().lower() == given.strip().lower()
