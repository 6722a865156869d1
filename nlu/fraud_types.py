"""Which fraud a story or a pasted message tells of: words with weights (``rules/fraud_types.yml``), no model."""

from __future__ import annotations

import re
from functools import lru_cache

import yaml

from nlu.normalise import RULES, normal

OTHER = "other"
LEAST = 2.0  # below this score no type is named


@lru_cache(maxsize=1)
def _table() -> list[tuple[str, list[tuple[re.Pattern[str], float]]]]:
    data = yaml.safe_load((RULES / "fraud_types.yml").read_text(encoding="utf-8"))["types"]
    return [
        (code, [(re.compile(pattern), float(weight)) for weight, patterns in weights.items() for pattern in patterns])
        for code, weights in data.items()
    ]


def scores(text: str) -> dict[str, float]:
    """Score of every type whose words stand in ``text``."""
    text = normal(text)
    found = {code: sum(weight for pattern, weight in patterns if pattern.search(text)) for code, patterns in _table()}
    return {code: score for code, score in found.items() if score > 0}


def fraud_type(text: str) -> str:
    """Code of the type as in the police's taxonomy, ``other`` where none is clear."""
    found = scores(text)
    best = max(found, key=lambda code: found[code], default=OTHER)
    return best if found.get(best, 0) >= LEAST else OTHER
