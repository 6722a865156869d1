"""Handing a conversation to people, with a word on the waiting."""

from __future__ import annotations

from conversations import staffing
from conversations.models import Holder
from handlers.turn import Turn
from handlers.words import general as words


def hand_over(turn: Turn, reason: str) -> str:
    """Put the conversation on the waiting list; the sentence for the resident."""
    already = turn.conversation.holder == Holder.WAITING
    staffing.request_staff(turn.session, turn.conversation, reason, turn.now)
    turn.session.flush()
    before = staffing.waiting_before(turn.session, turn.conversation)
    place = words.BEFORE_YOU.format(count=before) if before else words.NEXT_IN_LINE
    text = (words.ALREADY_WAITING if already else words.HANDED_OVER).format(place=place)
    hours = turn.services.settings.office_hours
    return text + (words.OFFICE_HOURS.format(hours=hours) if hours else "")
