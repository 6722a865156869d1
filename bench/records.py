"""What the hotline's database says after a burst; asked in SQL, not through the hotline's own code."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg

_COUNTS = """
SELECT count(*) FILTER (WHERE direction = 'in'),
       count(*) FILTER (WHERE direction = 'in' AND decided_by = 'model'),
       count(*) FILTER (WHERE delivery IN ('passive', 'queued', 'sending')),
       count(*) FILTER (WHERE passive),
       count(DISTINCT in_reply_to) FILTER (WHERE passive)
FROM messages
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """``unfinished``: replies not yet out, or not yet known to be. ``passive``: replies given in the HTTP answer."""

    inbound: int
    by_model: int
    unfinished: int
    passive: int
    passively_answered: int


def count(database: str) -> Counts:
    """The counts now."""
    with psycopg.connect(database) as connection:
        row = connection.execute(_COUNTS).fetchone()
    assert row is not None
    return Counts(*row)


def settled(database: str, limit: float) -> Counts:
    """The counts once every reply is out, or after ``limit`` seconds."""
    until = time.monotonic() + limit
    while (counts := count(database)).unfinished and time.monotonic() < until:
        time.sleep(0.25)
    return counts
