"""From a scheme and verified facts to an amount or a range, with an explanation an auditor can follow.

A pure function: nothing is looked up, nothing is rounded but the 分 of shares. The range holds every answer to the
open questions, so an answer can only narrow it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    decisions: tuple[str, ...]
    said: tuple[str, ...]


def assess(scheme: Scheme, facts: Facts) -> Assessment:
    """Work out the reward of a clue."""
    barred, doubts = _as_a_whole(scheme, facts)
    judged = [judge(rule, facts) for rule in scheme.rules]
    refused = [it.outcome for it in judged if not it.applies]
    together = _Combined(NOTHING, (), (), (), ())
    unknown: list[str] = []
    if not barred:
        together = _capped(scheme, _combine(scheme, [it for it in judged if it.applies], doubts), facts.awarded_before)
        unknown = [*doubts, *(asked for it in judged for asked in it.unknown)]
    shares, asked = share(scheme.reporters, facts.reporters, together.total)
    decisions = [] if barred else [asked for it in judged for asked in it.decisions]
    decisions += [*together.decisions, *asked]
    order = {rule.code: place for place, rule in enumerate(scheme.rules)}
    found = Assessment(
        total=together.total,
        applied=together.applied,
        not_applied=tuple(sorted([*refused, *together.beaten], key=lambda it: order[it.code])),
        barred=tuple(barred),
        unknown=tuple(dict.fromkeys(unknown)),
        decisions=tuple(dict.fromkeys(decisions)),
        shares=shares,
        lines=(),
    )
    return replace(found, lines=tuple(_lines(scheme, found, together.said)))


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


def _combine(scheme: Scheme, judged: list[Judged], doubts: list[str]) -> _Combined:
    bases = [it for it in judged if not it.rule.addon]
    addons = [it for it in judged if it.rule.addon]
    if not bases:
        lone = tuple(Outcome(it.rule.code, it.rule.name, NOTHING, words.NO_BASE) for it in addons)
        return _Combined(NOTHING, (), lone, (), ())
    total, said, decisions = _stacked(scheme, bases)
    beaten = _beaten(bases) if scheme.stacking == "highest_only" else []
    sure = any(it.sure for it in bases)
    for addon in addons:
        low = total.low + addon.range.low if sure else total.low
        total = Range(low, None if total.high is None or addon.range.high is None else total.high + addon.range.high)
    if addons:
        said.append(words.ADDED_ON_TOP)
    applied = tuple(it.outcome for it in [*bases, *addons] if it not in beaten)
    outcomes = tuple(Outcome(it.rule.code, it.rule.name, it.range, words.BEATEN.format(said=it.said)) for it in beaten)
    total = Range(ZERO, total.high) if doubts else total
    return _Combined(total, applied, outcomes, tuple(decisions), tuple(said))


def _stacked(scheme: Scheme, bases: list[Judged]) -> tuple[Range, list[str], list[str]]:
    lows = [it.range.low for it in bases]
    highs = [it.range.high for it in bases]
    known = [high for high in highs if high is not None]
    unlimited = len(known) < len(highs)
    if len(bases) == 1:
        return bases[0].range, [], []
    if scheme.stacking == "highest_only":
        return Range(max(lows), None if unlimited else max(known)), [words.HIGHEST_ONLY], []
    most = None if unlimited else sum(known, ZERO)
    if scheme.stacking == "add_up":
        return Range(sum(lows, ZERO), most), [words.ADD_UP], []
    return Range(max(lows), most), [words.STACKING_OPEN], [words.ASK_STACKING]


def _beaten(bases: list[Judged]) -> list[Judged]:
    """Those that cannot give more than the best one gives for sure."""
    best = max(bases, key=lambda it: it.range.low)
    return [it for it in bases if it is not best and it.range.high is not None and it.range.high <= best.range.low]


def _capped(scheme: Scheme, together: _Combined, before: Decimal) -> _Combined:
    if scheme.cap_per_case is None:
        return together
    left = max(ZERO, scheme.cap_per_case - before)
    under = under_cap(together.total, left)
    if under == together.total:
        return together
    awarded = words.BEFORE.format(before=yuan_words(before), left=yuan_words(left)) if before else ""
    said = words.CAPPED_IN_ALL.format(cap=yuan_words(scheme.cap_per_case), before=awarded)
    return replace(together, total=under, said=(*together.said, said))


def _lines(scheme: Scheme, found: Assessment, said: tuple[str, ...]) -> Iterator[str]:
    start = words.SINCE.format(day=day_words(scheme.effective_from)) if scheme.effective_from else ""
    yield words.BY.format(name=scheme.name, version=scheme.version, start=start)
    yield from (words.BARRED.format(why=why) for why in found.barred)
    yield from (words.APPLIED.format(name=it.name, said=it.said, sum=range_words(it.range)) for it in found.applied)
    yield from said
    yield words.TOTAL.format(total=range_words(found.total))
    yield from (words.SHARE.format(key=it.key, sum=range_words(it.range), said=it.said) for it in found.shares)
    yield from (words.NOT_APPLIED.format(name=it.name, why=it.said) for it in found.not_applied)
    yield from (words.QUESTION.format(asked=asked) for asked in found.unknown)
    yield from (words.DECISION.format(asked=asked) for asked in found.decisions)
