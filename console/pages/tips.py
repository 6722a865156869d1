"""Tips and the claims to their rewards."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, moments, words
from console.pages import linked
from console.pages.history import Entry, people
from console.pages.linked import Named
from console.pages.media import Media, media_of
from conversations.models import Evidence
from linkage import clusters
from linkage.models import Sighting, Source
from rewards import claims
from rewards.models import Claim, ClaimState
from tips import registry
from tips.models import Tip, TipState

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STORY = 30  # characters in a list


@dataclass(frozen=True, slots=True)
class Row:
    """One tip in the list."""

    id: uuid.UUID
    number: str
    state: str
    state_word: str
    registered: str
    about: str
    story: str


@dataclass(frozen=True, slots=True)
class View:
    """One tip, nothing hidden but its query code."""

    row: Row
    conversation_id: uuid.UUID | None
    fraud: str
    story: str
    place: str
    happened: str
    subjects: list[Named]
    evidence: list[Media]
    claim: ClaimRow | None
    history: list[Entry]
    steps: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim in the list."""

    id: uuid.UUID
    number: str
    state: str
    state_word: str
    requested: str
    tip_id: uuid.UUID
    tip: str
    tip_state: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim."""

    row: ClaimRow
    conversation_id: uuid.UUID
    note: str
    history: list[Entry]
    steps: list[tuple[str, str]]


def load_list(session: Session, now: datetime) -> list[Row]:
    """The tips, newest first."""
    tips = registry.list_tips(session)
    subjects = clusters.of_records(session, Source.TIP, [tip.id for tip in tips])
    return [_row(tip, subjects.get(tip.id, ()), now) for tip in tips]


def _row(tip: Tip, subjects: Sequence[Sighting], now: datetime) -> Row:
    about = "、".join(masking.subject(item.kind, item.value) for item in subjects[:3])
    story = masking.text(" ".join(tip.story.split()))
    return Row(
        id=tip.id,
        number=tip.number,
        state=tip.state,
        state_word=words.TIP_STATES[tip.state],
        registered=moments.clock(tip.registered_at, now),
        about=about,
        story=f"{story[: STORY - 1]}…" if len(story) > STORY else story,
    )


def load(session: Session, tip_id: uuid.UUID, now: datetime, fraud_names: Mapping[str, str]) -> View | None:
    """One tip; None where there is none."""
    tip = session.get(Tip, tip_id)
    if tip is None:
        return None
    events = registry.history(session, tip.id)
    names = people(session, [event.staff_id for event in events])
    claim = session.scalar(select(Claim).where(Claim.tip_id == tip.id))
    return View(
        row=_row(tip, (), now),
        conversation_id=tip.conversation_id,
        fraud=fraud_names.get(tip.fraud_type, ""),
        story=masking.query_code(tip.story),
        place=tip.place,
        happened=tip.happened,
        subjects=linked.named(session, Source.TIP, tip.id),
        evidence=_evidence(session, tip.evidence_note),
        claim=_claim_row(claim, tip, now) if claim else None,
        history=[
            Entry.of(event.at, event.staff_id, names, words.TIP_STATES[event.state], event.detail) for event in events
        ],
        steps=[(state.value, words.TIP_STEPS[state]) for state in registry.NEXT[TipState(tip.state)]],
    )


def _evidence(session: Session, note: str) -> list[Media]:
    ids = [uuid.UUID(found) for found in _UUID.findall(note)]
    if not ids:
        return []
    rows = session.scalars(select(Evidence).where(Evidence.id.in_(ids)).order_by(Evidence.created_at))
    return [media_of(item, {}) for item in rows]


def load_claims(session: Session, now: datetime) -> list[ClaimRow]:
    """The claims, newest first."""
    found = claims.list_claims(session)
    tips = {tip.id: tip for tip in session.scalars(select(Tip).where(Tip.id.in_([claim.tip_id for claim in found])))}
    return [_claim_row(claim, tips[claim.tip_id], now) for claim in found]


def _claim_row(claim: Claim, tip: Tip, now: datetime) -> ClaimRow:
    return ClaimRow(
        id=claim.id,
        number=claim.number,
        state=claim.state,
        state_word=words.CLAIM_STATES[claim.state],
        requested=moments.clock(claim.requested_at, now),
        tip_id=tip.id,
        tip=tip.number,
        tip_state=words.TIP_STATES[tip.state],
    )


def load_claim(session: Session, claim_id: uuid.UUID, now: datetime) -> ClaimView | None:
    """One claim; None where there is none."""
    claim = session.get(Claim, claim_id)
    if claim is None:
        return None
    tip = session.get_one(Tip, claim.tip_id)
    events = claims.history(session, claim.id)
    names = people(session, [event.staff_id for event in events])
    return ClaimView(
        row=_claim_row(claim, tip, now),
        conversation_id=claim.conversation_id,
        note=claim.note,
        history=[
            Entry.of(event.at, event.staff_id, names, words.CLAIM_STATES[event.state], event.detail) for event in events
        ],
        steps=[(state.value, words.CLAIM_STEPS[state]) for state in claims.NEXT[ClaimState(claim.state)]],
    )
