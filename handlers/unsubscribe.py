"""No more reminders. An open loss goes on all the same."""

from __future__ import annotations

from conversations.inbound import Reply
from handlers.turn import Turn
from handlers.words import general as words


def handle(turn: Turn) -> list[Reply]:
    """Note the wish; it holds for reminders and warnings, never for an answer that was asked for."""
    turn.contact.unsubscribed_at = turn.now
    return [Reply(words.UNSUBSCRIBED)]
