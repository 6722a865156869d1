"""Making a month's report: its figures are kept as they were, with who made it and when."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.audit import record
from conversations.models import Staff
from monthly import figures, words
from monthly.models import MonthlyReport
from storage.clock import CHINA, china_date

REMIND = 15  # day of the month from which somebody is reminded of the report of the month before
DUE = 20  # before this day it has to be handed in


class MonthError(Exception):
    """What was tried is not possible; the text is for the screen of staff."""


def make(session: Session, month: date, staff: Staff | None, now: datetime) -> MonthlyReport:
    """Keep the figures of a month that is over. Raises :class:`MonthError`."""
    if figures.following(month) > china_date(now):
        raise MonthError(words.NOT_OVER)
    text = figures.to_json(figures.report(session, month, now))
    made = MonthlyReport(
        month=month,
        made_at=now,
        staff_id=staff.id if staff else None,
        figures=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    session.add(made)
    session.flush()
    record(session, staff, "month_make", now, "month", made.id, f"{month:%Y-%m}")
    return made


def made_for(session: Session, month: date) -> list[MonthlyReport]:
    """The reports made for a month, newest first."""
    query = select(MonthlyReport).where(MonthlyReport.month == month)
    return list(session.scalars(query.order_by(MonthlyReport.made_at.desc(), MonthlyReport.id.desc())))


def signature(session: Session, made: MonthlyReport) -> str:
    """Who made a report when, and the check on its figures, in words."""
    staff = session.get(Staff, made.staff_id) if made.staff_id else None
    return words.MADE.format(
        name=staff.name if staff else words.BY_COMMAND,
        at=f"{made.made_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        digest=made.digest[:16],
    )


def owed(session: Session, now: datetime) -> date | None:
    """The month whose report should be made by now; None where it is made, too early, or nobody worked then yet."""
    today = china_date(now)
    if today.day < REMIND:
        return None
    month = figures.month_before(now)
    began = session.scalar(select(Staff.created_at).order_by(Staff.created_at).limit(1))
    if began is None or china_date(began) >= figures.following(month):
        return None
    made = session.scalar(select(MonthlyReport.id).where(MonthlyReport.month == month).limit(1))
    return None if made else month


def late(now: datetime) -> bool:
    """Whether the day on which it is due has come."""
    return china_date(now).day >= DUE
