"""What concerns the person in front of the console: their own alerts, and that nobody is on duty."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from console import duty_words as words
from conversations.models import Staff
from stops.duty import reach, roster
from stops.duty.models import LadderStep, Reach
from stops.duty.waiting import waits
from stops.duty.words import DRILL
from stops.models import CardState, StopCard
from stops.orders import words as order_words
from stops.orders.models import OrderState, WarningOrder

MOST = 5


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alert that the person has not put away. ``kind``: card or order."""

    id: uuid.UUID
    kind: str
    about: uuid.UUID
    words: str
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Alarms:
    """``nobody``: what to say when nobody is on duty."""

    mine: list[Alarm] = field(default_factory=list)
    nobody: str = ""


def load(session: Session, me: Staff, now: datetime) -> Alarms:
    """For one person; who neither works cases nor manages staff gets none."""
    if not {"officer", "admin"} & me.role_set:
        return Alarms()
    duty = roster.on_duty(session, now)
    nobody = "" if duty.people else words.NOBODY if duty.has_roster else words.NO_ROSTER
    if "officer" not in me.role_set:
        return Alarms(nobody=nobody)
    rows = session.execute(
        select(Reach, StopCard, LadderStep.say)
        .outerjoin(StopCard, StopCard.id == Reach.card_id)
        .outerjoin(WarningOrder, WarningOrder.id == Reach.order_id)
        .outerjoin(LadderStep, LadderStep.id == Reach.step_id)
        .where(Reach.staff_id == me.id, Reach.way == "console", Reach.seen_at.is_(None))
        .where(or_(StopCard.state != CardState.CLOSED, _not_at_it_yet()))
        .order_by(Reach.created_at.desc())
        .limit(200)
    )
    mine: dict[uuid.UUID, Alarm] = {}
    for row, card, say in rows:
        if card is None:
            mine.setdefault(
                row.order_id, Alarm(row.id, "order", row.order_id, row.text.removeprefix(order_words.NOBODY))
            )
            continue
        if row.subject == reach.LADDER and not waits(card):
            continue
        # Of several steps of one card the last one says it all.
        said = words.ALARMS[say or "other"].format(number=card.number)
        said = DRILL + said if card.drill else said
        mine.setdefault(card.id, Alarm(row.id, "card", card.id, said, card.drill))
    return Alarms(list(mine.values())[:MOST], nobody)


def _not_at_it_yet() -> ColumnElement[bool]:
    """Whether nobody has worked on the order since it was reminded of."""
    done_since = and_(WarningOrder.acted_at.is_not(None), WarningOrder.acted_at >= Reach.created_at)
    return and_(WarningOrder.state != OrderState.REVIEWED, ~done_since)
