"""Who is on duty: shifts, turns, midnight, single dates, versions, and whoever stands in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from conversations.models import Staff
from stops.duty import roster
from stops.duty.models import StandIn
from storage.clock import CHINA
from tests.stops.duty.conftest import ROSTER, START, Station


def at(text: str) -> datetime:
    """A moment by China's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(UTC)


def logins(people: list[Staff]) -> list[str]:
    return [staff.login for staff in people]


def on_duty(station: Station, moment: str) -> list[str]:
    with station.database.transaction() as session:
        return logins(roster.on_duty(session, at(moment)).people)


def leaders(station: Station, moment: str) -> list[str]:
    with station.database.transaction() as session:
        return logins(roster.on_duty(session, at(moment)).leaders)


@pytest.mark.parametrize(
    ("moment", "people"),
    [
        ("2026-03-02 07:59:59", ["sun"]),
        ("2026-03-02 08:00", ["li", "zhao", "sun"]),
        ("2026-03-02 19:59:59", ["li", "zhao", "sun"]),
        ("2026-03-02 20:00", ["sun"]),
        ("2026-03-03 00:00", ["sun"]),
        ("2025-12-31 12:00", []),  # not in force yet
        ("2026-01-01 03:00", []),  # the night shift of the day before was not in it either
    ],
)
def test_shifts_over_midnight(manned: Station, moment: str, people: list[str]) -> None:
    assert on_duty(manned, moment) == people


def test_the_leader_of_a_shift_goes_before_the_rosters(manned: Station) -> None:
    assert leaders(manned, "2026-03-02 12:00") == ["wang"]
    assert leaders(manned, "2026-03-02 21:00") == ["zhao"]


def test_without_a_roster_and_between_shifts_nobody_is_on_duty(station: Station) -> None:
    with station.database.transaction() as session:
        duty = roster.on_duty(session, START)
    assert (duty.has_roster, duty.people, duty.leaders) == (False, [], [])
    station.load(ROSTER.replace('to: "20:00"', 'to: "12:00"'))
    with station.database.transaction() as session:
        duty = roster.on_duty(session, at("2026-03-02 14:00"))
        gaps = roster.gaps(session, at("2026-03-02 10:00"), timedelta(days=2))
    assert (duty.has_roster, duty.people, logins(duty.leaders)) == (True, [], ["wang"])
    assert gaps == [(at("2026-03-02 12:00"), at("2026-03-02 20:00")), (at("2026-03-03 12:00"), at("2026-03-03 20:00"))]


def test_no_gap_where_shifts_meet(manned: Station) -> None:
    with manned.database.transaction() as session:
        assert roster.gaps(session, START, timedelta(days=7)) == []


TURNS = """\
what: roster
name: 轮班
effective_from: 2026-03-02
leaders: [wang]
shifts:
  - {name: 全天, days: [workday, weekend, holiday], from: "08:00", to: "08:00", turn: day,
     teams: [{people: [li]}, {people: [zhao]}, {people: [sun]}]}
"""


def test_teams_take_turns_by_day(station: Station) -> None:
    station.load(TURNS)
    days = [on_duty(station, f"2026-03-{day:02} 12:00") for day in range(2, 9)]
    assert days == [["li"], ["zhao"], ["sun"], ["li"], ["zhao"], ["sun"], ["li"]]
    assert on_duty(station, "2026-03-03 07:59") == ["li"]  # until the next comes


def test_teams_take_turns_by_week(station: Station) -> None:
    station.load(TURNS.replace("turn: day", "turn: week").replace("2026-03-02", "2026-03-04"))
    days = [on_duty(station, f"2026-03-{day:02} 12:00") for day in (4, 8, 9, 15, 16)]
    assert days == [["li"], ["li"], ["zhao"], ["zhao"], ["sun"]]


def test_kinds_of_days_and_single_dates(station: Station) -> None:
    station.load(
        ROSTER.replace("days: [workday, weekend, holiday]", "days: [workday]", 1)
        + "days: {2026-03-03: holiday}\n"
        + "dates:\n  - {date: 2026-03-07, shift: 白班, people: [zhao], leader: li}\n"
        + "  - {date: 2026-03-09, shift: 白班, people: []}\n"
    )
    assert on_duty(station, "2026-10-10 12:00") == ["li", "zhao", "sun"]  # a Saturday that is worked
    assert on_duty(station, "2026-10-06 12:00") == []  # a Tuesday off
    assert on_duty(station, "2026-03-03 12:00") == []  # off here
    assert on_duty(station, "2026-03-07 12:00") == ["zhao"]  # a Saturday, but named
    assert leaders(station, "2026-03-07 12:00") == ["li"]
    assert on_duty(station, "2026-03-09 12:00") == []  # a Monday, but named empty


def test_versions_come_into_force_on_their_day(manned: Station) -> None:
    manned.load(TURNS.replace("2026-03-02", "2026-03-05"))
    assert on_duty(manned, "2026-03-04 12:00") == ["li", "zhao", "sun"]
    assert on_duty(manned, "2026-03-05 03:00") == ["sun"]  # the old night shift ends as it began
    assert on_duty(manned, "2026-03-05 12:00") == ["li"]
    manned.clock.pass_(seconds=1)
    manned.load(TURNS.replace("2026-03-02", "2026-03-05").replace("[li]", "[sun]"))
    assert on_duty(manned, "2026-03-05 12:00") == ["sun"]  # loaded last


def away(station: Station, absent: str, by: str | None, start: str, end: str, **more: datetime) -> None:
    with station.database.transaction() as session:
        session.add(
            StandIn(
                absent_id=station.people[absent],
                by_id=station.people[by] if by else None,
                starts_at=at(start),
                ends_at=at(end),
                entered_at=START,
                **more,
            )
        )


def test_whoever_stands_in(manned: Station) -> None:
    away(manned, "zhao", "wang", "2026-03-02 12:00", "2026-03-02 16:00")
    away(manned, "sun", "li", "2026-03-02 12:00", "2026-03-02 16:00")
    away(manned, "li", "sun", "2026-03-02 12:00", "2026-03-02 16:00", revoked_at=START)
    assert on_duty(manned, "2026-03-02 11:59") == ["li", "zhao", "sun"]
    assert on_duty(manned, "2026-03-02 12:00") == ["li", "wang"]  # in their places, nobody twice
    assert on_duty(manned, "2026-03-02 16:00") == ["li", "zhao", "sun"]


def test_who_stands_in_may_be_away_as_well(manned: Station) -> None:
    away(manned, "li", "zhao", "2026-03-02 08:00", "2026-03-02 20:00")
    away(manned, "zhao", "wang", "2026-03-02 08:00", "2026-03-02 20:00")
    assert on_duty(manned, "2026-03-02 12:00") == ["wang", "sun"]
    away(manned, "wang", "li", "2026-03-02 08:00", "2026-03-02 20:00")  # a circle
    assert on_duty(manned, "2026-03-02 12:00") == ["sun"]


def test_away_without_anybody_the_roster_names_who(manned: Station) -> None:
    away(manned, "zhao", None, "2026-03-02 08:00", "2026-03-02 20:00")
    assert on_duty(manned, "2026-03-02 12:00") == ["li", "sun"]
    away(manned, "li", None, "2026-03-02 08:00", "2026-03-02 20:00")
    assert on_duty(manned, "2026-03-02 12:00") == ["sun"]
    with manned.database.transaction() as session:
        stands_in = roster.substitute_of(session, manned.people["li"], at("2026-03-09 12:00"))
        nobody = roster.substitute_of(session, manned.people["wang"], at("2026-03-09 12:00"))
    assert (stands_in.login if stands_in else None, nobody) == ("sun", None)


def test_somebody_deactivated_since_is_not_on_duty(manned: Station) -> None:
    with manned.database.transaction() as session:
        for login in ("zhao", "li"):
            session.get_one(Staff, manned.people[login]).active = False
    assert on_duty(manned, "2026-03-02 12:00") == ["sun"]


def test_the_calendar_day_is_chinas(manned: Station) -> None:
    assert roster.midnight(date(2026, 3, 2)) == datetime(2026, 3, 1, 16, tzinfo=UTC)
