"""From a scheme and verified facts to an amount or a range, with an explanation an auditor can follow.

A pure function: nothing is looked up, nothing is rounded but the 分 of shares. The range holds every answer to the
open questions, so an answer can only narrow it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rewards import words
from rewards.facts import NOTHING, ZERO, Assessment, Facts, Outcome, Range
from rewards.judging import Judged, judge, range_words, sort_out, under_cap
from rewards.schemes import words as scheme_words
from rewards.schemes.model import Scheme
from rewards.sharing import share
from rewards.telling import day_words, yuan_words


@dataclass(frozen=True, slots=True)
class _Combined:
    """The rules together."""

    total: Range
    applied: tuple[Outcome, ...]
    beaten: tuple[Outcome, ...]
    questions: tuple[str, ...]
    said: str


def assess(scheme: Scheme, facts: Facts) -> Assessment:
    """Work out the reward of a clue."""
    barred, doubts = _as_a_whole(scheme, facts)
    judged = [judge(rule, facts) for rule in scheme.rules]
    refused = [it.outcome for it in judged if not it.applies]
    if barred:
        return _explained(scheme, NOTHING, (), refused, (), (), barred, facts)
    combined = _combine(scheme, [it for it in judged if it.applies])
    total = Range(ZERO, combined.total.high) if doubts else combined.total
    total, capped = _under_the_schemes_cap(scheme, total, facts.awarded_before)
    questions = [*doubts, *(asked for it in judged for asked in it.questions), *combined.questions]
    said = [*([combined.said] if combined.said else []), *capped]
    return _explained(scheme, total, combined.applied, [*refused, *combined.beaten], questions, said, (), facts)


def _as_a_whole(scheme: Scheme, facts: Facts) -> tuple[list[str], list[str]]:
    """What rules out any reward, and what nobody has said yet."""
    conditions = {scheme_words.CONDITIONS[it]: facts.conditions.get(it) for it in scheme.conditions}
    failed, open_conditions = sort_out(conditions)
    barred = [words.CONDITION_FAILED.format(conditions=it) for it in failed]
    doubts = [words.ASK_CONDITION.format(condition=it) for it in open_conditions]
    for exclusion in scheme.exclusions:
        name, holds = scheme_words.EXCLUSIONS[exclusion], facts.exclusions.get(exclusion)
        if holds:
            barred.append(words.EXCLUDED.format(exclusion=name))
        elif holds is None:
            doubts.append(words.ASK_EXCLUSION.format(exclusion=name))
    return barred, doubts


def _combine(scheme: Scheme, judged: list[Judged]) -> _Combined:
    bases = [it for it in judged if not it.rule.addon]
    addons = [it for it in judged if it.rule.addon]
    if not bases:
        lone = tuple(Outcome(it.rule.code, it.rule.name, NOTHING, words.NO_BASE) for it in addons)
        return _Combined(NOTHING, (), lone, (), "")
    total, said, questions = _stacked(scheme, bases)
    beaten = _beaten(bases) if scheme.stacking == "highest_only" else []
    sure = any(it.sure for it in bases)
    for addon in addons:
        low = total.low + addon.range.low if sure else total.low
        total = Range(low, None if total.high is None or addon.range.high is None else total.high + addon.range.high)
    if addons:
        said += words.ADDED_ON_TOP
    applied = tuple(it.outcome for it in [*bases, *addons] if it not in beaten)
    outcomes = tuple(Outcome(it.rule.code, it.rule.name, it.range, words.BEATEN.format(said=it.said)) for it in beaten)
    return _Combined(total, applied, outcomes, tuple(questions), said)


def _stacked(scheme: Scheme, bases: list[Judged]) -> tuple[Range, str, list[str]]:
    lows = [it.range.low for it in bases]
    highs = [it.range.high for it in bases]
    known = [high for high in highs if high is not None]
    unlimited = len(known) < len(highs)
    if len(bases) == 1:
        return bases[0].range, "", []
    if scheme.stacking == "highest_only":
        return Range(max(lows), None if unlimited else max(known)), words.HIGHEST_ONLY, []
    most = None if unlimited else sum(known, ZERO)
    if scheme.stacking == "add_up":
        return Range(sum(lows, ZERO), most), words.ADD_UP, []
    return Range(max(lows), most), words.STACKING_OPEN, [words.ASK_STACKING]


def _beaten(bases: list[Judged]) -> list[Judged]:
    """Those that cannot give more than the best one gives for sure."""
    best = max(bases, key=lambda it: it.range.low)
    return [it for it in bases if it is not best and it.range.high is not None and it.range.high <= best.range.low]


def _under_the_schemes_cap(scheme: Scheme, total: Range, before: Decimal) -> tuple[Range, list[str]]:
    if scheme.cap_per_case is None:
        return total, []
    left = max(ZERO, scheme.cap_per_case - before)
    under = under_cap(total, left)
    if under == total:
        return total, []
    awarded = words.BEFORE.format(before=yuan_words(before), left=yuan_words(left)) if before else ""
    return under, [words.CAPPED_IN_ALL.format(cap=yuan_words(scheme.cap_per_case), before=awarded)]


def _explained(
    scheme: Scheme,
    total: Range,
    applied: tuple[Outcome, ...],
    not_applied: Iterable[Outcome],
    questions: Iterable[str],
    said: Iterable[str],
    barred: Iterable[str],
    facts: Facts,
) -> Assessment:
    shares, asked = share(scheme.reporters, facts.reporters, total)
    order = {rule.code: place for place, rule in enumerate(scheme.rules)}
    refused = sorted(not_applied, key=lambda it: order[it.code])
    everything = tuple(dict.fromkeys([*questions, *asked]))
    start = words.SINCE.format(day=day_words(scheme.effective_from)) if scheme.effective_from else ""
    lines = [words.BY.format(name=scheme.name, version=scheme.version, start=start)]
    lines += [words.BARRED.format(why=why) for why in barred]
    lines += [words.APPLIED.format(name=it.name, said=it.said, sum=range_words(it.range)) for it in applied]
    lines += said
    lines.append(words.TOTAL.format(total=range_words(total)))
    lines += [words.SHARE.format(key=it.key, sum=range_words(it.range), said=it.said) for it in shares]
    lines += [words.NOT_APPLIED.format(name=it.name, why=it.said) for it in refused]
    lines += [words.QUESTION.format(asked=asked) for asked in everything]
    return Assessment(total, applied, tuple(refused), tuple(barred), everything, shares, tuple(lines))
