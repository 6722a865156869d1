"""The form a reward is proposed on: every question the scheme asks of a tip, and reading the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from console import claim_words, moments
from rewards.claims import ClaimError
from rewards.facts import Facts, Finding, Reporter
from rewards.schemes import words as scheme_words
from rewards.schemes.model import BandRule, Condition, FlatRule, Measure, Rule, Scheme
from rewards.telling import rule_words
from rewards.words import PEOPLE
from tips.models import Tip

SOLVED_ON = "solved_on"
ANSWERS: dict[str, bool | None] = {"yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; ``name``: its field."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A rule of the scheme. ``number``: what to count for it, or None."""

    field: str
    label: str
    number: Asked | None
    conditions: list[Asked]


@dataclass(frozen=True, slots=True)
class Form:
    """Everything to be answered. ``reporters``: how much each contributed, where the scheme goes by that."""

    scheme: str
    kinds: list[Kind]
    conditions: list[Asked]
    exclusions: list[Asked]
    measures: list[Asked]
    solved_on: Asked | None
    reporters: list[Asked]


def form_of(scheme: Scheme, tips: Sequence[Tip]) -> Form:
    """What has to be found out for a scheme. ``tips``: everybody's of the same clue, the earliest first."""
    return Form(
        scheme=f"{scheme.name}（{scheme.version}）",
        kinds=[_kind(rule) for rule in scheme.rules],
        conditions=[Asked(f"c.{it}", scheme_words.CONDITIONS[it]) for it in _conditions(scheme)],
        exclusions=[Asked(f"e.{it}", scheme_words.EXCLUSIONS[it]) for it in scheme.exclusions],
        measures=[Asked(f"m.{it}", scheme_words.MEASURES[it]) for it in _measures(scheme)],
        solved_on=Asked(SOLVED_ON, claim_words.ASK_SOLVED_ON) if _from_solving(scheme) else None,
        reporters=[
            Asked(
                f"w.{tip.number}", claim_words.ASK_WEIGHT.format(number=tip.number, at=moments.full(tip.registered_at))
            )
            for tip in _weighed(scheme, tips)
        ],
    )


def _weighed(scheme: Scheme, tips: Sequence[Tip]) -> list[Tip]:
    """Whose contribution counts: of those who reported together, the first stands for all. Empty for one group."""
    if scheme.reporters is None or scheme.reporters.same_clue != "by_contribution":
        return []
    groups = {str(tip.joint_id or tip.number): tip for tip in reversed(tips)}
    return list(reversed(groups.values())) if len(groups) > 1 else []


def _from_solving(scheme: Scheme) -> bool:
    return any(deadline.after == "case_solved" for deadline in scheme.deadlines)


def solved_on(scheme: Scheme, answers: Mapping[str, str]) -> date | None:
    """The day the case was solved, where a deadline counts from it. Raises :class:`ClaimError`."""
    said = answers.get(SOLVED_ON, "").strip()
    if not _from_solving(scheme) or not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise ClaimError(claim_words.NOT_A_DAY) from error


def _kind(rule: Rule) -> Kind:
    number = None
    if isinstance(rule, FlatRule) and rule.basis != "per_case":
        number = Asked(f"n.{rule.code}", rule.unit or PEOPLE)
    conditions = [Asked(f"t.{rule.code}.{place}", text) for place, text in enumerate(rule.conditions)]
    return Kind(f"r.{rule.code}", rule_words(rule, amounts=True), number, conditions)


def _conditions(scheme: Scheme) -> list[Condition]:
    wanted = {*scheme.conditions, *(it for rule in scheme.rules for it in rule.outcomes)}
    return [condition for condition in Condition if condition in wanted]


def _measures(scheme: Scheme) -> list[Measure]:
    wanted = {rule.measure for rule in scheme.rules if isinstance(rule, BandRule)}
    return [measure for measure in Measure if measure in wanted]


def read(scheme: Scheme, tips: Sequence[Tip], answers: Mapping[str, str]) -> Facts:
    """The facts as they were filled in. ``tips``: everybody's of the same clue. Raises :class:`ClaimError`."""
    findings = [_finding(rule, answers) for rule in scheme.rules if answers.get(f"r.{rule.code}")]
    measured = {it: _number(answers, f"m.{it}", scheme_words.MEASURES[it]) for it in _measures(scheme)}
    return Facts(
        conditions={it: ANSWERS.get(answers.get(f"c.{it}", "")) for it in _conditions(scheme)},
        exclusions={it: ANSWERS.get(answers.get(f"e.{it}", "")) for it in scheme.exclusions},
        measures={it: value for it, value in measured.items() if value is not None},
        findings=tuple(findings),
        reporters=_reporters(scheme, tips, answers),
    )


def _reporters(scheme: Scheme, tips: Sequence[Tip], answers: Mapping[str, str]) -> tuple[Reporter, ...]:
    asked = {tip.number for tip in _weighed(scheme, tips)}
    weights = {tip.number: _count(answers, f"w.{tip.number}", tip.number) if tip.number in asked else 0 for tip in tips}
    return tuple(
        Reporter(tip.number, tip.registered_at, str(tip.joint_id or ""), weights[tip.number] if asked else None)
        for tip in tips
    )


def _finding(rule: Rule, answers: Mapping[str, str]) -> Finding:
    number = _count(answers, f"n.{rule.code}", rule.name)
    texts = {text: ANSWERS.get(answers.get(f"t.{rule.code}.{place}", "")) for place, text in enumerate(rule.conditions)}
    return Finding(rule.code, True, number, texts)


def _count(answers: Mapping[str, str], field: str, name: str) -> int | None:
    number = _number(answers, field, name)
    if number is not None and number != number.to_integral_value():
        raise ClaimError(claim_words.NOT_A_NUMBER.format(name=name))
    return None if number is None else int(number)


def _number(answers: Mapping[str, str], field: str, name: str) -> Decimal | None:
    said = answers.get(field, "").strip()
    if not said:
        return None
    try:
        value = Decimal(said)
    except InvalidOperation as error:
        raise ClaimError(claim_words.NOT_A_NUMBER.format(name=name)) from error
    if not value.is_finite() or not 0 <= value < 10**10:
        raise ClaimError(claim_words.NOT_A_NUMBER.format(name=name))
    return value


def amount(answers: Mapping[str, str]) -> Decimal | None:
    """The amount somebody chose inside the range; None: the one the scheme gives."""
    return _number(answers, "amount", "金额")
