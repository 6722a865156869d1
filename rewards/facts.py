"""What people have established about a tip, and what a scheme makes of it. Amounts are exact yuan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rewards.schemes.model import Condition, Exclusion, Measure

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high`` yuan; ``high`` None: no limit is published."""

    low: Decimal
    high: Decimal | None

    @property
    def exact(self) -> bool:
        """Whether it is one amount."""
        return self.low == self.high

    def holds(self, amount: Decimal) -> bool:
        """Whether an amount is inside."""
        return self.low <= amount and (self.high is None or amount <= self.high)


NOTHING = Range(ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Finding:
    """That a tip is of a rule's kind. ``met`` None: nobody has said yet; so with a condition that is not there.

    ``number``: people or items. ``awarded_before``: yuan this rule already gave in the same case, against its cap.
    """

    code: str
    met: bool | None = True
    number: int | None = None
    conditions: Mapping[str, bool | None] = field(default_factory=dict)
    awarded_before: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody who gave the clue. ``group``: those with the same one reported together.

    ``weight``: their part in it, for schemes that go by contribution.
    """

    key: str
    registered_at: datetime
    group: str = ""
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was verified; what is absent or None, nobody has said yet. A rule without a finding does not fit the tip.

    ``awarded_before``: yuan given in the same case, against the scheme's own cap.
    """

    conditions: Mapping[Condition, bool | None] = field(default_factory=dict)
    exclusions: Mapping[Exclusion, bool | None] = field(default_factory=dict)
    measures: Mapping[Measure, Decimal] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    reporters: tuple[Reporter, ...] = ()
    awarded_before: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule. ``said``: how its sum comes about, or why it gives none."""

    code: str
    name: str
    range: Range
    said: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one reporter gets of the whole."""

    key: str
    range: Range
    said: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """An amount or a range that holds every answer to the open questions, and how it comes about.

    ``barred``: why there is no reward at all. ``unknown``: what has to be found out; ``decisions``: what the scheme
    leaves to people.
    """

    total: Range
    applied: tuple[Outcome, ...]
    not_applied: tuple[Outcome, ...]
    barred: tuple[str, ...]
    unknown: tuple[str, ...]
    decisions: tuple[str, ...]
    shares: tuple[Share, ...]
    lines: tuple[str, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """Everything that is open."""
        return self.unknown + self.decisions
