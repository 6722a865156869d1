"""Reward schemes: reading and checking the files, which one is in force, and its rules in plain Chinese.

Calculating a reward is not done here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from rewards.schemes import words
from rewards.schemes.bands import AmountBand, CountBand, Payout
from rewards.schemes.model import AmountBandRule, CountBandRule, DiscretionaryRule, FlatRule, Rule, Scheme

SAMPLE = Path(__file__).parent / "schemes" / "sample.yml"


class SchemeError(Exception):
    """A scheme file cannot be used; the text names file and rule and says what is wrong."""


def load_scheme(path: Path) -> Scheme:
    """One scheme file. Raises :class:`SchemeError`."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise SchemeError(f"{path.name}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SchemeError(f"{path.name}: not readable as YAML: {error}") from error
    try:
        return Scheme.model_validate(raw)
    except ValidationError as error:
        details = "; ".join(f"{_where(problem['loc'], raw)}: {problem['msg']}" for problem in error.errors())
        raise SchemeError(f"{path.name}: {details}") from error


class Schemes:
    """The versions this hotline knows. At most one is in force on any day; without a file, none ever."""

    def __init__(self, schemes: Iterable[Scheme]) -> None:
        self._schemes = sorted(schemes, key=lambda scheme: scheme.effective_from)
        for earlier, later in pairwise(self._schemes):
            if earlier.in_force(later.effective_from):
                raise SchemeError(
                    f"{earlier.id} {earlier.version} and {later.id} {later.version} "
                    f"are both in force on {later.effective_from}"
                )

    @classmethod
    def load(cls, path: Path | None, *, sandbox: bool = False) -> Schemes:
        """The scheme file, or every ``*.yml`` of a folder.

        No path: no scheme, in the sandbox the sample. Outside the sandbox a sample is refused.
        Raises :class:`SchemeError`.
        """
        if path is None:
            path = SAMPLE if sandbox else None
        if path is None:
            return cls([])
        files = sorted(path.glob("*.yml")) if path.is_dir() else [path]
        if not files:
            raise SchemeError(f"{path.name}: no *.yml file in this folder")
        schemes = [load_scheme(file) for file in files]
        for scheme, file in zip(schemes, files, strict=True):
            if scheme.sample and not sandbox:
                raise SchemeError(f"{file.name}: a sample scheme is for the sandbox only")
        return cls(schemes)

    def in_force(self, on: date) -> Scheme | None:
        """The version in force that day, or None."""
        return next((scheme for scheme in self._schemes if scheme.in_force(on)), None)

    def status(self, on: date) -> str:
        """One sentence for staff and the start-up log: which scheme is in force, or that none is."""
        scheme = self.in_force(on)
        if scheme is None:
            return words.NONE_IN_FORCE
        return words.IN_FORCE.format(name=scheme.name, version=scheme.version, start=_day(scheme.effective_from))


def plain_words(scheme: Scheme | None, *, amounts: bool) -> str:
    """The rules for a resident in three to six lines; without a scheme one line that says so.

    ``amounts``: name the sums; False for SMS.
    """
    if scheme is None:
        return words.NO_SCHEME
    title = words.TITLE.format(name=scheme.name, issuer=scheme.issuer, start=_day(scheme.effective_from))
    conditions = "、".join(words.CONDITIONS[condition] for condition in scheme.conditions)
    exclusions = "、".join(words.EXCLUSIONS[exclusion] for exclusion in scheme.exclusions)
    basis = words.BASIS if exclusions else words.BASIS_OPEN
    lines = [
        (words.SAMPLE if scheme.sample else "") + title,
        words.REWARDED.format(rules="；".join(_rule(rule, amounts=amounts) for rule in scheme.rules)),
        basis.format(conditions=conditions, exclusions=exclusions),
        words.SEVERAL.format(same_clue=words.SAME_CLUE[scheme.reporters.same_clue]),
        _claiming(scheme),
        words.NEXT,
    ]
    return "\n".join(lines)


def _claiming(scheme: Scheme) -> str:
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


def _rule(rule: Rule, *, amounts: bool) -> str:
    if not amounts:
        return rule.name
    cap = words.CAP.format(amount=_yuan(rule.cap_per_case)) if rule.cap_per_case is not None else ""
    on_top = words.ON_TOP if rule.addon else ""
    return f"{rule.name}{on_top}：{words.OUTCOMES[rule.outcome]}后，{_sum(rule)}{cap}"


def _sum(rule: Rule) -> str:
    if isinstance(rule, DiscretionaryRule):
        return words.BY_CASE
    if isinstance(rule, FlatRule):
        return words.PER[rule.basis].format(unit=rule.unit) + _payout(rule)
    if isinstance(rule, AmountBandRule | CountBandRule):
        return words.MEASURES[rule.measure] + "，".join(_band(band) for band in rule.bands)
    return _payout(rule)


def _band(band: AmountBand | CountBand) -> str:
    return words.BAND.format(edges=_edges(band), payout=_payout(band))


def _edges(band: AmountBand | CountBand) -> str:
    low = _edge(band, band.start, included=band.from_included)
    if band.to is None or band.to_included is None:
        return words.BAND_ABOVE.format(low=low)
    return words.BAND_BETWEEN.format(low=low, high=_edge(band, band.to, included=band.to_included))


def _edge(band: AmountBand | CountBand, value: int, *, included: bool) -> str:
    shown = words.EXACTLY.format(amount=_yuan(value)) if isinstance(band, AmountBand) else str(value)
    return shown + words.INCLUDED[included]


def _payout(payout: Payout) -> str:
    if payout.amount is not None:
        return words.EXACTLY.format(amount=_yuan(payout.amount))
    if payout.max is None:
        return words.BY_CASE
    if payout.min is None:
        return words.UP_TO.format(high=_yuan(payout.max))
    return words.RANGE.format(low=_yuan(payout.min), high=_yuan(payout.max))


def _yuan(amount: int) -> str:
    """分 as yuan, without an empty fraction."""
    whole, rest = divmod(amount, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _where(location: Sequence[int | str], raw: object) -> str:
    """The place of an error, a rule named by its code instead of its position."""
    if len(location) >= 2 and location[0] == "rules" and isinstance(location[1], int):
        rule = raw["rules"][location[1]] if isinstance(raw, dict) else None
        code = rule.get("code", location[1]) if isinstance(rule, dict) else location[1]
        return " ".join([f"rule {code!r}", ".".join(map(str, location[2:]))]).strip()
    return ".".join(map(str, location)) or "scheme"


class _UniqueKeys(yaml.SafeLoader):
    """YAML takes the last of two equal keys in silence; in a table of money that is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        doubled = sorted({key for key in keys if keys.count(key) > 1})
        if doubled:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {doubled[0]!r} stands there twice", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)
