"""How the work on orders goes, by the day or month in China on which they were received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import Integer, func, select
from sqlalchemy.orm import Session

from stops.orders.models import OrderStep, Step, WarningOrder
from storage.clock import CHINA


@dataclass(frozen=True, slots=True)
class StepFigures:
    """By day or month, of the orders received in a period: how many have this step done.

    ``timed``: those with a deadline that has passed or was kept; ``in_time``: those of them that kept it.
    """

    done: int = 0
    timed: int = 0
    in_time: int = 0

    @property
    def share(self) -> float | None:
        """In time, 0 to 1; None where nothing had a deadline yet."""
        return self.in_time / self.timed if self.timed else None


@dataclass(frozen=True, slots=True)
class Figures:
    """One period, by its first day. ``outcomes``: how many ended how, by the codes of ``Outcome``."""

    start: date
    received: int
    steps: Mapping[Step, StepFigures]
    outcomes: Mapping[str, int] = field(default_factory=dict)


def figures(
    session: Session, first: date, last: date, now: datetime, by: Literal["day", "month"] = "day"
) -> list[Figures]:
    """By day or month, of the orders received from ``first`` to ``last``, both included; oldest first."""
    period = func.date_trunc(by, func.timezone(CHINA.key, WarningOrder.received_at)).label("period")
    within = (WarningOrder.received_at >= _midnight(first), WarningOrder.received_at < _midnight(last + timedelta(1)))
    received = session.execute(select(period, func.count()).where(*within).group_by(period).order_by(period)).all()
    done = OrderStep.done_at
    kept = done <= OrderStep.due_at
    settled = OrderStep.due_at.is_not(None) & ((OrderStep.due_at <= now) | done.is_not(None))
    steps = session.execute(
        select(
            period,
            OrderStep.step,
            func.count(done),
            func.sum(settled.cast(Integer)),
            func.count().filter(kept),
        )
        .join(OrderStep, OrderStep.order_id == WarningOrder.id)
        .where(*within)
        .group_by(period, OrderStep.step)
    ).all()
    found = {(start, Step(step)): StepFigures(*counts) for start, step, *counts in steps}
    outcomes = session.execute(
        select(period, WarningOrder.outcome, func.count())
        .where(*within, WarningOrder.outcome != "")
        .group_by(period, WarningOrder.outcome)
    ).all()
    return [
        Figures(
            start.date(),
            count,
            {step: found[start, step] for step in Step},
            {outcome: many for at, outcome, many in outcomes if at == start},
        )
        for start, count in received
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
