"""Tips."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, moments, words
from console.pages import linked
from console.pages.claims import ClaimRow, claim_row
from console.pages.history import Entry, people
from console.pages.linked import Named
from console.pages.media import Media, media_of
from conversations.models import Evidence
from linkage import clusters
from linkage.models import Sighting, Source
from rewards.models import Claim
from tips import registry
from tips import words as tip_words
from tips.models import Tip, TipEvent, TipState

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
        evidence=_evidence(session, tip.id),
        claim=claim_row(claim, tip, now) if claim else None,
        history=[
            Entry.of(event.at, event.staff_id, names, _event(event), masking.query_code(event.detail))
            for event in events
        ],
        steps=[(state.value, words.TIP_STEPS[state]) for state in registry.NEXT[TipState(tip.state)]],
    )


def _evidence(session: Session, tip_id: uuid.UUID) -> list[Media]:
    ids = registry.evidence_of(session, tip_id)
    rows = session.scalars(select(Evidence).where(Evidence.id.in_(ids)).order_by(Evidence.created_at))
    return [media_of(item, {}) for item in rows]


def _event(event: TipEvent) -> str:
    return tip_words.EVENTS[event.what] or words.TIP_STATES[event.state]
