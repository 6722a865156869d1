"""The reward once more, slowly and in another way: by walking a table, once for every answer to what is open.

In whole 分; ``ENDLESS`` stands for a sum without a limit. Shares nothing with the calculation but its input.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rewards.facts import Facts, Finding
from rewards.schemes.model import Measure, Rule, Scheme

ENDLESS = 10**18
MANY = 10**10


@dataclass(frozen=True)
class Answers:
    """Facts without anything open, and how the scheme's own silences are read. ``sides``: of unsaid edges."""

    facts: Facts
    stacking: str
    sides: dict[tuple[str, int], int]


def walk(scheme: Scheme, facts: Facts) -> tuple[int, int]:
    """The least and the most in 分, over every answer."""
    ends = [_sum(scheme, answers) for answers in _every_answer(scheme, facts)]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return low, ENDLESS if high >= MANY else high


def _every_answer(scheme: Scheme, facts: Facts) -> Iterator[Answers]:
    for settled in _settled_words(scheme, facts):
        for numbers in itertools.product(*(_numbers(scheme, it) for it in settled.findings)):
            findings = tuple(replace(it, number=number) for it, number in zip(settled.findings, numbers, strict=True))
            for measures in _settled_measures(scheme, replace(settled, findings=findings)):
                known = replace(settled, findings=findings, measures=measures)
                for sides in _sides(scheme, known):
                    for stacking in [scheme.stacking] if scheme.stacking else ["highest_only", "add_up"]:
                        yield Answers(known, stacking, sides)


def _settled_words(scheme: Scheme, facts: Facts) -> Iterator[Facts]:
    wanted = {*scheme.conditions, *(it for rule in scheme.rules for it in rule.outcomes)}
    asked: list[tuple[str, Any]] = [("c", it) for it in wanted if facts.conditions.get(it) is None]
    asked += [("e", it) for it in scheme.exclusions if facts.exclusions.get(it) is None]
    asked += [("m", it.code) for it in facts.findings if it.met is None]
    asked += [("t", (it.code, text)) for it in facts.findings for text, said in it.conditions.items() if said is None]
    for answers in itertools.product((True, False), repeat=len(asked)):
        given = dict(zip(asked, answers, strict=True))
        yield replace(
            facts,
            conditions={**facts.conditions, **{it: yes for (kind, it), yes in given.items() if kind == "c"}},
            exclusions={**facts.exclusions, **{it: yes for (kind, it), yes in given.items() if kind == "e"}},
            findings=tuple(_settled_finding(it, given) for it in facts.findings),
        )


def _settled_finding(finding: Finding, given: dict[tuple[str, Any], bool]) -> Finding:
    met = given.get(("m", finding.code), finding.met)
    texts = {text: given.get(("t", (finding.code, text)), said) for text, said in finding.conditions.items()}
    return replace(finding, met=met, conditions=texts)


def _numbers(scheme: Scheme, finding: Finding) -> list[int | None]:
    rule = next(it for it in scheme.rules if it.code == finding.code)
    if rule.basis not in ("per_person", "per_item") or finding.number is not None:
        return [finding.number]
    return [0, 1, MANY]


def _settled_measures(scheme: Scheme, facts: Facts) -> Iterator[dict[Measure, Decimal]]:
    named = {it.code for it in facts.findings}
    asked = [
        it for it in scheme.rules if hasattr(it, "measure") and it.code in named and it.measure not in facts.measures
    ]
    tries = [[end for row in _table(it) for end in (row[0], row[2]) if end < ENDLESS] for it in asked]
    near = [sorted({max(0, end + off) for end in ends for off in (-1, 0, 1)} | {0, MANY}) for ends in tries]
    for values in itertools.product(*near):
        found = dict(facts.measures)
        for rule, value in zip(asked, values, strict=True):
            found[rule.measure] = Decimal(value) / _scale(rule)
        yield found


def _scale(rule: Rule) -> int:
    return 100 if rule.basis == "amount_band" else 1


def _sides(scheme: Scheme, facts: Facts) -> Iterator[dict[tuple[str, int], int]]:
    """For every value on an unsaid edge: once in the band below, once in the one above."""
    asked = []
    for rule in scheme.rules:
        if not hasattr(rule, "measure") or rule.measure not in facts.measures:
            continue
        value = int(facts.measures[rule.measure] * _scale(rule))
        for row in _table(rule):
            for end, inside in ((row[0], row[1]), (row[2], row[3])):
                if end == value and inside is None and (rule.code, end) not in asked:
                    asked.append((rule.code, end))
    for sides in itertools.product((0, 1), repeat=len(asked)):
        yield dict(zip(asked, sides, strict=True))


def _table(rule: Any) -> list[tuple[int, bool | None, int, bool | None, int, int]]:
    """Rows of: from, inside, to, inside, least, most."""
    scale = _scale(rule)
    return [
        (
            int(band.start * scale),
            band.from_included,
            ENDLESS if band.to is None else int(band.to * scale),
            band.to_included,
            *_paid(band),
        )
        for band in rule.bands
    ]


def _paid(payout: Any) -> tuple[int, int]:
    if payout.amount is not None:
        return int(payout.amount * 100), int(payout.amount * 100)
    return int((payout.min or 0) * 100), ENDLESS if payout.max is None else int(payout.max * 100)


def _sum(scheme: Scheme, answers: Answers) -> tuple[int, int]:
    facts = answers.facts
    if not all(facts.conditions[it] for it in scheme.conditions) or any(
        facts.exclusions[it] for it in scheme.exclusions
    ):
        return 0, 0
    rows = [(rule.addon, _one(rule, answers)) for rule in scheme.rules]
    bases = [row for addon, row in rows if not addon and row is not None]
    if not bases:
        return 0, 0
    lows, highs = [low for low, _ in bases], [high for _, high in bases]
    low, high = (sum(lows), sum(highs)) if answers.stacking == "add_up" else (max(lows), max(highs))
    for addon, row in rows:
        if addon and row is not None:
            low, high = low + row[0], high + row[1]
    if scheme.cap_per_case is not None:
        left = max(0, int(scheme.cap_per_case * 100) - int(facts.awarded_before * 100))
        low, high = min(low, left), min(high, left)
    return low, high


def _one(rule: Any, answers: Answers) -> tuple[int, int] | None:
    finding = next((it for it in answers.facts.findings if it.code == rule.code), None)
    if finding is None or not finding.met or not all(finding.conditions[it] for it in rule.conditions):
        return None
    if not all(answers.facts.conditions[it] for it in rule.outcomes):
        return None
    row = _row(rule, finding, answers)
    if row is None or rule.cap_per_case is None:
        return row
    left = int(rule.cap_per_case * 100) - int(finding.awarded_before * 100)
    return None if left <= 0 else (min(row[0], left), min(row[1], left))


def _row(rule: Any, finding: Finding, answers: Answers) -> tuple[int, int] | None:
    if rule.basis == "discretionary":
        return 0, ENDLESS
    if rule.basis in ("per_case", "range"):
        return _paid(rule)
    if rule.basis in ("per_person", "per_item"):
        low, high = _paid(rule)
        return (low * (finding.number or 0), high * (finding.number or 0)) if finding.number else None
    value = int(answers.facts.measures[rule.measure] * _scale(rule))
    for start, start_in, end, end_in, low, high in _table(rule):
        above = value > start or (value == start and _inside(start_in, answers, rule, start, upper=True))
        below = value < end or (value == end and _inside(end_in, answers, rule, end, upper=False))
        if above and below:
            return low, high
    return None


def _inside(said: bool | None, answers: Answers, rule: Any, edge: int, *, upper: bool) -> bool:
    return answers.sides[rule.code, edge] == int(upper) if said is None else said
