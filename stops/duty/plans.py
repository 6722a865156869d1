"""Versions of rosters and ladders in the database, and which one is in force on a day."""

from __future__ import annotations

import logging
import uuid
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops.duty import words
from stops.duty.models import DutyPlan
from stops.duty.plan import Ladder, Roster
from stops.duty.reading import PlanError, Problem, line_of, read
from storage import live

BUILT_IN = Path(__file__).with_name("ladder.yml")
EXAMPLE = BUILT_IN.with_name("roster.example.yml")
log = logging.getLogger(__name__)


@lru_cache(maxsize=64)
def _parsed(source: str, name: str) -> Roster | Ladder:
    return read(source, name)


def built_in() -> Ladder:
    """The ladder in force until another is loaded."""
    ladder = _parsed(BUILT_IN.read_text(encoding="utf-8"), BUILT_IN.name)
    assert isinstance(ladder, Ladder)
    return ladder


def check(session: Session, text: str, file: str, what: str = "") -> Roster | Ladder:
    """A document that may be loaded. Raises :class:`PlanError`, also for people who cannot be on duty.

    ``what``: which of the two it has to be; empty: either.
    """
    plan = read(text, file)
    if what and plan.what != what:
        raise PlanError([Problem(file, 1, "", words.NOT_THIS)])
    if isinstance(plan, Roster):
        problems = [Problem(file, line_of(text, login), "", said) for login, said in _people(session, plan)]
        if problems:
            raise PlanError(sorted(problems, key=lambda problem: problem.line))
    return plan


def _people(session: Session, roster: Roster) -> list[tuple[str, str]]:
    known = {staff.login: staff for staff in session.scalars(select(Staff).where(Staff.login.in_(roster.logins())))}
    found = []
    for login in sorted(roster.logins()):
        staff = known.get(login)
        if staff is None:
            found.append((login, words.UNKNOWN_LOGIN))
        elif not staff.active:
            found.append((login, words.NOT_ACTIVE))
        elif "officer" not in staff.role_set:
            found.append((login, words.NOT_AN_OFFICER))
    return [(login, said.format(login=login)) for login, said in found]


def load(session: Session, text: str, file: str, staff_id: uuid.UUID | None, now: datetime) -> DutyPlan:
    """Check a document and keep it as the newest version. Raises :class:`PlanError`."""
    plan = check(session, text, file)
    row = DutyPlan(
        what=plan.what,
        name=plan.name,
        effective_from=plan.effective_from,
        loaded_at=now,
        staff_id=staff_id,
        source=text,
    )
    session.add(row)
    session.flush()
    live.touch(session, "duty", row.id)
    return row


def version_on(session: Session, what: str, day: date) -> DutyPlan | None:
    """The version in force on a day: the latest to come into force, of these the last loaded."""
    return session.scalar(
        select(DutyPlan)
        .where(DutyPlan.what == what, DutyPlan.effective_from <= day)
        .order_by(DutyPlan.effective_from.desc(), DutyPlan.loaded_at.desc(), DutyPlan.id.desc())
        .limit(1)
    )


def versions(session: Session, what: str) -> list[DutyPlan]:
    """All versions, the last loaded first."""
    return list(session.scalars(select(DutyPlan).where(DutyPlan.what == what).order_by(DutyPlan.loaded_at.desc())))


def roster_on(session: Session, day: date) -> Roster | None:
    """The roster in force on a day; None where there is none, or none that can be read any more."""
    row = version_on(session, "roster", day)
    plan = None if row is None else _usable(row)
    return plan if isinstance(plan, Roster) else None


def ladder_on(session: Session, day: date) -> tuple[uuid.UUID | None, Ladder]:
    """The ladder in force on a day and its version; without one, or with an unreadable one, the built-in."""
    row = version_on(session, "ladder", day)
    plan = None if row is None else _usable(row)
    if row is not None and isinstance(plan, Ladder):
        return row.id, plan
    return None, built_in()


def _usable(row: DutyPlan) -> Roster | Ladder | None:
    try:
        return _parsed(row.source, row.name)
    except PlanError:
        # It was checked when it was loaded: the rules of the program have changed since.
        log.error("a duty plan cannot be read any more", extra={"plan_id": str(row.id), "what": row.what})
        return None
