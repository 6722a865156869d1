"""The clock on the wall in China. Everything else is timezone-aware UTC."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def china_date(moment: datetime) -> date:
    """The calendar day in China at a moment."""
    return moment.astimezone(CHINA).date()


class Stopwatch:
    """Tells a clock that was moved from time that went by. ``seconds``: the machine's own count, which nobody moves."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._last: tuple[datetime, float] | None = None

    def gained(self, moment: datetime) -> timedelta:
        """How much more time went by since the last call on a clock, which shows ``moment``; at first nothing."""
        counted = self._seconds()
        before, self._last = self._last, (moment, counted)
        return moment - before[0] - timedelta(seconds=counted - before[1]) if before else timedelta()
