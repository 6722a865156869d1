"""A scheme's rules in plain Chinese, for residents and for the explanation of an amount."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rewards.schemes import words
from rewards.schemes.bands import AmountBand, CountBand, Payout
from rewards.schemes.model import BandRule, DiscretionaryRule, FlatRule, Kind, Rule, Scheme


def plain_words(scheme: Scheme | None, *, amounts: bool) -> str:
    """The rules for a resident in a few lines; without a scheme one line that says so.

    ``amounts``: name the sums; False for SMS.
    """
    if scheme is None:
        return words.NO_SCHEME
    title = (words.TITLE if scheme.effective_from else words.TITLE_UNDATED).format(
        name=scheme.name, issuer=scheme.issuer, start=day_words(scheme.effective_from)
    )
    conditions = words.AND.join(words.CONDITIONS[condition] for condition in scheme.conditions)
    exclusions = words.AND.join(words.EXCLUSIONS[exclusion] for exclusion in scheme.exclusions)
    basis = words.BASIS if exclusions else words.BASIS_OPEN
    rules = "；".join(rule_words(rule, amounts=amounts) for rule in scheme.rules)
    if amounts and scheme.cap_per_case is not None:
        rules += words.CAP_OF_ALL.format(amount=yuan_words(scheme.cap_per_case))
    lines = [
        (words.SAMPLE if scheme.kind is Kind.SAMPLE else "") + title,
        words.REWARDED.format(rules=rules),
        basis.format(conditions=conditions, exclusions=exclusions),
    ]
    if scheme.reporters is not None:
        lines.append(words.SEVERAL.format(same_clue=words.SAME_CLUE[scheme.reporters.same_clue]))
    return "\n".join([*lines, _claiming(scheme), words.NEXT])


def sms_words(scheme: Scheme) -> str:
    """The rules in one short text, without any amount."""
    sample = words.SAMPLE if scheme.kind is Kind.SAMPLE else ""
    rules = words.AND.join(rule.name for rule in scheme.rules)
    conditions = words.AND.join(words.CONDITIONS[condition] for condition in scheme.conditions)
    return sample + words.IN_SHORT.format(name=scheme.name, rules=rules, conditions=conditions)


def _claiming(scheme: Scheme) -> str:
    who = ""
    if scheme.anonymity is not None:
        digits = scheme.anonymity.code_digits
        who = words.ANONYMOUS.format(digits=digits) if scheme.anonymity.allowed else words.NAMED
    deadlines = "，".join(
        words.DEADLINE.format(
            after=words.EVENTS[deadline.after],
            number=deadline.number,
            unit=words.UNITS[deadline.unit],
            step=words.STEPS[deadline.step],
        )
        for deadline in scheme.deadlines
    )
    return who + (words.DEADLINES.format(deadlines=deadlines) if deadlines else "")


def rule_words(rule: Rule, *, amounts: bool) -> str:
    """One rule: what it rewards and, with ``amounts``, how much."""
    if not amounts:
        return rule.name
    cap = words.CAP.format(amount=yuan_words(rule.cap_per_case)) if rule.cap_per_case is not None else ""
    on_top = words.ON_TOP if rule.addon else ""
    after = words.AFTER.format(conditions=words.AND.join(words.CONDITIONS[it] for it in rule.outcomes))
    only = words.ON_CONDITION.format(conditions=words.AND.join(rule.conditions)) if rule.conditions else ""
    return f"{rule.name}{on_top}{only}：{after if rule.outcomes else ''}{_sum(rule)}{cap}"


def _sum(rule: Rule) -> str:
    if isinstance(rule, DiscretionaryRule):
        return words.BY_CASE
    if isinstance(rule, FlatRule):
        return words.PER[rule.basis].format(unit=rule.unit) + payout_words(rule)
    if isinstance(rule, BandRule):
        bands = "，".join(words.BAND.format(edges=edge_words(band), payout=payout_words(band)) for band in rule.bands)
        return words.MEASURES[rule.measure] + bands
    return payout_words(rule)


def edge_words(band: AmountBand | CountBand) -> str:
    """From where to where a band reaches, each edge with what is said of it."""
    low = _edge(band, band.start, included=band.from_included)
    if band.to is None:
        return words.BAND_ABOVE.format(low=low)
    return words.BAND_BETWEEN.format(low=low, high=_edge(band, band.to, included=band.to_included))


def _edge(band: AmountBand | CountBand, value: Decimal, *, included: bool | None) -> str:
    shown = yuan_words(value)
    return (words.EXACTLY.format(amount=shown) if isinstance(band, AmountBand) else shown) + words.INCLUDED[included]


def payout_words(payout: Payout) -> str:
    """An amount, a range or 酌定."""
    if payout.amount is not None:
        return words.EXACTLY.format(amount=yuan_words(payout.amount))
    if payout.max is None:
        return words.BY_CASE
    if payout.min is None:
        return words.UP_TO.format(high=yuan_words(payout.max))
    return words.RANGE.format(low=yuan_words(payout.min), high=yuan_words(payout.max))


def yuan_words(amount: Decimal) -> str:
    """Yuan without an empty fraction."""
    return f"{amount:f}" if amount != amount.to_integral_value() else f"{amount:.0f}"


def day_words(day: date | None) -> str:
    """A calendar day; empty for None."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
