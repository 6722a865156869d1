"""What every text for a resident must hold to, whichever catalogue it stands in."""

from __future__ import annotations

import re

NUMBERS = frozenset({"96110", "12381", "95017", "95188"})  # 110 is too short to be mistaken for a number
SMS_NUMBERS = frozenset({"96110"})  # the national style for texts knows 110 and 96110 only
MAX_ANSWER = 160  # characters: three SMS parts with the signature
SENTENCES = (2, 4)

_DIGITS = re.compile(r"[0-9]{5,}")
_LINK = re.compile(r"https?:|www\.|[a-z0-9-]+\.(?:com|cn|net|org|top|xyz|cc|vip)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[。！？]")
# Words that would calm a victim or promise what only the police can decide.
_NEVER = re.compile(
    r"是安全的|很安全|可以放心|请放心|放心转|没有问题|不是诈骗"
    r"|一定能(?:追|退|拿|要)|肯定能(?:追|退|拿|要)|保证(?:追|退)回|已(?:经)?止付"
)


def faults(text: str, numbers: frozenset[str] = NUMBERS) -> list[str]:
    """What is wrong with a text in itself, in words for whoever edits the file; empty when nothing is."""
    found = [f"the number {number} is not allowed" for number in _DIGITS.findall(text) if number not in numbers]
    found += [f"links are not allowed: {link}" for link in _LINK.findall(text)]
    found += [f"never say {phrase!r}" for phrase in _NEVER.findall(text)]
    return found


def answer_faults(text: str, numbers: frozenset[str] = NUMBERS) -> list[str]:
    """The same for a whole answer, its length and number of sentences included."""
    found = faults(text, numbers)
    if len(text) > MAX_ANSWER:
        found.append(f"{len(text)} characters, at most {MAX_ANSWER}")
    sentences = len(_SENTENCE_END.findall(text))
    if not SENTENCES[0] <= sentences <= SENTENCES[1]:
        found.append(f"{sentences} sentences, expected {SENTENCES[0]} to {SENTENCES[1]}")
    return found
