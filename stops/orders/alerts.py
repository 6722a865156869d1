"""Reminders of deadlines reach whoever is on duty, by the same ways as an unaccepted card, each with its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from stops.duty import reach, roster
from stops.duty.reach import About
from stops.orders import words
from stops.orders.models import OrderStep, WarningOrder
from storage.clock import CHINA

SUBJECT = "order"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A deadline that nears or has been missed. ``what``: nearing or missed."""

    order: WarningOrder
    step: OrderStep
    what: str


def alert(session: Session, reminders: Sequence[Reminder], now: datetime) -> None:
    """Tell whoever is on duty; of many that come at once one alert names the first and how many there are."""
    if not reminders:
        return
    duty = roster.on_duty(session, now)
    people = duty.people or list({staff.id: staff for staff in [*duty.leaders, *roster.officers(session)]}.values())
    by_kind = sorted(reminders, key=lambda one: (one.what, one.step.ordinal, one.step.due_at or now))
    for _, same in groupby(by_kind, key=lambda one: (one.what, one.step.ordinal)):
        first, *others = same
        text = ("" if duty.people else words.NOBODY) + _text(first, len(others) + 1)
        about = About("order", first.order.id, first.order.number)
        key = f"order:{first.order.id}:{first.step.step}:{first.what}"
        reach.send(session, [staff.id for staff in people], SUBJECT, text, about, now, key)


def _text(reminder: Reminder, count: int) -> str:
    """It carries no personal data."""
    due_at = reminder.step.due_at
    return words.ALERTS[reminder.what].format(
        number=reminder.order.number,
        more=words.AND_OTHERS.format(count=count) if count > 1 else "",
        step=words.STEPS[reminder.step.step],
        due=f"{due_at.astimezone(CHINA):%m-%d %H:%M}" if due_at else "",
    )
