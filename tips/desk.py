"""Tips told to a member of staff, on the phone or at the desk: each reporter gets a number and a code of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from conversations.models import Staff
from storage.ids import new_id
from tips import words
from tips.record import TipError
from tips.registry import Draft, Registered, register

MOST = 9  # reporters of one joint report


def enter(session: Session, draft: Draft, reporters: int, staff: Staff, now: datetime) -> list[Registered]:
    """Register a tip for one reporter, or for several as one joint report. Raises :class:`TipError`."""
    if not draft.story.strip() and not draft.subjects:
        raise TipError(words.NOTHING_TOLD)
    if not 1 <= reporters <= MOST:
        raise TipError(words.TOO_MANY_REPORTERS.format(most=MOST))
    group = new_id() if reporters > 1 else None
    entered = [register(session, None, draft, now, staff=staff) for _ in range(reporters)]
    for one in entered:
        one.tip.joint_id = group
    session.flush()
    return entered
