"""Workdays by China's yearly holiday notice, as far as the package knows it; else by the weekday alone."""

from __future__ import annotations

from datetime import date

import chinese_calendar

SATURDAY = 5


def in_notice(day: date) -> bool:
    """Whether the holiday notice of that year was published before the package's release."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return False
    return True


def is_workday(day: date) -> bool:
    """Whether offices work; a weekend worked in exchange for a holiday is a workday."""
    if in_notice(day):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY
