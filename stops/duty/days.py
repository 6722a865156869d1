"""Kinds of days: workday, weekend, holiday, by China's yearly holiday notice.

The package knows the years whose notice was published before its release; every year it lacks is refused by it.
For such a year the rule here is the weekday alone, unless the roster names the days itself (``days`` in its file);
``known`` says which it is, and ``python -m bot doctor`` warns.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum

import chinese_calendar

from storage.clock import CHINA
from storage.workdays import SATURDAY, in_notice


class DayKind(StrEnum):
    """``workday`` includes weekends that are worked in exchange; ``holiday`` the days off given in exchange."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class Hours(StrEnum):
    """The two halves of a day and night that a ladder may treat differently."""

    DAY = "day"
    NIGHT = "night"


def known(year: int, named: Mapping[date, DayKind]) -> bool:
    """Whether holidays of a year are known: by the package, or because the roster names days of that year."""
    return any(day.year == year for day in named) or in_notice(date(year, 1, 1))


def kind_of(day: date, named: Mapping[date, DayKind]) -> DayKind:
    """The kind of a day; ``named``: what the roster says itself, which comes first."""
    if day in named:
        return named[day]
    weekend = day.weekday() >= SATURDAY
    if not in_notice(day):
        return DayKind.WEEKEND if weekend else DayKind.WORKDAY
    if chinese_calendar.is_workday(day):
        return DayKind.WORKDAY
    # A weekend inside a holiday is listed by the package as part of it.
    named_holiday = day in chinese_calendar.holidays
    return DayKind.HOLIDAY if named_holiday or not weekend else DayKind.WEEKEND


def hours_of(moment: datetime, start: time, end: time) -> Hours:
    """Day from ``start`` to ``end`` (China's clock, may span midnight), else night."""
    clock = moment.astimezone(CHINA).time()
    inside = start <= clock < end if start < end else clock >= start or clock < end
    return Hours.DAY if inside else Hours.NIGHT
