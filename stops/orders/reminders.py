"""Reminders of deadlines that near or have passed. The timers are the steps' own rows, at which the worker looks.

Each fires once: whoever looks locks the order's row, and what has fired is written beside the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from stops.orders import alerts
from stops.orders.models import OrderStep, Step, WarningOrder
from stops.orders.register import PLACES, REACHED, note, waiting_steps
from storage import live

BATCH = 500


def _still_to_do() -> ColumnElement[bool]:
    """Steps the state of the order has not passed over."""
    before = {step: [state for state, reached in REACHED.items() if reached < PLACES[step]] for step in Step}
    return or_(*(and_(OrderStep.step == step, WarningOrder.state.in_(states)) for step, states in before.items()))


def fire(session: Session, now: datetime) -> int:
    """Note what nears or has passed; returns how many reminders that were. Orders just being changed wait a round."""
    nearing = and_(OrderStep.warn_at <= now, OrderStep.warned_at.is_(None))
    passing = and_(OrderStep.due_at <= now, OrderStep.missed_at.is_(None))
    due = (
        select(OrderStep.order_id)
        .join(WarningOrder, WarningOrder.id == OrderStep.order_id)
        .where(OrderStep.done_at.is_(None), or_(nearing, passing), _still_to_do())
        .distinct()
        .limit(BATCH)
    )
    orders = session.scalars(
        select(WarningOrder)
        .where(WarningOrder.id.in_(due.scalar_subquery()))
        .with_for_update(skip_locked=True)
        .options(selectinload(WarningOrder.steps))
        .execution_options(populate_existing=True)
    ).all()
    reminded = [
        alerts.Reminder(order, step, what)
        for order in orders
        for step in waiting_steps(order)
        if (what := _remind(session, order, step, now))
    ]
    alerts.alert(session, reminded, now)
    return len(reminded)


def _remind(session: Session, order: WarningOrder, step: OrderStep, now: datetime) -> str:
    if step.due_at is not None and step.due_at <= now and step.missed_at is None:
        step.missed_at = now
        step.warned_at = step.warned_at or now  # too late for that
        what = "missed"
    elif step.warn_at is not None and step.warn_at <= now and step.warned_at is None:
        step.warned_at = now
        what = "nearing"
    else:
        return ""
    note(session, order.id, now, what, step=step.step)
    live.touch(session, "order", order.id, what)
    return what


@dataclass(frozen=True, slots=True)
class Pressing:
    """Open orders with a step that is late, or of which a reminder has come; an order counts once."""

    late: int = 0
    soon: int = 0


def pressing(session: Session, now: datetime) -> Pressing:
    """How many open orders press, for the head of the console."""
    late = func.coalesce(func.bool_or(OrderStep.due_at <= now), False)
    of_order = (
        select(late.label("late"))
        .join(WarningOrder, WarningOrder.id == OrderStep.order_id)
        .where(OrderStep.done_at.is_(None), or_(OrderStep.due_at <= now, OrderStep.warn_at <= now), _still_to_do())
        .group_by(OrderStep.order_id)
        .subquery()
    )
    row = session.execute(select(func.count().filter(of_order.c.late), func.count().filter(~of_order.c.late))).one()
    return Pressing(*row)
