"""Who is on duty: by the roster in force on the day a shift begins, with whoever stands in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops.duty import days, plans
from stops.duty.days import DayKind
from stops.duty.models import StandIn
from stops.duty.plan import Roster
from storage.clock import CHINA, china_date

MOST_STAND_INS = 10  # in a row: somebody who stands in may be away as well


@dataclass(frozen=True, slots=True)
class Watch:
    """One shift of one day: who works it, as logins in order."""

    shift: str
    starts: datetime
    ends: datetime
    people: tuple[str, ...]
    leader: str | None


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty at a moment. ``people`` in the order in which they are reached; empty: nobody is on duty.

    ``until``: when the first of the present shifts ends.
    """

    kind: DayKind
    has_roster: bool
    people: list[Staff]
    leaders: list[Staff]
    shifts: list[str] = field(default_factory=list)
    until: datetime | None = None


def watches(roster: Roster | None, day: date) -> list[Watch]:
    """The shifts that begin on a day, in the roster's order."""
    if roster is None:
        return []
    kind = days.kind_of(day, roster.days)
    special = {entry.shift: entry for entry in roster.dates if entry.date == day}
    found = []
    for shift in roster.shifts:
        if shift.name not in special and kind not in shift.days:
            continue
        work = special.get(shift.name) or shift.team(day, roster.effective_from)
        start, end = shift.span(day)
        found.append(Watch(shift.name, start, end, work.people, work.leader))
    return found


def on_duty(session: Session, now: datetime) -> Duty:
    """Who is on duty now."""
    today = china_date(now)
    roster = plans.roster_on(session, today)
    yesterday = today - timedelta(days=1)
    running = [
        watch
        for watch in [*watches(plans.roster_on(session, yesterday), yesterday), *watches(roster, today)]
        if watch.starts <= now < watch.ends
    ]
    resolve = _Resolver(session, roster, now)
    people = resolve([login for watch in running for login in watch.people])
    named = [watch.leader for watch in running if watch.leader]
    leaders = resolve(named) or resolve(roster.leaders if roster else ())
    return Duty(
        kind=days.kind_of(today, roster.days if roster else {}),
        has_roster=roster is not None,
        people=people,
        leaders=leaders,
        shifts=[watch.shift for watch in running],
        until=min((watch.ends for watch in running), default=None),
    )


def substitute_of(session: Session, staff_id: uuid.UUID, now: datetime) -> Staff | None:
    """Who stands in for somebody: entered for this time, else by the roster's rule; None where nobody does."""
    staff = session.get(Staff, staff_id)
    if staff is None:
        return None
    return _Resolver(session, plans.roster_on(session, china_date(now)), now).instead_of(staff)


def officers(session: Session) -> list[Staff]:
    """Everybody who may take up a card, by name."""
    active = session.scalars(select(Staff).where(Staff.active.is_(True)).order_by(Staff.name, Staff.login))
    return [staff for staff in active if "officer" in staff.role_set]


def gaps(session: Session, now: datetime, span: timedelta) -> list[tuple[datetime, datetime]]:
    """The times from now on at which the roster has nobody; stand-ins are not looked at."""
    first, end = china_date(now) - timedelta(days=1), now + span
    found, reached = [], now
    covered = sorted(
        (watch.starts, watch.ends)
        for offset in range(span.days + 3)
        for watch in watches(plans.roster_on(session, first + timedelta(days=offset)), first + timedelta(days=offset))
        if watch.people
    )
    for start, stop in [*covered, (end, end)]:
        if reached < min(start, end):
            found.append((reached, min(start, end)))
        reached = max(reached, stop)
    return found


def midnight(day: date) -> datetime:
    """When a day begins in China."""
    return datetime.combine(day, time(), CHINA)


class _Resolver:
    """Turns logins into people: whoever is away or deactivated is replaced, nobody comes twice."""

    def __init__(self, session: Session, roster: Roster | None, now: datetime) -> None:
        self._substitutes: Mapping[str, str] = roster.substitutes if roster else {}
        everybody = list(session.scalars(select(Staff)))
        self._by_login = {staff.login: staff for staff in everybody}
        self._by_id = {staff.id: staff for staff in everybody}
        entered = session.scalars(
            select(StandIn)
            .where(StandIn.starts_at <= now, StandIn.ends_at > now, StandIn.revoked_at.is_(None))
            .order_by(StandIn.entered_at)
        )
        self._away = {row.absent_id: row for row in entered}

    def __call__(self, logins: list[str] | tuple[str, ...]) -> list[Staff]:
        found: dict[uuid.UUID, Staff] = {}
        for login in logins:
            staff = self._by_login.get(login)
            present = None if staff is None else self._present(staff)
            if present is not None:
                found.setdefault(present.id, present)
        return list(found.values())

    def _present(self, staff: Staff) -> Staff | None:
        asked: Staff | None = staff
        for _ in range(MOST_STAND_INS):
            if asked is None or (asked.active and asked.id not in self._away):
                return asked
            asked = self.instead_of(asked)
        return None

    def instead_of(self, staff: Staff) -> Staff | None:
        """The next one to ask, who may be away as well."""
        entered = self._away.get(staff.id)
        if entered is not None and entered.by_id is not None:
            return self._by_id.get(entered.by_id)
        return self._by_login.get(self._substitutes.get(staff.login, ""))
