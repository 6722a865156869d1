"""Noting who looked at what: once per person, subject and stretch of time, for open pages refresh themselves."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import AuditEntry, Staff
from conversations.staffing import record

ONE_LOOK = timedelta(minutes=10)


def viewed(session: Session, staff: Staff, kind: str, subject_id: uuid.UUID, now: datetime) -> None:
    """Note that somebody sees a card, tip, claim, conversation or media file with nothing hidden."""
    action = f"view_{kind}"
    before = session.scalar(
        select(AuditEntry.id)
        .where(
            AuditEntry.at > now - ONE_LOOK,
            AuditEntry.staff_id == staff.id,
            AuditEntry.action == action,
            AuditEntry.subject_id == subject_id,
        )
        .limit(1)
    )
    if before is None:
        record(session, staff, action, now, kind, subject_id)
