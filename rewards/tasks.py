"""What staff have to do by hand for a claim: rows that stay until somebody has done it, or a step made it idle."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from conversations.models import Staff
from rewards.models import Act, Claim, ClaimTask
from storage import live
from storage.ids import new_id

TELL = "tell"  # no message reaches the reporter
NOTIFY_DUE, CLAIM_DUE, PAY_DUE = "notify_due", "claim_due", "pay_due"  # a deadline nears
OVERDUE = "overdue"  # the office's own deadline is over
LAPSED = "lapsed"  # nobody came to claim; the amount is booked
OFFICER, FINANCE = frozenset({"officer"}), frozenset({"finance"})
WHOSE = {
    TELL: OFFICER,
    NOTIFY_DUE: OFFICER,
    CLAIM_DUE: OFFICER,
    PAY_DUE: FINANCE,
    OVERDUE: OFFICER | FINANCE,
    LAPSED: OFFICER | FINANCE,
}
BY_WORD = frozenset({CLAIM_DUE, OVERDUE})  # no step says that they are done, so a person does
OF_DEADLINES = frozenset({NOTIFY_DUE, CLAIM_DUE, PAY_DUE, OVERDUE})


def add(session: Session, claim: Claim, kind: str, now: datetime) -> None:
    """A thing to do; while it is open the same one again adds nothing."""
    session.execute(
        insert(ClaimTask)
        .values(id=new_id(), claim_id=claim.id, kind=kind, created_at=now)
        .on_conflict_do_nothing(index_elements=["claim_id", "kind"], index_where=ClaimTask.done_at.is_(None))
    )
    live.touch(session, "claim", claim.id, "task")


def settle(session: Session, claim: Claim, act: Act, staff: Staff | None, now: datetime) -> None:
    """What was just done makes these idle: every step does with all, more time with those of the deadline."""
    for task in open_of(session, [claim.id]):
        if act is not Act.EXTEND or task.kind in OF_DEADLINES:
            task.done_at, task.done_by = now, staff.id if staff else None


def open_of(session: Session, claim_ids: Collection[uuid.UUID]) -> list[ClaimTask]:
    """What is still to be done for these claims, oldest first."""
    query = select(ClaimTask).where(ClaimTask.claim_id.in_(list(claim_ids)), ClaimTask.done_at.is_(None))
    return list(session.scalars(query.order_by(ClaimTask.created_at)))


def open_for(session: Session, staff: Staff, limit: int = 200) -> list[ClaimTask]:
    """What somebody with these roles has to do, oldest first."""
    kinds = [kind for kind, roles in WHOSE.items() if roles & staff.role_set]
    query = select(ClaimTask).where(ClaimTask.kind.in_(kinds), ClaimTask.done_at.is_(None))
    return list(session.scalars(query.order_by(ClaimTask.created_at).limit(limit)))


def done(session: Session, claim: Claim, task_id: uuid.UUID, staff: Staff, outcome: str, now: datetime) -> bool:
    """Somebody did it, and says how; False where it is not there, not theirs, or done. The claim is locked.

    What a step of the claim ends is only ended by that step.
    """
    task = session.scalar(select(ClaimTask).where(ClaimTask.id == task_id, ClaimTask.claim_id == claim.id))
    if task is None or task.done_at is not None or not ends_by_word(task, staff):
        return False
    task.done_at, task.done_by, task.outcome = now, staff.id, outcome.strip()
    live.touch(session, "claim", claim.id, "task")
    return True


def ends_by_word(task: ClaimTask, staff: Staff) -> bool:
    """Whether somebody may say that it is done."""
    return task.kind in BY_WORD and bool(WHOSE[task.kind] & staff.role_set)
