"""What happens around a card, told to whoever must know it. Called inside the transaction that changes the card."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from stops.duty import ladder
from stops.duty.waiting import waits
from stops.models import StopCard


def card_opened(session: Session, card: StopCard, now: datetime) -> None:
    """A card has come into the queue."""
    ladder.start(session, card, now)


def card_changed(session: Session, card: StopCard, what: str, now: datetime) -> None:
    """A card has changed. ``what``: ``state``, ``released`` (its holder lost it), ``became_loss``, or another word."""
    if not waits(card):
        ladder.stop(session, card, now)
    elif what in ("released", "became_loss"):
        ladder.restart(session, card, now)
