"""Days, workdays and months by China's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rewards.deadlines import due, last_day
from rewards.schemes.model import Deadline


def deadline(number: int, unit: str) -> Deadline:
    return Deadline.model_validate({"step": "claim", "number": number, "unit": unit, "after": "notified"})


@pytest.mark.parametrize(
    ("number", "unit", "start", "last"),
    [
        (1, "workday", date(2026, 3, 2), date(2026, 3, 3)),
        (5, "workday", date(2026, 3, 2), date(2026, 3, 9)),
        (1, "workday", date(2026, 3, 6), date(2026, 3, 9)),  # Friday to Monday
        (1, "workday", date(2026, 9, 30), date(2026, 10, 8)),  # the national holiday
        (1, "workday", date(2026, 2, 27), date(2026, 2, 28)),  # a Saturday that is worked
        (3, "workday", date(2035, 3, 1), date(2035, 3, 6)),  # no notice yet: weekdays
        (10, "day", date(2026, 3, 2), date(2026, 3, 12)),
        (5, "day", date(2026, 3, 2), date(2026, 3, 9)),  # ends on a Saturday, so on Monday
        (3, "day", date(2026, 9, 30), date(2026, 10, 8)),
        (1, "month", date(2026, 1, 30), date(2026, 2, 28)),  # no such day; that Saturday is worked
        (2, "month", date(2026, 12, 15), date(2027, 2, 15)),
        (1, "month", date(2026, 3, 2), date(2026, 4, 2)),
    ],
)
def test_the_last_day(number: int, unit: str, start: date, last: date) -> None:
    assert last_day(deadline(number, unit), start) == last


def test_the_day_is_chinas_and_ends_at_midnight() -> None:
    late = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # 2 March, 01:00 in China
    assert due(deadline(1, "workday"), late) == datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
