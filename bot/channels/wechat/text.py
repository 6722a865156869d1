"""Text as WeChat can carry it: cleaned, escaped, cut and split by UTF-8 bytes, never through a visible character."""

from __future__ import annotations

import re
import unicodedata

# XML 1.0 forbids C0 (but tab, LF, CR), surrogates and U+FFFE/FFFF; DEL and C1 are only ever debris.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SENTENCE = re.compile(r"[^。！？!?；;…\n]*[。！？!?；;…\n]+[”’」』）)》】]*|[^。！？!?；;…\n]+")
_CLAUSE = re.compile(r"[^，,、：:\s]*[，,、：:\s]+|[^，,、：:\s]+")

_ZWJ = "\u200d"
_LONGEST_CLUSTER = 24  # characters to walk back at most; a pile of accents is cut rather than followed
_LONGEST_CHARACTER = 4  # bytes of one character in UTF-8


def clean(text: str) -> str:
    """``text`` without control characters, with LF as the only line end; 4-byte characters stay."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cdata(text: str) -> str:
    """``text`` as CDATA that nothing in it can end."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def cut(text: str, limit: int) -> str:
    """The longest beginning of a cleaned ``text`` within ``limit`` bytes (≥ 4) that ends between visible characters."""
    if limit < _LONGEST_CHARACTER:
        raise ValueError("a limit below 4 bytes cannot hold every character")
    raw = text.encode()
    if len(raw) <= limit:
        return text
    longest = len(raw[:limit].decode("utf-8", "ignore"))
    for end in range(longest, max(0, longest - _LONGEST_CLUSTER), -1):
        if not _inside_cluster(text, end):
            return text[:end]
    return text[:longest]


def split_text(text: str, limit: int = 2000) -> list[str]:
    """``text`` in parts of at most ``limit`` UTF-8 bytes: whole sentences, else clauses, else characters.

    Nothing is lost but white space at the seams; an empty text gives no part.
    """
    parts: list[str] = []
    current = ""
    for piece in _pieces(clean(text), limit):
        if current and len((current + piece).rstrip().encode()) > limit:
            parts.append(current)
            current = ""
        current += piece
    parts.append(current)
    return [part.strip() for part in parts if part.strip()]


def _pieces(text: str, limit: int) -> list[str]:
    pieces: list[str] = []
    for sentence in _SENTENCE.findall(text):
        if len(sentence.encode()) <= limit:
            pieces.append(sentence)
            continue
        for clause in _CLAUSE.findall(sentence):
            pieces.extend(_hard(clause, limit))
    return pieces


def _hard(text: str, limit: int) -> list[str]:
    parts = []
    while text:
        head = cut(text, limit)
        parts.append(head)
        text = text[len(head) :]
    return parts


def _inside_cluster(text: str, at: int) -> bool:
    """Whether cutting before ``text[at]`` would tear one visible character apart (the cheap, common cases)."""
    before, after = text[at - 1], text[at]
    if _ZWJ in (before, after) or unicodedata.category(after) in {"Mn", "Me"}:
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skin tones, flag tags
        return True
    return _is_flag_letter(after) and _flag_letters_before(text, at) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, at: int) -> int:
    count = 0
    while count < at and _is_flag_letter(text[at - 1 - count]):
        count += 1
    return count
