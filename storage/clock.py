"""The clock on the wall in China. Everything else is timezone-aware UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def china_date(moment: datetime) -> date:
    """The calendar day in China at a moment."""
    return moment.astimezone(CHINA).date()
