"""The audit log: who, in which role, from where, did or saw which record. Never what stood in it.

A line is written in the transaction of what it tells of. At the commit the database hangs it on a chain of hashes
(migration 0120, ADR 0120); lines and links are only added. ``session.info["origin"]`` says where a session works from.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from conversations.models import AuditEntry, AuditLink, Staff
from storage.chain import Break, Link, breaks, micros
from storage.ids import new_id

VIEW = "view_"  # what begins so tells of looking, not of changing
ORIGIN, NOTED, CHANGED = "origin", "audit_noted", "audit_changed"
BATCH = 5000
_JSON = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it must be. ``what`` None: lines stand in the log without a link, ``position`` many."""

    position: int
    what: Break | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was read: how many links, from which position on, the newest one (to be kept elsewhere), what is wrong."""

    links: int
    first: int
    last: int
    newest: str
    faults: tuple[Fault, ...]


def record(
    session: Session,
    staff: Staff | None,
    action: str,
    now: datetime,
    subject_kind: str = "",
    subject_id: uuid.UUID | None = None,
    detail: str = "",
) -> None:
    """Add a line. ``staff`` None: nobody is signed in. ``detail`` holds ids and words, never content."""
    if not action.startswith(VIEW):
        session.info[NOTED] = True
    session.execute(
        insert(AuditEntry).values(
            id=new_id(),
            at=now,
            staff_id=staff.id if staff else None,
            roles=staff.roles if staff else "",
            origin=session.info.get(ORIGIN, ""),
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
        )
    )


def watch(factory: sessionmaker[Session]) -> None:
    """Let sessions of a factory know whether they change anything: see :func:`unnoted`."""
    event.listen(factory, "after_flush", _flushed)
    event.listen(factory, "do_orm_execute", _executed)


def _flushed(session: Session, _context: object) -> None:
    if session.new or session.deleted or any(map(session.is_modified, session.dirty)):
        session.info[CHANGED] = True


def _executed(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and state.bind_mapper is not None:
        changed = state.bind_mapper.class_ is not AuditEntry
        state.session.info[CHANGED] = state.session.info.get(CHANGED, False) or changed


def unnoted(session: Session) -> bool:
    """Whether a watched session has changed records and no line tells of it."""
    session.flush()
    return bool(session.info.get(CHANGED)) and not session.info.get(NOTED)


def verify(session: Session, anchor: tuple[int, str] | None = None, most: int | None = None) -> Checked:
    """Follow the chain, all of it or its newest ``most`` links.

    ``anchor``: a position and the beginning of its hash, noted before; another one there now is a change.
    """
    newest = session.scalar(select(func.max(AuditLink.position))) or 0
    first = max(1, newest - most + 1) if most else 1
    before = session.scalar(select(AuditLink.hash).where(AuditLink.position == first - 1)) or ""
    links, last, found = 0, 0, ""

    def watched() -> Iterator[Link]:
        nonlocal links, last, found
        for link in _links(session, first):
            links, last, found = links + 1, link.position, link.hash
            yield link

    faults = [Fault(position, what) for position, what in breaks(watched(), first, before)]
    there = select(AuditLink.hash).where(AuditLink.position == anchor[0]) if anchor else None
    if anchor and there is not None and not (session.scalar(there) or "").startswith(anchor[1]):
        faults.append(Fault(anchor[0], Break.CHANGED))
    loose = session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(~select(AuditLink.id).where(AuditLink.id == AuditEntry.id).exists())
    )
    if loose:
        faults.append(Fault(loose, None))
    return Checked(links, first, last, found, tuple(faults))


def _links(session: Session, first: int) -> Iterator[Link]:
    """Every link from a position on; read in batches, so that no statement takes long."""
    line = (
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.staff_id,
        AuditEntry.roles,
        AuditEntry.origin,
        AuditEntry.action,
        AuditEntry.subject_kind,
        AuditEntry.subject_id,
        AuditEntry.detail,
    )
    query = (
        select(AuditLink.position, AuditLink.previous, AuditLink.hash, *line)
        .outerjoin(AuditEntry, AuditEntry.id == AuditLink.id)
        .order_by(AuditLink.position)
        .limit(BATCH)
    )
    position = first - 1
    while rows := session.execute(query.where(AuditLink.position > position)).all():
        for position, previous, found, *parts in rows:
            yield Link(position, previous, found, _digest(position, parts, previous) if parts[0] else "")


def _digest(position: int, line: list[Any], previous: str) -> str:
    """SHA-256 over everything in a line and the hash before it, as the trigger ``audit_link`` writes it."""
    entry_id, at, staff_id, *words, subject_id, detail = line
    parts = [position, str(entry_id), micros(at), str(staff_id or ""), *words, str(subject_id or ""), detail, previous]
    return hashlib.sha256(_JSON.encode(parts).encode()).hexdigest()
