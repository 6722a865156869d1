"""What the printed queue shows of a card: all of it, for there is nothing to click on paper."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from console import moments
from console.pages.history import people
from stops import cards, tasks
from stops.facts import missing
from stops.models import StopCard
from stops.papers.facts import moment, odd, transfer_rows
from stops.words import FIELDS, KINDS, STATES, TASKS

MOST = 300


@dataclass(frozen=True, slots=True)
class Printed:
    """One card. ``transfers``: rows of label, value, label, value… each."""

    id: uuid.UUID
    number: str
    drill: bool
    kind: str
    state: str
    officer: str
    reported: str
    deadline: str
    expires: str
    phone: str
    victim: str
    fraud: str
    story: str
    doubted: bool
    transfers: list[list[tuple[str, ...]]]
    lacking: list[str]
    to_do: list[str]


def load(session: Session, now: datetime, fraud_names: Mapping[str, str]) -> list[Printed]:
    """The open cards by deadline."""
    found = cards.list_cards(session, open_only=True, limit=MOST)
    names = people(session, [card.officer_id for card in found])
    to_do: dict[object, list[str]] = {}
    for task in tasks.open_of(session, [card.id for card in found]):
        to_do.setdefault(task.card_id, []).append(TASKS[task.kind])
    return [
        _printed(
            card, names.get(card.officer_id, "") if card.officer_id else "", to_do.get(card.id, []), fraud_names, now
        )
        for card in found
    ]


def _printed(card: StopCard, officer: str, to_do: list[str], fraud_names: Mapping[str, str], now: datetime) -> Printed:
    doubts = odd(card, now)
    return Printed(
        id=card.id,
        number=card.number,
        drill=card.drill,
        kind=KINDS[card.kind],
        state=STATES[card.state],
        officer=officer,
        reported=moments.full(card.reported_at),
        deadline=moments.full(card.deadline),
        expires=moment(card.expires_at),
        phone=card.callback_phone,
        victim=card.victim_name,
        fraud=fraud_names.get(card.fraud_type, ""),
        story=card.story,
        doubted=card.doubted,
        transfers=[transfer_rows(transfer, doubts) for transfer in card.transfers],
        lacking=[FIELDS.get({"amount": "amount_fen"}.get(need, need), need) for need in missing(card, now)],
        to_do=to_do,
    )
