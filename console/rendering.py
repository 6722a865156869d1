"""What every template may use."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask

from console import duty_words, order_words, words
from console.claim_words import READERS
from console.errors import AWAY
from console.pages import alarms, month, orders, status
from console.services import services
from console.session import me_or_none
from console.web import now, transaction
from conversations.models import Staff
from tips import words as tip_words


def install(app: Flask) -> None:
    """Hook the helpers on the app."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        alarms=_alarms,
        duty_words=duty_words,
        month_reminder=_month_reminder,
        order_alarm=_order_alarm,
        order_words=order_words,
        script_words=json.dumps(words.SCRIPT, ensure_ascii=False),
        status=_status,
        tip_words=tip_words,
        words=words,
    )
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    staff = _who()
    settings = services().settings
    return {
        "me": staff,
        "rewards": bool(staff and staff.role_set & READERS),
        "cases": bool(staff and staff.role_set & status.CASES),
        "moment": now().isoformat(),
        "hotline_name": settings.hotline_name,
        "fallback_contact": settings.fallback_contact,
    }


def _who() -> Staff | None:
    """Nobody while the database is away: the page that says so must not fail for want of a name."""
    try:
        return me_or_none()
    except AWAY:
        return None


def _status() -> status.Status:
    """Asked for by the head of a page; an error page has none, for the database may be away."""
    staff = me_or_none()
    if staff is None:
        return status.Status()
    with transaction() as session:
        return status.load(session, staff, now())


def _alarms() -> alarms.Alarms:
    """As the status: for the head of a page."""
    staff = me_or_none()
    if staff is None:
        return alarms.Alarms()
    with transaction() as session:
        return alarms.load(session, staff, now())


def _month_reminder() -> str:
    """For those who make the monthly report."""
    staff = me_or_none()
    if staff is None or "officer" not in staff.role_set:
        return ""
    with transaction() as session:
        return month.reminder(session, now())


def _order_alarm() -> orders.Alarm | None:
    """What presses among the warning orders, for those who work on them."""
    staff = me_or_none()
    if staff is None or "officer" not in staff.role_set:
        return None
    with transaction() as session:
        return orders.alarm(session, now())
