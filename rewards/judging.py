"""One rule of a scheme against the facts: what it gives, whether that is sure, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from rewards import words
from rewards.facts import NOTHING, ZERO, Facts, Finding, Outcome, Range
from rewards.schemes import words as scheme_words
from rewards.schemes.bands import AmountBand, CountBand
from rewards.schemes.model import BandRule, DiscretionaryRule, FlatRule, RangeRule, Rule
from rewards.telling import edge_words, payout_words, yuan_words

Band = AmountBand | CountBand


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule gives. ``applies`` False: nothing, for the reason ``said``. ``sure``: no open answer undoes it.

    ``unknown``: what has to be found out; ``decisions``: what the scheme leaves to people.
    """

    rule: Rule
    applies: bool
    sure: bool
    range: Range
    said: str
    unknown: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The rule's line in the result."""
        return Outcome(self.rule.code, self.rule.name, self.range, self.said)


def judge(rule: Rule, facts: Facts) -> Judged:
    """Weigh one rule."""
    finding = next((found for found in facts.findings if found.code == rule.code), None)
    if finding is None or finding.met is False:
        return _no(rule, words.NOT_THIS_KIND)
    wanted = {scheme_words.CONDITIONS[it]: facts.conditions.get(it) for it in rule.outcomes}
    wanted |= {text: finding.conditions.get(text) for text in rule.conditions}
    failed, doubts = sort_out(wanted)
    if failed:
        return _no(rule, words.CONDITION_FAILED.format(conditions=scheme_words.AND.join(failed)))
    unknown = [words.ASK_KIND.format(name=rule.name)] if finding.met is None else []
    unknown += [words.ASK_CONDITION_OF.format(name=rule.name, condition=doubt) for doubt in doubts]
    judged = _capped(_sum(rule, finding, facts), finding)
    if judged.applies and unknown:
        low = Range(ZERO, judged.range.high)
        return replace(judged, sure=False, range=low, unknown=(*unknown, *judged.unknown))
    return judged


def sort_out(wanted: Mapping[str, bool | None]) -> tuple[list[str], list[str]]:
    """The names of what does not hold, and of what nobody has said yet."""
    return [it for it, holds in wanted.items() if holds is False], [it for it, holds in wanted.items() if holds is None]


def _no(rule: Rule, why: str) -> Judged:
    return Judged(rule, applies=False, sure=True, range=NOTHING, said=why)


def _sum(rule: Rule, finding: Finding, facts: Facts) -> Judged:
    if isinstance(rule, FlatRule):
        return _flat(rule, finding.number)
    if isinstance(rule, BandRule):
        return _banded(rule, facts.measures.get(rule.measure))
    if isinstance(rule, RangeRule):
        return Judged(rule, applies=True, sure=True, range=Range(rule.least, rule.most), said=payout_words(rule))
    return _by_case(rule)


def _by_case(rule: DiscretionaryRule) -> Judged:
    asked = words.ASK_AMOUNT.format(name=rule.name)
    return Judged(rule, applies=True, sure=True, range=Range(ZERO, None), said=scheme_words.BY_CASE, decisions=(asked,))


def _flat(rule: FlatRule, number: int | None) -> Judged:
    each = scheme_words.PER[rule.basis].format(unit=rule.unit) + payout_words(rule)
    if rule.basis == "per_case":
        return Judged(rule, applies=True, sure=True, range=Range(rule.least, rule.most), said=each)
    unit = rule.unit or words.PEOPLE
    if number is None:
        asked = words.ASK_NUMBER.format(name=rule.name, unit=unit)
        said = words.NUMBER_OPEN.format(each=each)
        return Judged(rule, applies=True, sure=False, range=Range(ZERO, None), said=said, unknown=(asked,))
    if number == 0:
        return _no(rule, words.NUMBER_ZERO.format(unit=unit))
    whole = Range(rule.least * number, None if rule.most is None else rule.most * number)
    said = words.TIMES.format(each=each, number=number, unit=unit, total=range_words(whole))
    return Judged(rule, applies=True, sure=True, range=whole, said=said)


def _banded(rule: BandRule, value: Decimal | None) -> Judged:
    bands: list[Band] = list(rule.bands)
    measure = scheme_words.MEASURES[rule.measure]
    if value is None:
        sure = bands[0].holds(Decimal(0)) is True and bands[-1].to is None  # every value lies in some band
        asked = words.ASK_MEASURE.format(name=rule.name, measure=measure)
        said = words.MEASURE_OPEN.format(measure=measure)
        return Judged(rule, applies=True, sure=sure, range=_hull(bands, sure=sure), said=said, unknown=(asked,))
    shown = words.MEASURED.format(measure=measure, value=yuan_words(value), unit=_unit(rule))
    held = [band for band in bands if band.holds(value) is True]
    on_edge = [band for band in bands if band.holds(value) is None]
    if not held and not on_edge:
        return _no(rule, words.NO_BAND.format(shown=shown))
    if held:
        return _in_band(rule, held[0], shown)
    asked = words.ASK_EDGE.format(name=rule.name, shown=shown)
    sure = len(on_edge) > 1
    said = words.ON_EDGE.format(shown=shown)
    return Judged(rule, applies=True, sure=sure, range=_hull(on_edge, sure=sure), said=said, decisions=(asked,))


def _in_band(rule: BandRule, band: Band, shown: str) -> Judged:
    said = words.IN_BAND.format(shown=shown, edges=edge_words(band), payout=payout_words(band))
    asked = (words.ASK_AMOUNT.format(name=rule.name),) if band.most is None else ()
    paid = Range(band.least, band.most)
    return Judged(rule, applies=True, sure=True, range=paid, said=said, decisions=asked)


def _unit(rule: BandRule) -> str:
    return words.YUAN if isinstance(rule.bands[0], AmountBand) else ""


def _hull(bands: list[Band], *, sure: bool) -> Range:
    """What any of these bands may give; not ``sure``: or nothing."""
    tops = [band.most for band in bands]
    known = [top for top in tops if top is not None]
    low = min(band.least for band in bands) if sure else ZERO
    return Range(low, max(known) if len(known) == len(tops) else None)


def _capped(judged: Judged, finding: Finding) -> Judged:
    cap = judged.rule.cap_per_case
    if not judged.applies or cap is None:
        return judged
    left = max(ZERO, cap - finding.awarded_before)
    if left == 0:
        return _no(judged.rule, words.CAP_USED.format(cap=yuan_words(cap)))
    under = under_cap(judged.range, left)
    if under == judged.range:
        return judged
    before = words.BEFORE.format(before=yuan_words(finding.awarded_before), left=yuan_words(left))
    said = words.CAPPED.format(cap=yuan_words(cap), before=before if finding.awarded_before else "")
    return replace(judged, range=under, said=judged.said + said)


def under_cap(paid: Range, cap: Decimal) -> Range:
    """A range no part of which is above the cap."""
    return Range(min(paid.low, cap), cap if paid.high is None else min(paid.high, cap))


def range_words(paid: Range) -> str:
    """An amount, or from where to where."""
    if paid.high is None:
        return words.AT_LEAST.format(low=yuan_words(paid.low)) if paid.low else scheme_words.BY_CASE
    if paid.exact:
        return scheme_words.EXACTLY.format(amount=yuan_words(paid.low))
    return scheme_words.RANGE.format(low=yuan_words(paid.low), high=yuan_words(paid.high))
