"""Adds up what in a text speaks for a loss and against it (``rules/cues.yml``), where no single rule is enough.

The points are whole tenths, fitted once on the training texts (``nlu/fit_cues.py``) and kept as data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from nlu import rulebook
from nlu.prefilter import Prefilter

WEAK = "weak"
FAINT = "faint"


class ScoreCard:
    """Compiled cues; ``score`` is pure."""

    def __init__(self, points: Mapping[str, float], base: float, least: float, alone: float) -> None:
        patterns = patterns_by_name()
        self._cues = [(patterns[name], worth) for name, worth in points.items()]
        self._possible = Prefilter([pattern for pattern, _ in self._cues]).possible
        self._base = base
        self._least = least
        self._alone = alone

    def score(self, text: str) -> float:
        """Sum of the points of every cue in a text of the rules' spelling."""
        may_occur = (self._cues[place] for place in self._possible(text))
        return self._base + sum(worth for pattern, worth in may_occur if pattern.search(text))

    def strength(self, text: str) -> str:
        """``weak`` from what counts beside a model, ``faint`` from what counts alone, else empty."""
        score = self.score(text)
        return WEAK if score >= self._least else FAINT if score >= self._alone else ""


def patterns_by_name() -> dict[str, re.Pattern[str]]:
    """The cues of ``pieces.yml`` and, as ``guard_…``, the guards that can be looked for in a whole text."""
    pieces = yaml.safe_load((rulebook.RULES / "pieces.yml").read_text(encoding="utf-8"))["pieces"]
    expand = rulebook.Expander(pieces)
    found = {name: expand.compile(f"<{name}>") for name in pieces if name.startswith("cue_")}
    guards = {guard.name: guard for rule in rulebook.rules() for guard in (*rule.unless, *rule.weaken)}
    found.update(
        {f"guard_{name}": guard.pattern for name, guard in guards.items() if guard.scope not in ("near", "after")}
    )
    return found


@lru_cache(maxsize=1)
def score_card() -> ScoreCard:
    """The card that comes with the program."""
    data = yaml.safe_load((rulebook.RULES / "cues.yml").read_text(encoding="utf-8"))
    return ScoreCard(data["points"], data["base"], data["least"], data["alone"])
