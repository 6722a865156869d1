"""Several people, one clue: who gets what of the whole. The order in which they are named changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from rewards import words
from rewards.facts import NOTHING, ZERO, Range, Reporter, Share
from rewards.schemes.bands import FEN
from rewards.schemes.model import Reporters

Group = tuple[Reporter, ...]


def share(rule: Reporters | None, reporters: Sequence[Reporter], total: Range) -> tuple[tuple[Share, ...], list[str]]:
    """Everybody's part, earliest first, and what is still open."""
    groups = _groups(reporters)
    if not groups:
        return (), []
    if len(groups) == 1:
        return _inside(groups[0], total, words.JOINT if len(groups[0]) > 1 else words.ALONE), []
    if rule is None:
        return _open(groups, total), [words.ASK_SEVERAL]
    if rule.same_clue == "first_registered":
        return _to_the_first(groups, total)
    return _by_contribution(groups, total)


def _groups(reporters: Sequence[Reporter]) -> list[Group]:
    found: dict[tuple[bool, str], list[Reporter]] = {}
    for reporter in sorted(reporters, key=_order):
        found.setdefault((bool(reporter.group), reporter.group or reporter.key), []).append(reporter)
    return [tuple(group) for group in found.values()]


def _order(reporter: Reporter) -> tuple[datetime, str]:
    return reporter.registered_at, reporter.key


def _to_the_first(groups: list[Group], total: Range) -> tuple[tuple[Share, ...], list[str]]:
    moment = groups[0][0].registered_at
    first = [group for group in groups if group[0].registered_at == moment]
    if len(first) > 1:
        late = [group for group in groups if group not in first]
        return (*_open(first, total), *_nothing(late)), [words.ASK_SAME_MOMENT]
    return (*_inside(groups[0], total, words.FIRST), *_nothing(groups[1:])), []


def _by_contribution(groups: list[Group], total: Range) -> tuple[tuple[Share, ...], list[str]]:
    unsaid = any(reporter.weight is None or reporter.weight < 0 for group in groups for reporter in group)
    weights = [sum(reporter.weight or 0 for reporter in group) for group in groups]
    if unsaid or sum(weights) <= 0:
        return _open(groups, total), [words.ASK_CONTRIBUTION]
    lows = divide(total.low, weights)
    highs = [None] * len(groups) if total.high is None else divide(total.high, weights)
    parts: list[Share] = []
    for group, weight, low, high in zip(groups, weights, lows, highs, strict=True):
        said_of = words.CONTRIBUTED.format(weight=weight, whole=sum(weights))
        parts += _inside(group, Range(low, high), said_of)
    return tuple(parts), []


def _inside(group: Group, total: Range, said: str) -> tuple[Share, ...]:
    """A joint report shares one reward in equal parts."""
    even = [1] * len(group)
    lows = divide(total.low, even)
    highs = [None] * len(group) if total.high is None else divide(total.high, even)
    return tuple(Share(it.key, Range(low, high), said) for it, low, high in zip(group, lows, highs, strict=True))


def _open(groups: Sequence[Group], total: Range) -> tuple[Share, ...]:
    return tuple(Share(it.key, Range(ZERO, total.high), words.SHARE_OPEN) for group in groups for it in group)


def _nothing(groups: Sequence[Group]) -> tuple[Share, ...]:
    return tuple(Share(it.key, NOTHING, words.LATER) for group in groups for it in group)


def divide(total: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """A sum in whole 分 by weight, nothing lost: what is left over goes to the largest remainders, earliest first."""
    whole, weighed = int(total / FEN), sum(weights)
    parts = [whole * weight // weighed for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(whole * weights[place] % weighed))
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return [part * FEN for part in parts]
