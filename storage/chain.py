"""Rows that hang together by hashes: each has the hash of the one before, so that nobody changes one unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Break(StrEnum):
    """What is wrong at a position. ``gap``: there is nothing; ``torn``: the link names another one before it."""

    GAP = "gap"
    TORN = "torn"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Link:
    """One row as it stands. ``expected``: the hash its content gives; ``hash``: the one it carries."""

    position: int
    previous: str
    hash: str
    expected: str


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970, as the triggers write a moment into a hash."""
    return (moment - EPOCH) // MICROSECOND


def breaks(links: Iterable[Link], expected: int = 1, previous: str = "") -> Iterator[tuple[int, Break]]:
    """Position and kind of everything that is wrong in ``links``, which come by position.

    ``expected``, ``previous``: the first position, and the hash before it; by default the chain's beginning.
    """
    for link in links:
        if link.position != expected:
            yield expected, Break.GAP
        if link.previous != previous:
            yield link.position, Break.TORN
        if link.hash != link.expected:
            yield link.position, Break.CHANGED
        previous, expected = link.hash, link.position + 1
