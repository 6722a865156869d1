"""What staff have to do by hand for a card: rows that stay until a named person has done them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops import events
from stops.models import StopCard, StopTask
from stops.record import CardError, locked, note
from storage.ids import new_id

TELL = "tell"  # phone the resident what state the card is in (``about``)
DOUBT = "doubt"  # phone somebody who says that it was a misunderstanding
EXPIRY = "expiry"  # a stop ends soon
LAPSED = "lapsed"  # a stop has ended: say what becomes of it


def add(session: Session, card: StopCard, kind: str, now: datetime, *, about: str = "", round_: int = 0) -> None:
    """A thing to do; the same one again adds nothing."""
    session.execute(
        insert(StopTask)
        .values(id=new_id(), card_id=card.id, kind=kind, about=about, round=round_, created_at=now)
        .on_conflict_do_nothing()
    )
    events.card_changed(session, card, "task", now)


def open_of(session: Session, card_ids: Collection[uuid.UUID]) -> list[StopTask]:
    """What is still to be done for these cards, oldest first."""
    return list(
        session.scalars(
            select(StopTask)
            .where(StopTask.card_id.in_(list(card_ids)), StopTask.done_at.is_(None))
            .order_by(StopTask.created_at)
        )
    )


def done(session: Session, task_id: uuid.UUID, officer: Staff, outcome: str, now: datetime) -> StopTask:
    """Somebody did it; ``outcome`` in words. Raises :class:`CardError`."""
    card_id = session.scalar(select(StopTask.card_id).where(StopTask.id == task_id))
    if card_id is None:
        raise CardError("没有这项任务。")
    card = locked(session, card_id)
    task = session.scalars(
        select(StopTask).where(StopTask.id == task_id).execution_options(populate_existing=True)
    ).one()
    if task.done_at is not None:
        other = session.get_one(Staff, task.done_by)
        raise CardError(f"{other.name}已经办了这件事。")
    if not outcome.strip():
        raise CardError("请写明结果，比如“已接通，本人确认被骗”。")
    task.done_at, task.done_by, task.outcome = now, officer.id, outcome.strip()
    note(session, card, now, "task_done", staff_id=officer.id, detail=outcome.strip(), state=task.about)
    events.card_changed(session, card, "task", now)
    return task


def settle(session: Session, card: StopCard, kinds: Collection[str], officer: Staff, now: datetime) -> None:
    """What an officer just did makes these superfluous."""
    for task in open_of(session, [card.id]):
        if task.kind in kinds:
            task.done_at, task.done_by = now, officer.id
