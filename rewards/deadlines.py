"""When a step of a claim is due.

Counted as 民法典 articles 201 to 203 count: the day of the event is not counted; a month ends on the day of the same
number, or the month's last; a last day on which offices rest moves to the next workday; the day ends at 24:00.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from rewards.schemes.model import Deadline, Scheme
from storage.clock import CHINA, china_date
from storage.workdays import is_workday

DAY = timedelta(days=1)


def due_of(scheme: Scheme, step: str, moments: Mapping[str, datetime]) -> datetime | None:
    """When ``step`` is due, counted from the event the scheme names; None where it sets no time, or where nobody
    knows when that event was. ``moments``: when each event was.
    """
    found = next((it for it in scheme.deadlines if it.step == step), None)
    start = moments.get(found.after) if found else None
    return due(found, start) if found and start else None


def due(deadline: Deadline, at: datetime) -> datetime:
    """The end of the last day, China's clock."""
    return ends(last_day(deadline, china_date(at)))


def ends(day: date) -> datetime:
    """24:00 of a day in China."""
    return datetime.combine(day + DAY, time(), CHINA)


def ends_on(at: datetime) -> date:
    """The last day of a time that ends at ``at``."""
    return china_date(at - timedelta(microseconds=1))


def starts_of_day(day: date) -> datetime:
    """0:00 of a day in China."""
    return datetime.combine(day, time(), CHINA)


def last_day(deadline: Deadline, start: date) -> date:
    """The last day on which the step is in time."""
    if deadline.unit == "workday":
        return _workdays_on(start, deadline.number)
    last = start + deadline.number * DAY if deadline.unit == "day" else _months_on(start, deadline.number)
    while not is_workday(last):
        last += DAY
    return last


def _workdays_on(start: date, number: int) -> date:
    day = start
    while number:
        day += DAY
        number -= is_workday(day)
    return day


def _months_on(start: date, number: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + number, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
