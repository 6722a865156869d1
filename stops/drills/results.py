"""What a drill showed: seconds from the first words to the card, its acceptance, its completeness and the stop."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops.drills.models import Drill
from stops.drills.scripts import scripts
from stops.models import CardState, StopCard, StopEvent


@dataclass(frozen=True, slots=True)
class Result:
    """One drill. Seconds are counted from the receipt of the first words; None: not reached.

    ``said``: messages of the victim so far. ``started_by``: a name, empty from the command line.
    """

    id: uuid.UUID
    script: str
    title: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    said: int
    card_id: uuid.UUID | None
    card: str
    state: str
    to_card: float | None
    to_accepted: float | None
    to_complete: float | None
    to_initiated: float | None

    @property
    def reached(self) -> bool:
        """Whether everything was reached that is measured."""
        return None not in (self.to_card, self.to_accepted, self.to_complete, self.to_initiated)


def results(session: Session, limit: int = 50) -> list[Result]:
    """The newest drills first."""
    return _results(session, session.scalars(select(Drill).order_by(Drill.started_at.desc()).limit(limit)).all())


def result(session: Session, drill_id: uuid.UUID) -> Result:
    """One drill."""
    return _results(session, [session.get_one(Drill, drill_id)])[0]


def as_json(found: Result) -> dict[str, Any]:
    """For a line of JSON: moments in ISO, seconds with milliseconds; marked as a drill."""
    plain = {key: str(value) if isinstance(value, uuid.UUID) else value for key, value in asdict(found).items()}
    plain = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in plain.items()}
    return {"drill": True, **plain}


def _results(session: Session, drills: Sequence[Drill]) -> list[Result]:
    cards: dict[uuid.UUID, StopCard] = {}
    contacts = [drill.contact_id for drill in drills]
    for card in session.scalars(select(StopCard).where(StopCard.contact_id.in_(contacts)).order_by(StopCard.number)):
        cards.setdefault(card.contact_id, card)
    states = _first_times(session, [card.id for card in cards.values()])
    names = {staff.id: staff.name for staff in session.scalars(select(Staff))} if drills else {}
    return [_result(drill, cards.get(drill.contact_id), states, names) for drill in drills]


def _first_times(session: Session, card_ids: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, str], datetime]:
    """When each state was first set."""
    found = session.execute(
        select(StopEvent.card_id, StopEvent.state, func.min(StopEvent.at))
        .where(StopEvent.card_id.in_(card_ids), StopEvent.what == "state")
        .group_by(StopEvent.card_id, StopEvent.state)
    )
    return {(card_id, state): at for card_id, state, at in found}


def _result(
    drill: Drill,
    card: StopCard | None,
    states: Mapping[tuple[uuid.UUID, str], datetime],
    names: Mapping[uuid.UUID, str],
) -> Result:
    began = card.first_urgent_at or card.reported_at if card else None

    def seconds(until: datetime | None) -> float | None:
        return round((until - began).total_seconds(), 3) if until and began else None

    return Result(
        id=drill.id,
        script=drill.script,
        title=scripts()[drill.script].title if drill.script in scripts() else drill.script,
        started_at=drill.started_at,
        started_by=names.get(drill.started_by, "") if drill.started_by else "",
        ended_at=drill.ended_at,
        said=drill.said,
        card_id=card.id if card else None,
        card=card.number if card else "",
        state=card.state if card else "",
        to_card=seconds(card.reported_at) if card else None,
        to_accepted=seconds(states.get((card.id, CardState.ACCEPTED))) if card else None,
        to_complete=seconds(card.completed_at) if card else None,
        to_initiated=seconds(states.get((card.id, CardState.INITIATED))) if card else None,
    )
