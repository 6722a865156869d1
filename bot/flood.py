"""A flood from one contact: everything is stored and acted on, but only so many messages a minute are answered."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from conversations.inbound import Reply
from conversations.models import Direction, Message
from handlers.turn import Turn
from handlers.words import general as words

MOST = 20  # messages of one contact that are answered within
WITHIN = timedelta(minutes=1)


def calmed(turn: Turn, replies: list[Reply]) -> list[Reply]:
    """What of the replies is said. What is urgent or shown only once (a query code) always is."""
    if not turn.bubble or not replies:
        return replies  # nobody floods with pauses of a breath
    over = _recent(turn) - MOST
    if over <= 0:
        return replies
    kept = [reply for reply in replies if reply.urgent or reply.secret]
    return kept if kept or over > 1 else [Reply(words.TOO_FAST)]


def _recent(turn: Turn) -> int:
    """Messages within the last minute, this one included; counted no further than matters."""
    received = turn.session.scalars(
        select(Message.created_at)
        .where(
            Message.conversation_id == turn.conversation.id,
            Message.direction == Direction.IN,
            Message.position <= turn.message.position,
        )
        .order_by(Message.position.desc())
        .limit(MOST + 2)
    ).all()
    return sum(turn.message.created_at - at < WITHIN for at in received)
