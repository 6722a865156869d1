"""The calculation on schemes and facts by chance: what always holds, and a slow reference that must agree."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards.assess import assess
from rewards.facts import Range
from rewards.schemes.model import BandRule, Condition, FlatRule, Scheme
from rewards.sharing import divide
from tests.rewards import cases, reference

CASES, FACTS_EACH = 10_000, 10
chances = st.randoms(use_true_random=False)
at_large = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def in_fen(found: Range) -> tuple[int, int]:
    return int(found.low * 100), reference.ENDLESS if found.high is None else int(found.high * 100)


def test_ten_thousand_cases_agree_with_the_slow_reference() -> None:
    chance = random.Random(20260301)
    kinds = {"nothing": 0, "exact": 0, "range": 0, "endless": 0, "asked": 0}
    for _ in range(CASES // FACTS_EACH):
        scheme = cases.scheme(chance)
        for _ in range(FACTS_EACH):
            facts = cases.facts(chance, scheme)
            found = assess(scheme, facts)
            assert in_fen(found.total) == reference.walk(scheme, facts), (scheme, facts)
            total = found.total
            kind = (
                "endless" if total.high is None else "range" if not total.exact else "exact" if total.low else "nothing"
            )
            kinds[kind] += 1
            kinds["asked"] += bool(found.questions)
    assert min(kinds.values()) > 500, kinds  # every kind of answer was really compared


@at_large
@given(chances)
def test_never_above_a_cap(chance: random.Random) -> None:
    scheme = cases.scheme(chance)
    facts = cases.facts(chance, scheme)
    found = assess(scheme, facts)
    findings = {it.code: it for it in facts.findings}
    rules = {it.code: it for it in scheme.rules}
    for outcome in found.applied:
        cap = rules[outcome.code].cap_per_case
        if cap is not None:
            assert outcome.range.high is not None
            assert outcome.range.high + findings[outcome.code].awarded_before <= cap
    if scheme.cap_per_case is not None and found.applied:
        assert found.total.high is not None
        assert found.total.high <= max(Decimal(0), scheme.cap_per_case - facts.awarded_before)


@at_large
@given(chances)
def test_more_never_gives_less_where_the_bands_rise(chance: random.Random) -> None:
    scheme = cases.scheme(chance, rising=True)
    facts = cases.facts(chance, scheme, unknown=0)
    less = assess(scheme, facts).total
    grown = tuple(replace(it, number=None if it.number is None else it.number + 1) for it in facts.findings)
    higher = {measure: value + chance.choice((1, 5, 30)) for measure, value in facts.measures.items()}
    more = assess(scheme, replace(facts, findings=grown, measures=higher)).total
    assert more.low >= less.low
    assert less.high is not None and more.high is not None and more.high >= less.high


@at_large
@given(chances)
def test_an_answer_only_narrows(chance: random.Random) -> None:
    scheme = cases.scheme(chance)
    facts = cases.facts(chance, scheme, unknown=0.3)
    before = assess(scheme, facts).total
    answered = replace(
        facts,
        conditions={it: cases.said(chance, 0) if value is None else value for it, value in facts.conditions.items()},
        exclusions={it: cases.said(chance, 0, 0.2) if yes is None else yes for it, yes in facts.exclusions.items()},
        findings=tuple(replace(it, met=cases.said(chance, 0) if it.met is None else it.met) for it in facts.findings),
    )
    after = assess(scheme, answered).total
    assert after.low >= before.low
    assert before.high is None or (after.high is not None and after.high <= before.high)


@at_large
@given(chances)
def test_the_order_of_reporters_changes_nothing_and_their_shares_are_the_whole(chance: random.Random) -> None:
    scheme = cases.scheme(chance)
    facts = cases.facts(chance, scheme, unknown=0.02)
    found = assess(scheme, facts)
    mixed = list(facts.reporters)
    chance.shuffle(mixed)
    assert assess(scheme, replace(facts, reporters=tuple(mixed))) == found
    assert {share.key for share in found.shares} == {it.key for it in facts.reporters}
    if found.shares and not any("怎么分" in it or "作用" in it or "最先" in it for it in found.questions):
        assert sum(share.range.low for share in found.shares) == found.total.low
        if found.total.high is not None:
            assert sum(share.range.high or 0 for share in found.shares) == found.total.high


@at_large
@given(st.integers(0, 10**9), st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any))
def test_a_division_loses_no_fen(fen: int, weights: list[int]) -> None:
    total = Decimal(fen) / 100
    parts = divide(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < Decimal("0.01") if weight else part == 0


@at_large
@given(chances)
def test_edges_are_exactly_as_written(chance: random.Random) -> None:
    scheme = cases.scheme(chance)
    for rule in scheme.rules:
        if not isinstance(rule, BandRule):
            continue
        for number, band in enumerate(rule.bands):
            assert band.holds(band.start - band.step) is False
            assert band.holds(band.start) is band.from_included
            if band.to is not None:
                assert band.holds(band.to) is band.to_included
                assert band.holds(band.to + band.step) is False
                if number + 1 < len(rule.bands):
                    holders = [other.holds(band.to) for other in rule.bands]
                    assert holders.count(True) == (0 if band.to_included is None else 1)


@at_large
@given(chances)
def test_every_rule_is_accounted_for_once(chance: random.Random) -> None:
    scheme = cases.scheme(chance)
    found = assess(scheme, cases.facts(chance, scheme))
    told = [it.code for it in (*found.applied, *found.not_applied)]
    expected = {rule.code for rule in scheme.rules}
    assert len(told) == len(set(told))
    assert set(told) == expected or (found.barred and set(told) <= expected)
    text = "\n".join(found.lines)
    assert all(question in text for question in found.questions)
    assert text.count("合计：") == 1


def test_the_cases_by_chance_cover_the_model() -> None:
    chance = random.Random(1)
    made: list[Scheme] = [cases.scheme(chance) for _ in range(300)]
    assert {rule.basis for it in made for rule in it.rules} == {
        "per_case",
        "per_person",
        "per_item",
        "amount_band",
        "count_band",
        "range",
        "discretionary",
    }
    rules = [rule for it in made for rule in it.rules]
    assert any(band.unsaid for rule in rules if isinstance(rule, BandRule) for band in rule.bands)
    assert any(isinstance(rule, FlatRule) and rule.min is not None for rule in rules)
    assert any(rule.addon for rule in rules) and any(Condition.ARRESTED in rule.outcomes for rule in rules)
