"""One tip with everything on it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, moments, words
from console.audit import looks
from console.pages import linked, tip_list
from console.pages.claims import ClaimRow, claim_row
from console.pages.history import Entry, people
from console.pages.linked import Named
from console.pages.media import Media, media_of
from conversations.models import Evidence, Staff
from linkage.models import Source
from rewards.models import Claim
from tips import handling, linking, registry
from tips import words as tip_words
from tips.models import Tip, TipEvent, TipState


@dataclass(frozen=True, slots=True)
class Offer:
    """A transfer nobody has answered. ``mine``: the reader may accept or refuse it; ``own``: may withdraw it."""

    id: uuid.UUID
    whom: str
    at: str
    mine: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Hand:
    """Who has it. ``mine``: the reader; ``others``: to whom it may be given."""

    holder: str
    mine: bool
    unit: str
    offer: Offer | None
    others: list[tuple[uuid.UUID, str]]


@dataclass(frozen=True, slots=True)
class Links:
    """Other tips it belongs together with; each as id and number."""

    original: tuple[uuid.UUID, str] | None
    duplicates: list[tuple[uuid.UUID, str]]
    joint: list[tuple[uuid.UUID, str]]


@dataclass(frozen=True, slots=True)
class Proof:
    """A file. ``looks``: when somebody opened it, and who, the latest first."""

    media: Media
    sha256: str
    looks: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class View:
    """One tip, nothing hidden but its query code. ``kind`` and ``village`` as they are stored, to be corrected."""

    row: tip_list.Row
    registered: str
    conversation_id: uuid.UUID | None
    fraud: str
    kind: str
    village: str
    villages: list[str]
    story: str
    place: str
    happened: str
    subjects: list[Named]
    evidence: list[Proof]
    claim: ClaimRow | None
    hand: Hand
    links: Links
    history: list[Entry]
    steps: list[tuple[str, str]]


def load(
    session: Session,
    tip_id: uuid.UUID,
    me: Staff,
    now: datetime,
    fraud_names: Mapping[str, str],
    villages: Sequence[str],
) -> View | None:
    """One tip; None where there is none."""
    tip = session.get(Tip, tip_id)
    if tip is None:
        return None
    events = registry.history(session, tip.id)
    names = people(session, [tip.holder_id, *(event.staff_id for event in events)])
    claim = session.scalar(select(Claim).where(Claim.tip_id == tip.id))
    hand = _hand(session, tip, me, names, now)
    return View(
        row=tip_list.row(tip, (), names, now),
        registered=moments.to_the_millisecond(tip.registered_at),
        conversation_id=tip.conversation_id,
        fraud=fraud_names.get(tip.fraud_type, ""),
        kind=tip.kind,
        village=tip.village,
        villages=list(dict.fromkeys([*villages, *([tip.village] if tip.village else [])])),
        story=masking.query_code(tip.story),
        place=tip.place,
        happened=tip.happened,
        subjects=linked.named(session, Source.TIP, tip.id),
        evidence=_evidence(session, tip.id, now),
        claim=claim_row(claim, tip, now) if claim else None,
        hand=hand,
        links=_links(session, tip),
        history=[
            Entry.of(event.at, event.staff_id, names, _event(event), masking.query_code(event.detail))
            for event in events
        ],
        steps=_steps(tip, hand),
    )


def _steps(tip: Tip, hand: Hand) -> list[tuple[str, str]]:
    if hand.holder and not hand.mine:
        return []
    return [(state.value, words.TIP_STEPS[state]) for state in registry.NEXT[TipState(tip.state)]]


def _hand(session: Session, tip: Tip, me: Staff, names: Mapping[uuid.UUID, str], now: datetime) -> Hand:
    transfer = handling.pending(session, tip.id)
    mine = tip.holder_id == me.id
    offer = None
    if transfer is not None:
        to = people(session, [transfer.to_id]).get(transfer.to_id, "") if transfer.to_id else transfer.unit
        answers = mine if transfer.unit else transfer.to_id == me.id
        offer = Offer(transfer.id, to, moments.clock(transfer.asked_at, now), answers, mine)
    return Hand(
        holder=names.get(tip.holder_id, "") if tip.holder_id else "",
        mine=mine,
        unit=tip.unit,
        offer=offer,
        others=[(staff.id, staff.name) for staff in handling.officers(session) if staff.id != me.id],
    )


def _links(session: Session, tip: Tip) -> Links:
    original = session.get(Tip, tip.duplicate_of) if tip.duplicate_of else None
    return Links(
        original=(original.id, original.number) if original else None,
        duplicates=[(one.id, one.number) for one in linking.duplicates_of(session, tip)],
        joint=[(one.id, one.number) for one in linking.joint_with(session, tip)],
    )


def _evidence(session: Session, tip_id: uuid.UUID, now: datetime) -> list[Proof]:
    ids = registry.evidence_of(session, tip_id)
    rows = session.scalars(select(Evidence).where(Evidence.id.in_(ids)).order_by(Evidence.created_at))
    seen = looks(session, ids)
    names = people(session, [look.staff_id for of_one in seen.values() for look in of_one])
    return [
        Proof(
            media_of(item, {}),
            item.sha256,
            [(moments.clock(look.at, now), names.get(look.staff_id, "")) for look in seen.get(item.id, ())],
        )
        for item in rows
    ]


def _event(event: TipEvent) -> str:
    return tip_words.EVENTS[event.what] or words.TIP_STATES[event.state]
