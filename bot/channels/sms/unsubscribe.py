"""The words by which a phone says: no more alerts."""

from __future__ import annotations

import unicodedata

# TD and T: the operators' words; R: their English one; 00000: 移动's.
WORDS = frozenset({"TD", "T", "退订", "R", "00000"})


def is_unsubscribe(text: str) -> bool:
    """Whether ``text`` is one of :data:`WORDS` and nothing else, in any case, width and spacing."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(folded.split()) in WORDS
