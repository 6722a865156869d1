"""One spelling for many: what the rules see of a text.

Full width becomes half width, traditional characters simplified, usual typing and dictation errors the word
that was meant (``rules/spelling.yml``). Offsets are lost: entities are found in the original text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

RULES = Path(__file__).parent / "rules"
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")
_CJK = "\u3400-\u9fff"
_BETWEEN_CJK = re.compile(rf"(?<=[{_CJK}])[ \t\u3000]+(?=[{_CJK}])")
_AROUND_DIGITS = re.compile(rf"(?<=[{_CJK}])[ \t]+(?=\d)|(?<=\d)[ \t]+(?=[{_CJK}])")
_PUNCTUATION = str.maketrans(
    {"，": ",", "、": ",", "；": ";", "：": ":", "！": "!", "？": "?", "…": ",", "~": ",", "～": ","}
)
_REPEATED = re.compile(r"([,。!?])[,。!?]*\1")


class Spelling:
    """Maps what people type to what they mean. Built once; ``normal`` is pure."""

    def __init__(self, path: Path) -> None:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        pairs = "".join(data["characters"].split())
        self._characters = str.maketrans(dict(zip(pairs[0::2], pairs[1::2], strict=True)))
        self._words: dict[str, str] = data["words"]
        self._any_word = re.compile("|".join(sorted(map(re.escape, self._words), key=len, reverse=True)))
        self._patterns = [(re.compile(pattern), wanted) for pattern, wanted in data["patterns"]]

    def normal(self, text: str) -> str:
        """The text as the rules read it; never raises."""
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower()
        text = text.translate(_PUNCTUATION).translate(self._characters)
        text = _without_spaces(text)
        text = self._any_word.sub(lambda found: self._words[found.group()], text)
        for pattern, wanted in self._patterns:
            text = pattern.sub(wanted, text)
        return _REPEATED.sub(r"\1", text)


def _without_spaces(text: str) -> str:
    """A space between Chinese words is a pause, unless the writer spaces out every character."""
    gaps = len(_BETWEEN_CJK.findall(text))
    joint = "" if gaps * 3 > len(text) else ","
    return _AROUND_DIGITS.sub("", _BETWEEN_CJK.sub(joint, text))


@lru_cache(maxsize=1)
def spelling() -> Spelling:
    """The table that comes with the program."""
    return Spelling(RULES / "spelling.yml")


def normal(text: str) -> str:
    """``text`` in the rules' spelling."""
    return spelling().normal(text)
