"""Handing a conversation to people, with a word on the waiting."""

from __future__ import annotations

from conversations import staffing
from conversations.models import Holder
from handlers.turn import Turn
from handlers.words import general as words


def hand_over(turn: Turn, reason: str) -> str:
    """Put the conversation on the waiting list; the sentence for the resident."""
    if turn.conversation.holder == Holder.WAITING:
        return place_in_line(turn)
    staffing.request_staff(turn.session, turn.conversation, reason, turn.now)
    turn.session.flush()
    return _with_place(turn, words.HANDED_OVER)


def place_in_line(turn: Turn) -> str:
    """How many are before somebody who waits already; the sentence for the resident."""
    return _with_place(turn, words.ALREADY_WAITING)


def _with_place(turn: Turn, text: str) -> str:
    before = staffing.waiting_before(turn.session, turn.conversation)
    place = words.BEFORE_YOU.format(count=before) if before else words.NEXT_IN_LINE
    hours = turn.services.settings.office_hours
    return text.format(place=place) + (words.OFFICE_HOURS.format(hours=hours) if hours else "")
