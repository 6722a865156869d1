"""Noting who looked at what and who changed what, from the console.

A look is noted once per person, subject and stretch of time, for open pages refresh themselves. A change that its own
code does not note is noted by the name of its route, so that none can be forgotten.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.services import services
from console.session import me_or_none
from conversations.audit import VIEW, record, unnoted
from conversations.models import AuditEntry, Staff
from storage import sealing

ONE_LOOK = timedelta(minutes=10)
SILENT = frozenset({"cards.here", "conversation.seen"})  # signs of life of an open page
KINDS = {"cards": "card", "tips": "tip", "claims": "claim", "orders": "order"}  # what ``record_id`` is, by blueprint


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody saw a file."""

    at: datetime
    staff_id: uuid.UUID


def viewed(
    session: Session, staff: Staff, kind: str, subject_id: uuid.UUID | None, now: datetime, detail: str = ""
) -> None:
    """Note that somebody sees a card, tip, claim, conversation or media file with nothing hidden."""
    action = f"{VIEW}{kind}"
    before = session.scalar(
        select(AuditEntry.id)
        .where(
            AuditEntry.at > now - ONE_LOOK,
            AuditEntry.staff_id == staff.id,
            AuditEntry.action == action,
            AuditEntry.subject_id.is_(None) if subject_id is None else AuditEntry.subject_id == subject_id,
            AuditEntry.detail == detail,
        )
        .limit(1)
    )
    if before is None:
        record(session, staff, action, now, kind, subject_id, detail)


def looks(session: Session, evidence_ids: Collection[uuid.UUID], most: int = 8) -> dict[uuid.UUID, list[Look]]:
    """Who opened each of these files and when, the latest first, at most so many of each."""
    rank = func.row_number().over(partition_by=AuditEntry.subject_id, order_by=AuditEntry.at.desc()).label("rank")
    of_these = AuditEntry.subject_id.in_(evidence_ids), AuditEntry.action == f"{VIEW}media"
    ranked = select(AuditEntry.subject_id, AuditEntry.at, AuditEntry.staff_id, rank).where(*of_these).subquery()
    found: dict[uuid.UUID, list[Look]] = {}
    for row in session.execute(select(ranked).where(ranked.c.rank <= most).order_by(ranked.c.at.desc())):
        found.setdefault(row.subject_id, []).append(Look(row.at, row.staff_id))
    return found


def origin() -> str:
    """From where this request comes: a keyed digest, equal for equal addresses. The address itself is kept nowhere."""
    known = sealing.installed().blind("origin", request.remote_addr or "")
    return f"console {known.hex()[:8]}"


def cover(session: Session) -> None:
    """Before the commit: a change somebody makes and no line tells of gets one."""
    staff = me_or_none() if request.method == "POST" and request.endpoint not in SILENT else None
    if staff is None or not unnoted(session):
        return
    blueprint, _, view = (request.endpoint or "").rpartition(".")
    name, subject_id = next(
        ((name, value) for name, value in (request.view_args or {}).items() if isinstance(value, uuid.UUID)), ("", None)
    )
    kind = KINDS.get(blueprint, "") if name == "record_id" else name.removesuffix("_id")
    state = request.form.get("state", "")
    detail = state if state.isascii() and state.isidentifier() else ""
    record(session, staff, f"{blueprint}_{view}"[:48], services().clock(), kind, subject_id, detail[:32])
