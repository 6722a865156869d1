"""How an operator cuts a text: 70 UCS-2 units alone, 67 per part when joined; a surrogate pair stays together."""

from __future__ import annotations

ALONE = 70
JOINED = 67


def units(text: str) -> int:
    """UCS-2 units; a character beyond the BMP is two."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str) -> list[str]:
    """The parts as a handset would get them; one part for up to 70 units, an empty text included."""
    if units(text) <= ALONE:
        return [text]
    parts, part, used = [], "", 0
    for character in text:
        size = units(character)
        if used + size > JOINED:
            parts.append(part)
            part, used = "", 0
        part += character
        used += size
    return [*parts, part]
