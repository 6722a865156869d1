"""Evidence: what came as a picture, voice, video or place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from conversations.inbound import Inbound, Kind
from conversations.models import Evidence, EvidenceState, Message
from storage.jobs import Priority, Task, defer

FETCHED = frozenset({Kind.IMAGE, Kind.VOICE, Kind.VIDEO})


def keep(session: Session, message: Message, inbound: Inbound, now: datetime) -> Evidence | None:
    """Note the evidence in a message and have the worker fetch its file; None where there is none."""
    if inbound.kind not in FETCHED and inbound.kind is not Kind.LOCATION:
        return None
    fetched = inbound.kind in FETCHED and bool(inbound.media_id)
    state = EvidenceState.GIVEN if inbound.kind is Kind.LOCATION else EvidenceState.PENDING
    if inbound.kind in FETCHED and not inbound.media_id:
        state = EvidenceState.GONE
    evidence = Evidence(
        conversation_id=message.conversation_id,
        message_id=message.id,
        kind=inbound.kind.value,
        media_id=inbound.media_id,
        state=state.value,
        created_at=now,
    )
    session.add(evidence)
    session.flush()
    if fetched:
        defer(session, Task.FETCH_MEDIA, priority=Priority.NORMAL, evidence_id=str(evidence.id))
    return evidence
