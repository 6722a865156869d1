"""Moments and lengths of time in the words of the console. Clock times are China's."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.clock import CHINA


def clock(moment: datetime | None, now: datetime) -> str:
    """``14:05`` today, ``3月2日 14:05`` this year, with the year before that."""
    if moment is None:
        return ""
    local, today = moment.astimezone(CHINA), now.astimezone(CHINA)
    time = f"{local:%H:%M}"
    if local.date() == today.date():
        return time
    day = f"{local.month}月{local.day}日"
    return f"{day} {time}" if local.year == today.year else f"{local.year}年{day} {time}"


def full(moment: datetime | None) -> str:
    """Day and time to the second, for records."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" if moment else ""


def to_the_millisecond(moment: datetime) -> str:
    """Day and time as far as it decides who was first."""
    return f"{full(moment)}.{moment.microsecond // 1000:03d}"


def length(span: timedelta) -> str:
    """``不到 1 分钟``, ``12 分钟``, ``3 小时``, ``2 天``: rounded down."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时"
    return f"{minutes // (24 * 60)} 天"
