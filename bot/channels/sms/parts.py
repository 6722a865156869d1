"""How long a text is in SMS parts, and how a long answer becomes several messages.

Counted in UCS-2 only. GSM-7 is left out on purpose: every text of ours is Chinese, which makes all of it UCS-2, and
Chinese operators count 70 and 67 for any text.
"""

from __future__ import annotations

import re

ALONE = 70  # UCS-2 units of a text that needs one part
JOINED = 67  # of each part of a longer one: the rest is the concatenation header
_SENTENCE_END = "。！？!?；;\n"
_CLAUSE_END = "，、,：: "
# What reads as one thing: a number with its separators and unit, a word, an amount.
_TOKEN = re.compile(r"[¥￥+]?[0-9A-Za-z](?:[0-9A-Za-z]|[.,:\-/@](?=[0-9A-Za-z]))*[%％元万亿千百块角分年月日时点号]?")


def units(text: str) -> int:
    """UCS-2 units of ``text``: two for a character outside the basic plane."""
    return len(text) + sum(char > "\uffff" for char in text)


def signed(text: str, signature: str) -> str:
    """``text`` with 【signature】 in front; unchanged when there is no signature."""
    return f"【{signature}】{text}" if signature else text


def split_parts(text: str) -> list[str]:
    """The parts the network makes of ``text``: it alone, or pieces of at most 67 units; no surrogate pair is cut."""
    if units(text) <= ALONE:
        return [text]
    parts: list[str] = []
    start = used = 0
    for position, char in enumerate(text):
        size = 2 if char > "\uffff" else 1
        if used + size > JOINED:
            parts.append(text[start:position])
            start, used = position, 0
        used += size
    return [*parts, text[start:]]


def count_parts(text: str) -> int:
    """How many parts ``text`` takes, signature included when it is in the text: 70→1, 71→2, 134→2, 135→3."""
    return len(split_parts(text))


def split_text(text: str, max_parts: int, signature: str = "") -> list[str]:
    """``text`` as messages of at most ``max_parts`` parts each, counted with 【signature】 in front of each.

    Joined again they are ``text``, character for character. Cuts fall after a sentence, else after a clause, else
    between words; a number or amount is cut only where it is longer than a message. Raises ``ValueError`` when
    the signature leaves no room.
    """
    messages: list[str] = []
    start = 0
    while start < len(text) or not messages:
        end = _furthest(text, start, max_parts, signature)
        if end < len(text):
            end = _cut(text, start, end)
        messages.append(text[start:end])
        start = end
    return messages


def _furthest(text: str, start: int, max_parts: int, signature: str) -> int:
    """The end of the longest piece from ``start`` that fits into ``max_parts`` parts with its signature."""
    limit = ALONE if max_parts == 1 else JOINED * max_parts
    room = limit - units(signed("", signature))
    end = start
    for char in text[start : start + max(room, 0)]:
        room -= units(char)
        if room < 0:
            break
        end += 1
    # A pair at the border of two parts leaves a unit empty, which may cost one part more than the sum says.
    while end > start and count_parts(signed(text[start:end], signature)) > max_parts:
        end -= 1
    if end == start and start < len(text):
        raise ValueError("no room for text beside the signature")
    return end


def _cut(text: str, start: int, end: int) -> int:
    """The best place in the latter half of ``text[start:end]`` to stop; ``end`` where there is none."""
    half = start + (end - start) // 2
    for marks in (_SENTENCE_END, _CLAUSE_END):
        for position in range(end, half, -1):
            if text[position - 1] in marks and not _inside_token(text, start, position):
                return position
    token = _inside_token(text, start, end)
    return token if token else end


def _inside_token(text: str, start: int, position: int) -> int:
    """The start of the number or word that ``position`` would cut; 0 when it cuts none, or one begun at ``start``."""
    for token in _TOKEN.finditer(text, start):
        if token.start() >= position:
            return 0
        if position < token.end():
            return token.start() if token.start() > start else 0
    return 0
