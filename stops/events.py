"""What happens around a card, told to whoever must know it. Called inside the transaction that changes the card."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from stops.duty import ladder
from stops.duty.waiting import waits
from stops.models import StopCard

# It waits for somebody again, or has become more pressing: the ladder begins anew.
ANEW = frozenset({"released", "holder_silent", "holder_gone", "became_loss"})


def card_opened(session: Session, card: StopCard, now: datetime) -> None:
    """A card has come into the queue."""
    ladder.start(session, card, now)


def card_changed(session: Session, card: StopCard, what: str, now: datetime) -> None:
    """A card has changed. ``what``: one of :data:`ANEW`, ``state``, or another word."""
    if not waits(card):
        ladder.stop(session, card, now)
    elif what in ANEW:
        ladder.restart(session, card, now)
