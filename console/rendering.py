"""What every template may use."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask

from console import order_words, words
from console.pages import orders, status
from console.session import me_or_none
from console.web import now, transaction


def install(app: Flask) -> None:
    """Hook the helpers on the app."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        words=words,
        status=_status,
        order_alarm=_order_alarm,
        order_words=order_words,
        script_words=json.dumps(words.SCRIPT, ensure_ascii=False),
    )
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    staff = me_or_none()
    return {"me": staff, "cases": bool(staff and staff.role_set & status.CASES), "moment": now().isoformat()}


def _status() -> status.Status:
    """Asked for by the head of a page; an error page has none, for the database may be away."""
    staff = me_or_none()
    if staff is None:
        return status.Status()
    with transaction() as session:
        return status.load(session, staff, now())


def _order_alarm() -> orders.Alarm | None:
    """What presses among the warning orders, for those who work on them."""
    staff = me_or_none()
    if staff is None or "officer" not in staff.role_set:
        return None
    with transaction() as session:
        return orders.alarm(session, now())
