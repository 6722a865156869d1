"""How a conversation went from hand to hand: who took it, from whom and why, and who gave it back."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from console import words
from console.pages.history import Entry, people
from conversations import staffing
from conversations.staffing import Handled


def load(session: Session, conversation_id: uuid.UUID) -> list[tuple[datetime, Entry]]:
    """Oldest first, each with its moment, to be put among other events."""
    found = staffing.handling(session, conversation_id)
    names = people(session, [staff_id for one in found for staff_id in (one.staff_id, one.taken_from)])
    return [
        (one.at, Entry.of(one.at, one.staff_id, names, words.HANDLING[one.action], _note(one, names))) for one in found
    ]


def _note(one: Handled, names: dict[uuid.UUID, str]) -> str:
    if one.taken_from is None:
        return ""
    return words.TAKEN_FROM.format(
        before=names.get(one.taken_from, ""),
        after=names.get(one.staff_id, "") if one.staff_id else "",
        reason=words.TAKE_OVER_REASONS.get(one.reason, one.reason),
    )
