"""Kinds of days, with the notice for 2026 as the yardstick, and what happens for a year without one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from stops.duty.days import DayKind, Hours, hours_of, kind_of, known


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-01-01", "holiday"),  # 元旦
        ("2026-01-02", "holiday"),  # given in exchange
        ("2026-01-04", "workday"),  # a Sunday, worked in exchange
        ("2026-02-14", "workday"),  # a Saturday before 春节
        ("2026-02-17", "holiday"),
        ("2026-02-21", "holiday"),  # a Saturday within 春节
        ("2026-03-02", "workday"),
        ("2026-03-07", "weekend"),
        ("2026-09-20", "workday"),  # a Sunday before 国庆
        ("2026-10-07", "holiday"),
        ("2026-10-10", "workday"),
    ],
)
def test_days_of_2026(day: str, kind: str) -> None:
    assert kind_of(date.fromisoformat(day), {}) == kind


def test_a_year_without_a_notice_goes_by_the_weekday_and_says_so() -> None:
    year = next(year for year in range(2026, 2100) if not known(year, {}))
    days = {kind_of(date(year, 1, day), {}) for day in range(1, 15)}
    assert days == {DayKind.WORKDAY, DayKind.WEEKEND}
    assert kind_of(date(year, 10, 1), {}) in days
    assert known(2026, {})


def test_a_roster_may_name_the_days_itself() -> None:
    year = next(year for year in range(2026, 2100) if not known(year, {}))
    named = {date(year, 10, 1): DayKind.HOLIDAY, date(2026, 10, 1): DayKind.WORKDAY}
    assert known(year, named)
    assert kind_of(date(year, 10, 1), named) == "holiday"
    assert kind_of(date(2026, 10, 1), named) == "workday"


@pytest.mark.parametrize(
    ("start", "end", "utc", "hours"),
    [
        (8, 22, 0, Hours.DAY),  # 08:00 in China
        (8, 22, 13, Hours.DAY),  # 21:00
        (8, 22, 14, Hours.NIGHT),  # 22:00
        (8, 22, 23, Hours.NIGHT),  # 07:00
        (22, 6, 16, Hours.DAY),  # a "day" over midnight
        (22, 6, 23, Hours.NIGHT),
    ],
)
def test_day_and_night(start: int, end: int, utc: int, hours: Hours) -> None:
    assert hours_of(datetime(2026, 3, 2, utc, tzinfo=UTC), time(start), time(end)) == hours
