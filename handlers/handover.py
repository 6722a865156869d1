"""A person, please."""

from __future__ import annotations

from conversations.inbound import Reply
from handlers.turn import Turn
from handlers.waiting import hand_over
from handlers.words import general as words


def handle(turn: Turn) -> list[Reply]:
    """Onto the waiting list, with a word on the waiting."""
    return [Reply(hand_over(turn, "handover") + words.EMERGENCY)]
