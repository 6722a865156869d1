"""Timers of cards: rows that fall due once, whatever restarts, however many workers look and wherever the clock goes.

Whoever fires one locks the card's contact, then the card, then the row, in that order, as everything else does.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from stops import events, tasks
from stops.duty import reach, roster
from stops.models import CardState, StopCard, StopTimer
from stops.record import note
from storage.ids import new_id

REMIND = "remind"
REMIND_AFTER = timedelta(minutes=3)
# Hours after the stop was set at which the holder and the substitute are told; the last is its end.
ALERTS = {"expiry_36": 36, "expiry_44": 44, "expiry_47": 47, "expiry_48": 48}
EXPIRY = tuple(ALERTS)
END = "expiry_48"
STOPPED = frozenset({CardState.INITIATED, CardState.SUCCEEDED, CardState.PARTIAL, CardState.EXTENDED})
BATCH = 200


def remind_later(session: Session, card: StopCard, now: datetime) -> None:
    """Three minutes from now the resident is reminded, unless they write before; once only."""
    due_at = now + REMIND_AFTER
    session.execute(
        insert(StopTimer)
        .values(id=new_id(), card_id=card.id, what=REMIND, round=0, due_at=due_at)
        .on_conflict_do_update(
            index_elements=["card_id", "what", "round"],
            set_={"due_at": due_at},
            where=StopTimer.fired_at.is_(None),
        )
    )


def set_expiry(session: Session, card: StopCard) -> None:
    """The alerts of the stop that was just set."""
    assert card.initiated_at is not None
    for what, hours in ALERTS.items():
        due_at = card.initiated_at + timedelta(hours=hours)
        session.add(StopTimer(card_id=card.id, what=what, round=card.stop_round, due_at=due_at))


def drop(session: Session, card: StopCard, what: Collection[str]) -> None:
    """What has not fired yet never will."""
    session.execute(
        delete(StopTimer).where(
            StopTimer.card_id == card.id, StopTimer.what.in_(list(what)), StopTimer.fired_at.is_(None)
        )
    )


def due(session: Session, now: datetime) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Timers that are due: their ids with those of their cards."""
    found = session.execute(
        select(StopTimer.id, StopTimer.card_id)
        .where(StopTimer.fired_at.is_(None), StopTimer.due_at <= now)
        .order_by(StopTimer.due_at)
        .limit(BATCH)
    )
    return [(timer_id, card_id) for timer_id, card_id in found]


def claim(session: Session, timer_id: uuid.UUID, now: datetime) -> StopTimer | None:
    """The timer, marked as fired; None when somebody else did it, or it was put off."""
    timer = session.scalar(
        select(StopTimer).where(StopTimer.id == timer_id).with_for_update().execution_options(populate_existing=True)
    )
    if timer is None or timer.fired_at is not None or timer.due_at > now:
        return None
    timer.fired_at = now
    return timer


def alert(session: Session, card: StopCard, timer: StopTimer, now: datetime) -> None:
    """A stop is about to end, or has ended: staff are told, and only an officer says what becomes of it."""
    if CardState(card.state) not in STOPPED or timer.round != card.stop_round:
        return
    note(session, card, now, timer.what)
    kind = tasks.LAPSED if timer.what == END else tasks.EXPIRY
    tasks.add(session, card, kind, now, about=timer.what, round_=timer.round)
    _reach_holder(session, card, timer, now)
    events.card_changed(session, card, timer.what, now)


def _reach_holder(session: Session, card: StopCard, timer: StopTimer, now: datetime) -> None:
    """Whoever has the stop in hand, and whoever stands in for them."""
    holder = card.officer_id or card.state_by
    assert holder is not None
    stands_in = roster.substitute_of(session, holder, now)
    reach.alert(
        session,
        [holder, *([stands_in.id] if stands_in else [])],
        "expiry",
        "stop_ended" if timer.what == END else "stop_ends",
        card,
        now,
        f"{card.id}:{timer.what}:{timer.round}",
        until=card.expires_at,
    )
