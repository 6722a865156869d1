"""Whether a card waits for somebody: the one question on which the ladder hangs."""

from __future__ import annotations

from stops.models import CardState, StopCard

UNTIL_ASKED = (CardState.NEW, CardState.ACCEPTED, CardState.FORWARDED)  # from then on a bank is at it


def waits(card: StopCard) -> bool:
    """Nobody holds it, and no stop has been asked for yet."""
    return card.officer_id is None and card.state in UNTIL_ASKED
