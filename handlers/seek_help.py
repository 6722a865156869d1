"""Somebody is in trouble around a fraud, with no money moving now: calm words, what to do, and a person."""

from __future__ import annotations

from conversations.inbound import Reply
from handlers.turn import Turn
from handlers.waiting import hand_over
from handlers.words import general as words


def handle(turn: Turn) -> list[Reply]:
    """An answer from what is known, if it fits; a person in any case."""
    match = turn.services.knowledge.answer(turn.text)
    first = match.entry.reply(sms=turn.by_sms) if match else words.HELP_FIRST
    return [Reply(f"{first}\n{hand_over(turn, 'seek_help')}{words.EMERGENCY}")]
