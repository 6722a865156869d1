"""Who is on duty, the days to come, who stands in, and the rules in force."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from console import duty_words as words
from console import masking, moments
from console.pages.history import people
from console.pages.ladder import after
from conversations import accounts
from stops.duty import days, desk, plans, roster
from stops.duty.models import DutyPlan
from stops.duty.plan import Roster, Rule
from storage.clock import CHINA, china_date

AHEAD = 14  # days shown


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of one day."""

    name: str
    span: str
    people: str
    leader: str
    now: bool


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the plan."""

    title: str
    kind: str
    off: bool
    today: bool
    shifts: list[Shift]


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody is away."""

    id: uuid.UUID
    absent: str
    by: str
    span: str


@dataclass(frozen=True, slots=True)
class Person:
    """An officer and whether alerts can reach them by SMS."""

    id: uuid.UUID
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class View:
    """The duty page. ``state``: on, nobody or none (no roster)."""

    state: str
    kind: str
    people: list[str]
    leaders: list[str]
    shifts: str
    until: str
    days: list[Day]
    gaps: list[str]
    unknown_years: list[str]
    stand_ins: list[StandIn]
    officers: list[Person]
    rules: list[tuple[str, list[tuple[str, str, str]]]]
    roster_name: str
    ladder_name: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a roster or ladder."""

    name: str
    effective_from: str
    loaded: str
    by: str
    in_force: bool


def load(session: Session, now: datetime) -> View:
    """Everything on the duty page."""
    today = china_date(now)
    duty = roster.on_duty(session, now)
    names = {staff.login: staff.name for staff in accounts.everybody(session)}
    in_force = plans.version_on(session, "roster", today)
    _, ladder = plans.ladder_on(session, today)
    phones = desk.phones(session)
    return View(
        state="on" if duty.people else "nobody" if duty.has_roster else "none",
        kind=words.DAYS[duty.kind],
        people=[staff.name for staff in duty.people],
        leaders=[staff.name for staff in duty.leaders],
        shifts="、".join(duty.shifts),
        until=moments.clock(duty.until, now),
        days=[_day(session, today + timedelta(days=offset), now, names) for offset in range(AHEAD)]
        if duty.has_roster
        else [],
        gaps=_gaps(session, now) if duty.has_roster else [],
        unknown_years=unknown_years(plans.roster_on(session, today), today),
        stand_ins=_stand_ins(session, now),
        officers=[
            Person(staff.id, staff.name, masking.phone(phones.get(staff.id, ""))) for staff in roster.officers(session)
        ],
        rules=[(rule.name, _steps(rule)) for rule in ladder.rules],
        roster_name=in_force.name if in_force else "",
        ladder_name=ladder.name,
    )


def unknown_years(plan: Roster | None, today: date) -> list[str]:
    """What to say of years that begin within a month and whose holidays nobody knows."""
    named = plan.days if plan else {}
    years = sorted({today.year, (today + timedelta(days=31)).year})
    return [words.UNKNOWN_YEAR.format(year=year) for year in years if not days.known(year, named)]


def _day(session: Session, day: date, now: datetime, names: dict[str, str]) -> Day:
    plan = plans.roster_on(session, day)
    kind = days.kind_of(day, plan.days if plan else {})
    shifts = [
        Shift(
            name=watch.shift,
            span=_span(watch.starts, watch.ends),
            people="、".join(names.get(login, login) for login in watch.people) or words.NOBODY[2:],
            leader=names.get(watch.leader, watch.leader) if watch.leader else "",
            now=watch.starts <= now < watch.ends,
        )
        for watch in roster.watches(plan, day)
    ]
    title = words.DAY.format(month=day.month, day=day.day, weekday=words.WEEKDAYS[day.weekday()])
    return Day(title, words.DAYS[kind], kind != days.DayKind.WORKDAY, day == china_date(now), shifts)


def _span(start: datetime, end: datetime) -> str:
    if end - start == timedelta(days=1):
        return words.ALL_DAY
    later = words.NEXT_DAY if end.astimezone(CHINA).date() > start.astimezone(CHINA).date() else ""
    return words.SPAN.format(start=f"{start.astimezone(CHINA):%H:%M}", end=f"{later}{end.astimezone(CHINA):%H:%M}")


def _gaps(session: Session, now: datetime) -> list[str]:
    found = roster.gaps(session, now, timedelta(days=AHEAD))
    return [words.GAP.format(start=_moment(start), end=_moment(end)) for start, end in found[:10]]


def _moment(moment: datetime) -> str:
    local = moment.astimezone(CHINA)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _stand_ins(session: Session, now: datetime) -> list[StandIn]:
    rows = desk.stand_ins(session, now)
    names = people(session, [staff_id for row in rows for staff_id in (row.absent_id, row.by_id)])
    return [
        StandIn(
            row.id,
            names.get(row.absent_id, ""),
            names.get(row.by_id, "") if row.by_id else words.NO_STAND_IN,
            words.GAP.format(start=_moment(row.starts_at), end=_moment(row.ends_at)),
        )
        for row in rows
    ]


def _steps(rule: Rule) -> list[tuple[str, str, str]]:
    return [
        (
            after(timedelta(seconds=step.after)),
            f"{words.SAYS[step.say]}：{'、'.join(words.WHO[who] for who in step.who)}",
            "、".join(words.WAYS[way] for way in step.by),
        )
        for step in rule.steps
    ]


def versions(session: Session, what: str, now: datetime) -> list[Version]:
    """All versions of a document, the last loaded first."""
    rows = plans.versions(session, what)
    current = plans.version_on(session, what, china_date(now))
    names = people(session, [row.staff_id for row in rows])
    return [_version(row, names, now, in_force=current is not None and row.id == current.id) for row in rows]


def _version(row: DutyPlan, names: dict[uuid.UUID, str], now: datetime, *, in_force: bool) -> Version:
    by = names.get(row.staff_id, "") if row.staff_id else words.BY_COMMAND
    return Version(row.name, row.effective_from.isoformat(), moments.clock(row.loaded_at, now), by, in_force)


def source(session: Session, what: str) -> str:
    """The text to begin with when somebody changes a document."""
    rows = plans.versions(session, what)
    if rows:
        return rows[0].source
    return (plans.BUILT_IN if what == "ladder" else plans.EXAMPLE).read_text(encoding="utf-8")
