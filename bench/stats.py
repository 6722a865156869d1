"""The few numbers that describe a measurement."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that ``share`` (0 < share ≤ 1) of all do not exceed."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def ratio(ours: float, theirs: float) -> float:
    """How many times theirs fits into ours; 0 where they have none."""
    return ours / theirs if theirs else 0.0
