"""Finding a sealed place by a part of its text: keyed digests of each two neighbouring characters.

Four bytes of a digest can be another pair's too, so what is found has to be opened and compared (``tips.search``).
"""

from __future__ import annotations

from itertools import pairwise

from storage.sealing import installed
from tips.villages import folded


def grams(text: str) -> list[int]:
    """What stands for the pairs of characters of a text, each once, in order; empty for fewer than two characters."""
    pairs = dict.fromkeys(left + right for left, right in pairwise(folded(text)))
    return sorted({_gram(pair) for pair in pairs})


def _gram(pair: str) -> int:
    return int.from_bytes(installed().blind("tips.place", pair)[:4], signed=True)
