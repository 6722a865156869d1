"""Who has a card in hand: exactly one officer, visible to all, who loses it by three minutes of silence.

Silence counts while the clock runs (:data:`stops.models.RUNNING`); once a stop is asked for, the holder keeps the card
for its 48 hours. A card nobody holds and that was only accepted is a new one again: nobody is working on it.

Signs of life are written and judged by PostgreSQL's clock alone: console and worker may run on machines whose clocks
differ. When that clock is moved ahead, nobody was silent for it: everybody's three minutes begin anew.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops import events, telling
from stops.models import RUNNING, RUNS, UNHELD, CardState, StopCard, StopEvent
from stops.record import CardError, locked, note
from storage.clock import Stopwatch

SILENT = timedelta(minutes=3)  # without a sign of life the next may have the card
WARN = timedelta(minutes=2)  # from then on the holder is told
SKEW = timedelta(minutes=1)  # a sign of life further in the future comes from a clock that was set back
MOVED = timedelta(seconds=10)  # a clock that gained more than this on the machine's own seconds was moved
BATCH = 200
MOST = 20
LIFE = (StopCard.seen_at, StopCard.taken_at, StopCard.reported_at)  # the last sign there is
HELD = "officer_id IS NOT NULL AND state <> 'closed'"


class HeldByOther(CardError):
    """Somebody else has the card in hand."""

    def __init__(self, name: str) -> None:
        super().__init__(f"这张止付单由{name}在办理。")
        self.name = name


@dataclass(frozen=True, slots=True)
class Held:
    """A running card somebody holds. ``lost_at``: when it goes back to the queue unless they show a sign of life."""

    id: uuid.UUID
    number: str
    deadline: datetime
    lost_at: datetime
    drill: bool


def take(session: Session, card_id: uuid.UUID, officer: Staff, now: datetime) -> StopCard:
    """Take a card in hand; one's own again is fine. Raises :class:`HeldByOther`."""
    card = _locked(session, card_id)
    if card.officer_id not in (None, officer.id):
        if not _is_silent(session, card):
            raise HeldByOther(_name(session, card.officer_id))
        _lose(session, card, now)
    if card.officer_id is None:
        _give(session, card, officer, now)
    else:
        card.seen_at = func.now()
    return card


def take_next(session: Session, officer: Staff, now: datetime) -> StopCard:
    """Take the most pressing card that nobody holds, a drill only where no other waits.

    Two officers at once get two cards.
    """
    unheld = select(StopCard).where(sql(UNHELD)).order_by(StopCard.deadline, StopCard.id).limit(1)
    real = unheld.where(StopCard.drill.is_(False))
    card = session.scalar(real.with_for_update(skip_locked=True))
    if card is None:
        # The last one may only be locked by a worker that looks at its ladder: that is over in a moment.
        card = session.scalar(real.with_for_update()) or session.scalar(unheld.with_for_update(skip_locked=True))
    if card is None:
        card = session.scalar(unheld.with_for_update())
    if card is None:
        raise CardError("现在没有等人接手的止付单。")
    _give(session, card, officer, now)
    return card


def take_over(session: Session, card_id: uuid.UUID, officer: Staff, reason: str, now: datetime) -> StopCard:
    """Take a card out of another's hand, for a reason that stays in its history."""
    card = _locked(session, card_id)
    if card.officer_id in (None, officer.id):
        return take(session, card_id, officer, now)
    if not reason.strip():
        raise CardError("请写明为什么要接过来。")
    before = _name(session, card.officer_id)
    card.officer_id = officer.id
    card.taken_at, card.seen_at = now, func.now()
    told = f"{before} → {officer.name}：{reason.strip()}"
    _noted(session, card, now, "taken_over", staff_id=officer.id, detail=told)
    return card


def release(session: Session, card_id: uuid.UUID, officer: Staff, now: datetime) -> StopCard:
    """Put a card back into the queue."""
    card = _locked(session, card_id)
    if card.officer_id != officer.id:
        raise CardError("这张止付单不在您手上。")
    _put_back(session, card, now, "released", staff_id=officer.id)
    return card


def beat(session: Session, officer: Staff) -> None:
    """A sign of life of somebody, for every running card they hold. Does not count as a change of the card."""
    session.execute(
        update(StopCard)
        .where(StopCard.officer_id == officer.id, sql(RUNS))
        .values(seen_at=func.now())
        .execution_options(synchronize_session=False)
    )


def held_by(session: Session, officer: Staff, now: datetime) -> list[Held]:
    """The running cards somebody holds, most pressing first; :data:`MOST` at most. ``now``: by the reader's clock."""
    found = session.execute(
        select(StopCard, func.now())
        .where(StopCard.officer_id == officer.id, sql(RUNS))
        .order_by(StopCard.deadline)
        .limit(MOST)
    )
    return [
        Held(card.id, card.number, card.deadline, now + (_lost_at(card) - theirs), card.drill) for card, theirs in found
    ]


def _lost_at(card: StopCard) -> datetime:
    """When a held running card goes back to the queue unless its holder shows a sign of life; PostgreSQL's clock."""
    return (card.seen_at or card.taken_at or card.reported_at) + SILENT


def lose_silent(session: Session, now: datetime, since: Stopwatch) -> int:
    """Put back the cards of silent holders; each exactly once, however many workers look. Returns how many.

    ``since``: the caller's count of seconds from one round to the next.
    """
    moment = session.execute(select(func.now())).scalar_one()
    gained = since.gained(moment)
    # A clock that was set back must not make a silent holder look alive for hours, nor one set ahead a busy one silent.
    wrong = sql(RUNS) if gained > MOVED else StopCard.seen_at > moment + SKEW
    session.execute(
        update(StopCard).where(sql(HELD), wrong).values(seen_at=moment).execution_options(synchronize_session=False)
    )
    silent = session.scalars(
        select(StopCard)
        .where(sql(HELD), sql(RUNS), func.coalesce(*LIFE) < moment - SILENT)
        .order_by(StopCard.deadline)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for card in silent:
        _lose(session, card, now)
    return len(silent)


def give_up_all(session: Session, staff: Staff, now: datetime) -> int:
    """Put back every open card of somebody who is gone; returns how many."""
    held = session.scalars(
        select(StopCard).where(StopCard.officer_id == staff.id, sql(HELD)).order_by(StopCard.id).with_for_update()
    ).all()
    for card in held:
        _put_back(session, card, now, "holder_gone", staff_id=staff.id)
    return len(held)


def _locked(session: Session, card_id: uuid.UUID) -> StopCard:
    card = locked(session, card_id)
    if card.state == CardState.CLOSED:
        raise CardError("这张止付单已经结案。")
    return card


def _is_silent(session: Session, card: StopCard) -> bool:
    return CardState(card.state) in RUNNING and session.execute(select(func.now())).scalar_one() > _lost_at(card)


def _name(session: Session, staff_id: uuid.UUID | None) -> str:
    return session.get_one(Staff, staff_id).name


def _give(session: Session, card: StopCard, officer: Staff, now: datetime) -> None:
    card.officer_id = officer.id
    card.taken_at, card.seen_at = now, func.now()
    if card.state == CardState.NEW:
        card.state, card.state_by, card.state_at = CardState.ACCEPTED.value, officer.id, now
        event = _noted(session, card, now, "state", staff_id=officer.id, state=CardState.ACCEPTED.value)
        if not telling.is_owed(session, card, CardState.ACCEPTED):  # whoever has it next is no news to the resident
            telling.owe(session, card, event, now)
    else:
        _noted(session, card, now, "taken", staff_id=officer.id)


def _lose(session: Session, card: StopCard, now: datetime) -> None:
    _put_back(session, card, now, "holder_silent", actor="system", detail=_name(session, card.officer_id))


def _put_back(session: Session, card: StopCard, now: datetime, what: str, **more: Any) -> None:
    card.officer_id = card.taken_at = card.seen_at = None
    if card.state == CardState.ACCEPTED:
        card.state, card.state_by, card.state_at = CardState.NEW.value, None, now
        more["state"] = CardState.NEW.value
    _noted(session, card, now, what, **more)


def _noted(session: Session, card: StopCard, now: datetime, what: str, **more: Any) -> StopEvent:
    event = note(session, card, now, what, **more)
    events.card_changed(session, card, what, now)
    return event
