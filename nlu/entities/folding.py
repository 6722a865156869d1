"""Length-preserving folding, so that every offset in the folded text is one in the original."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_VARIANTS = str.maketrans(
    "萬億圓兩幾餘點號鐘鍾錢週禮後剛塊還個貳參陸〇﹒｡", "万亿圆两几余点号钟钟钱周礼后刚块还个贰叁陆零.."
)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    folded = folded.lower() if len(folded) == 1 else character
    digit = unicodedata.decimal(folded, None) if len(folded) == 1 else None
    if digit is not None:
        return str(digit)  # of any script
    return folded if len(folded) == 1 else character


def fold(text: str) -> str:
    """Half width, lower case, simplified numerals; ``len(fold(text)) == len(text)`` always."""
    return "".join(map(_fold_character, text)).translate(_VARIANTS)
