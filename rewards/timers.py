"""Timers of claims: rows that fire once, whatever restarts, however many workers look and wherever the clock goes.

Whoever changes a deadline or fires a timer holds the claim; where the reporter is told, their contact before it.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rewards.deadlines import DAY, ends_on
from rewards.models import Claim, ClaimTimer
from storage.clock import CHINA
from storage.workdays import is_workday

REMIND, DUE = "remind", "due"
# The program's own habit, no term of any rules: this many days before, on a workday, at this hour in China.
BEFORE = (3, 1)
MORNING = time(9, 0, tzinfo=CHINA)
BATCH = 200


def set_due(session: Session, claim: Claim, step: str, at: datetime | None, now: datetime) -> None:
    """``step`` is due at ``at`` (None: no time is set); what was due before is not any more."""
    claim.due_step, claim.due_at = (step, at) if at else ("", None)
    session.execute(delete(ClaimTimer).where(ClaimTimer.claim_id == claim.id, ClaimTimer.fired_at.is_(None)))
    if at is None:
        return
    session.add(ClaimTimer(claim_id=claim.id, what=DUE, due_at=at))
    remind_at = _reminder(at, now)
    if remind_at is not None:
        session.add(ClaimTimer(claim_id=claim.id, what=REMIND, due_at=remind_at))


def clear(session: Session, claim: Claim, now: datetime) -> None:
    """Nothing is due any more."""
    set_due(session, claim, "", None, now)


def _reminder(at: datetime, now: datetime) -> datetime | None:
    """A morning before the last day ends; None where there is none left."""
    last = ends_on(at)
    for days in BEFORE:
        day = _workday_until(last - days * DAY)
        if (morning := datetime.combine(day, MORNING)) > now:
            return morning
    return None


def _workday_until(day: date) -> date:
    while not is_workday(day):
        day -= DAY
    return day


def due(session: Session, now: datetime) -> list[uuid.UUID]:
    """Timers whose time has come."""
    query = select(ClaimTimer.id).where(ClaimTimer.fired_at.is_(None), ClaimTimer.due_at <= now)
    return list(session.scalars(query.order_by(ClaimTimer.due_at).limit(BATCH)))


def take(session: Session, timer_id: uuid.UUID, now: datetime) -> ClaimTimer | None:
    """The timer, marked as fired; None when somebody else did it, or the deadline is another. The claim is held."""
    timer = session.scalar(
        select(ClaimTimer).where(ClaimTimer.id == timer_id).with_for_update().execution_options(populate_existing=True)
    )
    if timer is None or timer.fired_at is not None or timer.due_at > now:
        return None
    timer.fired_at = now
    return timer
