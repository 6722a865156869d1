"""Rosters and ladders as files: what is wrong is named with file, line and rule, and nothing wrong is loaded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from stops.duty import plans
from stops.duty.models import DutyPlan
from stops.duty.plan import Ladder, Roster
from stops.duty.reading import PlanError, read
from tests.stops.duty.conftest import ROSTER, Station

LADDER = plans.BUILT_IN.read_text(encoding="utf-8")


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(PlanError) as error:
        read(text, "mine.yml")
    assert all(problem.file == "mine.yml" for problem in error.value.problems)
    return [(problem.line, problem.rule, problem.text) for problem in error.value.problems]


def test_good_ones() -> None:
    assert isinstance(read(ROSTER, "r.yml"), Roster)
    assert isinstance(read(LADDER, "l.yml"), Ladder)


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "says"),
    [
        ('from: "20:00"', "from: 20点", 14, "夜班", "from: 时间要写成"),
        ('to: "20:00"', 'to: "24:30"', 10, "白班", "to: 时间要写成"),
        ("days: [workday, weekend, holiday]", "days: [weekday]", 8, "白班", "days: 只能是"),
        ("teams: [{people: [sun], leader: zhao}]", "teams: []", 16, "夜班", "teams: 至少写一个"),
        ("teams: [{people: [li, zhao, sun]}]", "teams: [{people: [li, li]}]", 11, "白班", "写了两次"),
        ("leaders: [wang]", "leader: [wang]", 4, "", "leader: 没有这一项"),
        ("effective_from: 2026-01-01", "effective_from: 2026-02-30", 3, "", "日期要写成"),
        ("leaders: [wang]", "leaders: [王所]", 4, "", "登录名"),
        ("substitutes: {li: sun}", "substitutes: {li: li}", 5, "", "自己"),
        ("name: 夜班", "name: 白班", 12, "白班", "“白班”写了两次"),
        ("leaders: [wang]", "leaders: [wang]\nleaders: [li]", 5, "", "写了两次"),
        ("leaders: [wang]", "leaders: &all [wang]\ndays: *all", 5, "", "引用"),
        ("leaders: [wang]", "leaders: [wang", 5, "", "读不懂"),
    ],
)
def test_mistakes_in_a_roster(old: str, new: str, line: int, rule: str, says: str) -> None:
    assert old in ROSTER
    found = problems(ROSTER.replace(old, new, 1))
    assert any((at, of) == (line, rule) and says in text for at, of, text in found), found


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("- {date: 2026-03-05, shift: 早班, people: [li]}", "不在 shifts 里"),
        (
            "- {date: 2026-03-05, shift: 白班, people: [li]}\n  - {date: 2026-03-05, shift: 白班, people: []}",
            "写了两次",
        ),
    ],
)
def test_mistakes_in_single_dates(entry: str, says: str) -> None:
    found = problems(f"{ROSTER}dates:\n  {entry}\n")
    assert any(says in text for _, _, text in found), found


@pytest.mark.parametrize(
    ("old", "new", "rule", "says"),
    [
        ("after: 60", "after: 1m", "已转出", "after: 要写整数"),
        ("after: 60", "after: 200", "已转出", "一步比一步大"),
        ("after: 0", "after: 5", "已转出", "第一步"),
        ("say: fallback", "say: everybody", "已转出", "fallback"),
        ("by: [console", "by: [fax", "已转出", "by: 只能是"),
        ("hours: [day, night]", "hours: [day]", "", "没有一条规则管已转出、工作日、夜间"),
        ("cards: [dissuade]", "cards: [loss, dissuade]", "正要转", "“已转出”、“正要转”都在管已转出、工作日、白天"),
    ],
)
def test_mistakes_in_a_ladder(old: str, new: str, rule: str, says: str) -> None:
    assert old in LADDER
    found = problems(LADDER.replace(old, new, 1))
    assert any(of == rule and says in text for _, of, text in found), found


@pytest.mark.parametrize("text", ["", "- a", "what: something", "a: [", "\x00", "? [x]\n: y", "what: [roster]"])
def test_what_is_no_plan_at_all(text: str) -> None:
    assert problems(text)


@given(st.text(max_size=200))
def test_whatever_stands_in_a_file_is_named_not_raised(text: str) -> None:
    with pytest.raises(PlanError):
        read(text, "x.yml")
    with pytest.raises(PlanError):
        read(f"what: roster\nname: {text}", "x.yml")


def test_too_long() -> None:
    assert problems(ROSTER + "#" * 70_000)


@pytest.mark.parametrize(("login", "says"), [("nobody", "没有登录名"), ("gone", "已停用"), ("desk", "没有民警角色")])
def test_who_cannot_be_on_duty_is_not_loaded(station: Station, login: str, says: str) -> None:
    with pytest.raises(PlanError, match=says) as error, station.database.transaction() as session:
        plans.load(session, ROSTER.replace("[sun]", f"[{login}]"), "r.yml", None, station.clock())
    assert [problem.line for problem in error.value.problems] == [16]
    with station.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(DutyPlan)) == 0
