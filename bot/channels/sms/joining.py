"""Long texts that arrive in parts, out of order and sometimes not all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversations.inbound import Inbound

GAP = "…"  # keeps the digits on both sides of a missing part from reading as one amount
MOST_PARTS = 255  # one octet in the concatenation header of 3GPP TS 23.040, 9.2.3.24.1


@dataclass(frozen=True, slots=True)
class PartMark:
    """Which part of which text: ``index`` runs from 1 to ``total``."""

    reference: str
    total: int
    index: int

    def extra(self) -> dict[str, str]:
        """The mark as it travels in ``Inbound.extra``."""
        return {"part_reference": self.reference, "part_total": str(self.total), "part_index": str(self.index)}


@dataclass(frozen=True, slots=True)
class Part:
    """One part as the caller keeps it until the others come. ``received_at`` is timezone-aware."""

    sender: str
    recipient: str
    reference: str
    total: int
    index: int
    text: str
    received_at: datetime

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What the parts of one text have in common."""
        return (self.sender, self.recipient, self.reference, self.total)


@dataclass(frozen=True, slots=True)
class Joined:
    """A text put together; ``missing`` are the indexes that never came, each gap marked by ``…`` in the text."""

    text: str
    missing: tuple[int, ...]


def mark(reference: str, total: str, index: str) -> PartMark | None:
    """A mark from the provider's words; ``None`` for a text that is whole or marked impossibly."""
    if not (reference and _number(total) and _number(index)):
        return None
    parts, position = int(total), int(index)
    if not (2 <= parts <= MOST_PARTS and 1 <= position <= parts):
        return None
    return PartMark(reference, parts, position)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def part_of(inbound: Inbound) -> Part | None:
    """``inbound`` as a part of a longer text; ``None`` when it is whole."""
    extra = inbound.extra
    if "part_reference" not in extra:
        return None
    return Part(
        inbound.sender,
        inbound.recipient,
        extra["part_reference"],
        int(extra["part_total"]),
        int(extra["part_index"]),
        inbound.text,
        inbound.received_at,
    )


def join(parts: Sequence[Part], now: datetime, timeout: timedelta) -> Joined | None:
    """The text of ``parts``, which share one key, in any order and repeated as may be.

    ``None`` while parts are missing and the first came less than ``timeout`` ago. Raises ``ValueError`` when
    the parts belong to different texts.
    """
    if not parts:
        return None
    if len({part.key for part in parts}) > 1:
        raise ValueError("parts of different texts")
    known: dict[int, str] = {}
    for part in parts:
        known.setdefault(part.index, part.text)
    total = parts[0].total
    missing = tuple(index for index in range(1, total + 1) if index not in known)
    if missing and now - min(part.received_at for part in parts) < timeout:
        return None
    return Joined(_with_gaps(known, total), missing)


def _with_gaps(known: dict[int, str], total: int) -> str:
    pieces: list[str] = []
    for index in range(1, total + 1):
        if index in known:
            pieces.append(known[index])
        elif not pieces or pieces[-1] != GAP:
            pieces.append(GAP)
    return "".join(pieces)
