"""What officers find a subject to be, and the correction to everybody who was told otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from conversations import contacts
from conversations.messages import say_for_staff
from conversations.models import Staff
from conversations.staffing import record
from linkage.clusters import finding
from linkage.models import Finding, Sighting, Source, Told, Verdict
from storage import live
from storage.jobs import Task, defer

# Who was told one of these has to hear of the finding.
CONTRARY: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        Finding.FRAUD: frozenset({Told.CLEARED, Told.UNKNOWN}),
        Finding.CLEARED: frozenset({Told.FRAUD, Told.REPORTED}),
    }
)
BATCH = 100


class VerdictError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


def judge(session: Session, index: bytes, to: Finding, staff: Staff, now: datetime, reason: str) -> Verdict:
    """A named officer's finding, with a reason; whoever was told otherwise is written to. Raises VerdictError."""
    named = session.scalar(select(Sighting).where(Sighting.value_index == index).limit(1))
    if named is None:
        raise VerdictError("没有这个号码、网址或账号的记录。")
    if not reason.strip():
        raise VerdictError("请填写原因。")
    if finding(session, index) == to:
        raise VerdictError("已经是这个结论了。")
    verdict = Verdict(kind=named.kind, value_index=index, finding=to.value, staff_id=staff.id, at=now)
    verdict.reason = reason.strip()
    session.add(verdict)
    session.flush()
    record(session, staff, "verdict", now, "verdict", verdict.id, to.value)
    defer(session, Task.CORRECT, verdict_id=str(verdict.id))
    live.touch(session, "subject", verdict.id)
    return verdict


def owed(session: Session, verdict_id: uuid.UUID) -> list[uuid.UUID]:
    """The next contacts who were last told otherwise; none where a newer verdict says something else."""
    verdict = session.get(Verdict, verdict_id)
    if verdict is None or finding(session, verdict.value_index) != verdict.finding:
        return []
    last = (
        select(Sighting.contact_id, Sighting.told)
        .where(*_checks(verdict.value_index), Sighting.contact_id.is_not(None))
        .ext(distinct_on(Sighting.contact_id))
        .order_by(Sighting.contact_id, Sighting.seen_at.desc())
        .subquery()
    )
    query = select(last.c.contact_id).where(last.c.told.in_(CONTRARY[verdict.finding])).limit(BATCH)
    return list(session.scalars(query))


def correct(
    session: Session, verdict_id: uuid.UUID, contact_id: uuid.UUID, words: Mapping[str, str], now: datetime
) -> None:
    """Write to one contact who was told otherwise, once. ``words``: by finding; ``{what}`` is the kind of subject."""
    contact = contacts.lock_by_id(session, contact_id)
    verdict = session.get_one(Verdict, verdict_id)
    session.execute(
        update(Sighting)
        .where(*_checks(verdict.value_index), Sighting.contact_id == contact_id)
        .values(told=verdict.finding)
    )
    if contact.unsubscribed_at is None and contact.unfollowed_at is None:
        conversation = contacts.open_conversation(session, contact, now)
        key = f"verdict:{verdict.id}:{contact_id}"
        say_for_staff(session, conversation, words[verdict.finding], key, verdict.staff_id, now)


def _checks(index: bytes) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Sighting.value_index == index, Sighting.source == Source.CHECK.value
