"""Registering tips, finding them again, and what is already known of a number or link."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from conversations.models import Contact, Conversation, Staff
from linkage import clusters
from linkage.models import Source
from linkage.subjects import Subject
from storage import live
from tips import codes, telling, words
from tips.grams import grams
from tips.handling import hold, pending
from tips.models import CodeTry, Tip, TipEvent, TipEvidence, TipState, tip_numbers
from tips.record import TipError, locked, note, reason_of

TRIES_PER_HOUR = 5
NEXT: dict[TipState, tuple[TipState, ...]] = {
    TipState.REGISTERED: (TipState.CHECKING, TipState.CLOSED),
    TipState.CHECKING: (TipState.CONFIRMED, TipState.UNFOUNDED),
    TipState.CONFIRMED: (TipState.CLOSED,),
    TipState.UNFOUNDED: (TipState.CHECKING, TipState.CLOSED),
    TipState.CLOSED: (),
}


class TooManyTries(Exception):
    """The code was tried too often within the hour."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reporter told. ``kind`` and ``village``: as they were recognised, or empty."""

    story: str
    subjects: tuple[Subject, ...] = ()
    place: str = ""
    happened: str = ""
    evidence: tuple[uuid.UUID, ...] = ()
    fraud_type: str = ""
    kind: str = ""
    village: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """A tip and its query code, which exists only here."""

    tip: Tip
    code: str


def register(
    session: Session, conversation: Conversation | None, draft: Draft, now: datetime, *, staff: Staff | None = None
) -> Registered:
    """Store a tip. The first reporter counts, so the moment is this one.

    ``conversation`` None: ``staff`` took it down from somebody who did not write.
    """
    code = codes.new_code()
    tip = Tip(
        number=f"XS{session.scalar(tip_numbers)}",
        code_hash=codes.hash_code(code),
        state=TipState.REGISTERED.value,
        conversation_id=conversation.id if conversation else None,
        contact_id=conversation.contact_id if conversation else None,
        registered_at=now,
        fraud_type=draft.fraud_type,
        kind=draft.kind,
        village=draft.village,
        place_grams=grams(draft.place),
        story=draft.story,
        place=draft.place,
        happened=draft.happened,
    )
    session.add(tip)
    session.flush()
    clusters.note(session, Source.TIP, tip.id, tip.contact_id, draft.subjects, now, place=tip.village)
    _add_evidence(session, tip, draft.evidence, now)
    note(session, tip, now, "registered", staff=staff)
    live.touch(session, "tip", tip.id, "new")
    return Registered(tip, code)


def _add_evidence(session: Session, tip: Tip, evidence: Iterable[uuid.UUID], now: datetime) -> None:
    for evidence_id in dict.fromkeys(evidence):
        session.add(TipEvidence(tip_id=tip.id, evidence_id=evidence_id, added_at=now))


def add(
    session: Session,
    tip_id: uuid.UUID,
    text: str,
    subjects: Iterable[Subject],
    now: datetime,
    evidence: Iterable[uuid.UUID] = (),
) -> None:
    """The reporter, known by the code, adds to a tip; what was told before stays as it is."""
    tip = locked(session, tip_id)
    clusters.note(session, Source.TIP, tip.id, tip.contact_id, subjects, now, place=tip.village)
    there = set(session.scalars(select(TipEvidence.evidence_id).where(TipEvidence.tip_id == tip.id)))
    _add_evidence(session, tip, [one for one in evidence if one not in there], now)
    note(session, tip, now, "added", actor="reporter", detail=text)


def evidence_of(session: Session, tip_id: uuid.UUID) -> list[uuid.UUID]:
    """What was sent with a tip or added to it, in the order it came."""
    query = select(TipEvidence.evidence_id).where(TipEvidence.tip_id == tip_id)
    return list(session.scalars(query.order_by(TipEvidence.added_at, TipEvidence.id)))


def find_by_code(session: Session, contact: Contact, number: str, code: str, now: datetime) -> Tip | None:
    """The tip of a number and code; None when they do not belong together.

    Raises :class:`TooManyTries` after 5 wrong codes within an hour, per contact and per number.
    """
    number = number.strip().upper()
    recent = session.scalar(
        select(func.count())
        .select_from(CodeTry)
        .where(or_(CodeTry.contact_id == contact.id, CodeTry.number == number), CodeTry.at > now - timedelta(hours=1))
    )
    if (recent or 0) >= TRIES_PER_HOUR:
        raise TooManyTries
    tip = session.scalar(select(Tip).where(Tip.number == number))
    if tip is None or not codes.verify(tip.code_hash, code):
        session.add(CodeTry(contact_id=contact.id, number=number, at=now))
        return None
    return tip


def set_state(session: Session, tip_id: uuid.UUID, to: TipState, staff: Staff, now: datetime, reason: str) -> Tip:
    """A named person moves a tip on, with a reason; one nobody held is theirs from then on. Raises TipError."""
    tip = locked(session, tip_id)
    said = reason_of(reason)
    if to not in NEXT[TipState(tip.state)]:
        raise TipError(_state_now(session, tip))
    hold(session, tip, staff, now)
    if to is TipState.CLOSED and pending(session, tip.id) is not None:
        raise TipError(words.STILL_PENDING)
    tip.state = to.value
    clusters.set_baseless(session, Source.TIP, tip.id, baseless=to is TipState.UNFOUNDED)
    note(session, tip, now, "state", staff=staff, detail=said)
    telling.owe(session, tip, telling.step_of(tip), staff, now)
    return tip


def _state_now(session: Session, tip: Tip) -> str:
    """Why a state cannot follow: mostly because somebody was quicker."""
    last = session.scalar(
        select(TipEvent)
        .where(TipEvent.tip_id == tip.id, TipEvent.what == "state", TipEvent.staff_id.is_not(None))
        .order_by(TipEvent.at.desc(), TipEvent.id.desc())
        .limit(1)
    )
    if last is None or last.staff_id is None:
        return words.NOT_NOW
    return words.STATE_NOW.format(name=session.get_one(Staff, last.staff_id).name, state=words.STATES[tip.state])


def confirmed_at(session: Session, tip: Tip) -> datetime | None:
    """Since when a tip counts as found true; None where it does not. Closing it changes nothing."""
    since = None
    for event in history(session, tip.id):
        if event.state == TipState.CONFIRMED:
            since = since or event.at
        elif event.state != TipState.CLOSED:
            since = None
    return since if tip.state in (TipState.CONFIRMED, TipState.CLOSED) else None


def history(session: Session, tip_id: uuid.UUID) -> list[TipEvent]:
    """Everything that happened to a tip, oldest first."""
    return list(session.scalars(select(TipEvent).where(TipEvent.tip_id == tip_id).order_by(TipEvent.at, TipEvent.id)))


def list_tips(session: Session, limit: int = 200) -> list[Tip]:
    """The newest tips first."""
    return list(session.scalars(select(Tip).order_by(Tip.registered_at.desc()).limit(limit)))
