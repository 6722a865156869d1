"""Entering orders: once each, whoever brings them how often, and finding them again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import DateTime, Select, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from conversations.contacts import sender_index
from conversations.inbound import Channel
from conversations.models import Staff
from stops.orders import words
from stops.orders.deadlines import Deadlines
from stops.orders.models import AFTER, OrderEvent, OrderState, OrderStep, Step, WarningOrder, order_numbers
from stops.record import Change
from storage import live

PLACES = {step: place for place, step in enumerate(Step, start=1)}
# How many steps are behind an order in a state.
REACHED = {OrderState.RECEIVED: 0, **{state: PLACES[step] for step, state in AFTER.items()}}
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # stands for no deadline where things are sorted by theirs
TOLD = ("issued_at", "level", "fraud", "village", "name", "phone", "address", "content")


class OrderError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as it came. ``phone`` is E.164; ``feedback_due``: the limit the order itself names."""

    number: str = ""
    issued_at: datetime | None = None
    level: str = ""
    fraud: str = ""
    village: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    content: str = ""
    feedback_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """``new``: it was not there before. ``differs``: it was, and with other contents, which stay as they are."""

    id: uuid.UUID
    number: str
    new: bool
    differs: bool = False


def enter(session: Session, draft: Draft, deadlines: Deadlines, staff: Staff | None, now: datetime) -> Entered:
    """Enter an order. One whose number is known stays as it is; one without a number gets one of ours."""
    order = _row(draft, draft.number or _own_number(session), staff, now)
    due = deadlines.of(now, draft.feedback_due)
    order.due_at = min((one.due_at for one in due.values() if one.due_at), default=None)
    columns = {column.name: getattr(order, column.name) for column in WarningOrder.__table__.columns}
    inserted = session.scalar(
        insert(WarningOrder).values(**columns).on_conflict_do_nothing().returning(WarningOrder.id)
    )
    if inserted is None:
        known = session.scalars(select(WarningOrder).where(WarningOrder.number == order.number)).one()
        return Entered(known.id, known.number, new=False, differs=_differs(known, draft))
    for step, place in PLACES.items():
        session.add(
            OrderStep(
                order_id=order.id, step=step.value, ordinal=place, due_at=due[step].due_at, warn_at=due[step].warn_at
            )
        )
    note(session, order.id, now, "entered", staff=staff)
    session.flush()
    live.touch(session, "order", order.id, "new")
    return Entered(order.id, order.number, new=True)


def _row(draft: Draft, number: str, staff: Staff | None, now: datetime) -> WarningOrder:
    return WarningOrder(
        number=number,
        state=OrderState.RECEIVED.value,
        received_at=now,
        entered_by=staff.id if staff else None,
        phone_index=sender_index(Channel.SMS, draft.phone) if draft.phone else None,
        outcome="",
        rating="",
        version=1,
        **{name: getattr(draft, name) for name in TOLD},
    )


def _own_number(session: Session) -> str:
    while True:
        number = f"YJ{session.scalar(order_numbers)}"
        if session.scalar(select(WarningOrder.id).where(WarningOrder.number == number)) is None:
            return number


def _differs(known: WarningOrder, draft: Draft) -> bool:
    return any(getattr(draft, name) and getattr(known, name) != getattr(draft, name) for name in TOLD)


def load(session: Session, order_id: uuid.UUID) -> WarningOrder | None:
    """An order with its steps, to be read."""
    return session.scalar(
        select(WarningOrder).where(WarningOrder.id == order_id).options(selectinload(WarningOrder.steps))
    )


def locked(session: Session, order_id: uuid.UUID) -> WarningOrder:
    """An order with its steps, its row locked. Who also locks a contact does that first. Raises :class:`OrderError`."""
    order = session.scalar(
        select(WarningOrder)
        .where(WarningOrder.id == order_id)
        .with_for_update()
        .options(selectinload(WarningOrder.steps))
        .execution_options(populate_existing=True)
    )
    if order is None:
        raise OrderError(words.GONE)
    return order


def list_orders(session: Session, *, open_only: bool = False, limit: int = 1000) -> list[WarningOrder]:
    """Open orders, the nearest deadline first; else all, the newest first."""
    query = select(WarningOrder).options(selectinload(WarningOrder.steps)).limit(limit)
    if open_only:
        query = query.where(WarningOrder.state != OrderState.REVIEWED).order_by(
            WarningOrder.due_at.asc().nulls_last(), WarningOrder.received_at
        )
    else:
        query = query.order_by(WarningOrder.received_at.desc())
    return list(session.scalars(query))


def by_deadline(after: tuple[datetime, uuid.UUID] | None, limit: int) -> Select[WarningOrder]:
    """The question for open orders, the nearest deadline first, those without one last; from a place on, if given."""
    due_at = func.coalesce(WarningOrder.due_at, literal(NEVER, DateTime(timezone=True)))
    query = (
        select(WarningOrder)
        .where(WarningOrder.state != OrderState.REVIEWED)
        .options(selectinload(WarningOrder.steps))
        .order_by(due_at, WarningOrder.id)
        .limit(limit)
    )
    return query if after is None else query.where(tuple_(due_at, WarningOrder.id) > after)


def history(session: Session, order_id: uuid.UUID) -> Sequence[OrderEvent]:
    """Everything that happened to an order, oldest first."""
    query = select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.at, OrderEvent.id)
    return session.scalars(query).all()


def waiting_steps(order: WarningOrder) -> list[OrderStep]:
    """The steps that are still to be done. One that was passed over is not."""
    reached = REACHED[OrderState(order.state)]
    return [step for step in order.steps if step.done_at is None and step.ordinal > reached]


def earliest(steps: Iterable[OrderStep]) -> OrderStep | None:
    """The step whose deadline comes first; None where none has one."""
    timed = [step for step in steps if step.due_at is not None]
    return min(timed, key=lambda step: (step.due_at, step.ordinal), default=None)


def note(
    session: Session,
    order_id: uuid.UUID,
    now: datetime,
    what: str,
    *,
    staff: Staff | None = None,
    by_resident: bool = False,
    step: str = "",
    way: str = "",
    outcome: str = "",
    happened_at: datetime | None = None,
    message_id: uuid.UUID | None = None,
    detail: str = "",
    version: int = 0,
    changes: Sequence[Change] = (),
) -> None:
    """Add a line to the history of an order."""
    changed = [{"field": change.field, "before": change.before, "after": change.after} for change in changes]
    session.add(
        OrderEvent(
            order_id=order_id,
            at=now,
            actor="resident" if by_resident else "staff" if staff else "system",
            staff_id=staff.id if staff else None,
            what=what,
            step=step,
            way=way,
            outcome=outcome,
            happened_at=happened_at,
            message_id=message_id,
            detail=detail.strip(),
            version=version,
            changes={"changes": changed} if changed else {},
        )
    )
