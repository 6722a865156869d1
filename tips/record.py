"""One tip under lock, and the line that every change of it leaves in its history."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from storage import live
from tips import words
from tips.models import Tip, TipEvent


class TipError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


class HeldByOther(TipError):
    """Somebody else has the tip in hand."""

    def __init__(self, name: str) -> None:
        super().__init__(words.HELD_BY.format(name=name))
        self.name = name


def locked(session: Session, tip_id: uuid.UUID) -> Tip:
    """A tip nobody else changes meanwhile. Raises :class:`TipError`."""
    tip = session.scalar(
        select(Tip).where(Tip.id == tip_id).with_for_update().execution_options(populate_existing=True)
    )
    if tip is None:
        raise TipError(words.NO_TIP)
    return tip


def locked_pair(session: Session, one: uuid.UUID, other: uuid.UUID) -> tuple[Tip, Tip]:
    """Two tips, the earlier one first; locked in the order of their ids, so that nobody waits in a circle."""
    found = [locked(session, tip_id) for tip_id in sorted({one, other})]
    if len(found) < 2:
        raise TipError(words.ITSELF)
    earlier, later = sorted(found, key=lambda tip: (tip.registered_at, tip.number))
    return earlier, later


def by_number(session: Session, number: str) -> uuid.UUID:
    """The id of a tip by its number as somebody typed it. Raises :class:`TipError`."""
    found = session.scalar(select(Tip.id).where(Tip.number == number.strip().upper()[:16]))
    if found is None:
        raise TipError(words.UNKNOWN_NUMBER.format(number=number.strip()[:16]))
    return found


def note(
    session: Session,
    tip: Tip,
    now: datetime,
    what: str,
    *,
    staff: Staff | None = None,
    detail: str = "",
    actor: str = "bot",
) -> TipEvent:
    """Write down what happened to a tip. ``what``: of :data:`tips.words.EVENTS`."""
    event = TipEvent(
        tip_id=tip.id,
        at=now,
        actor="staff" if staff else actor,
        staff_id=staff.id if staff else None,
        what=what,
        state=tip.state,
        detail=detail,
    )
    session.add(event)
    live.touch(session, "tip", tip.id)
    return event


def reason_of(said: str) -> str:
    """What somebody wrote as the reason. Raises :class:`TipError` where that is nothing."""
    if not said.strip():
        raise TipError(words.GIVE_REASON)
    return said.strip()
