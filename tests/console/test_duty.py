"""The duty pages: who is on duty, changing it, one's own alerts, and what a card has reached."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from conversations.models import AuditEntry, Staff
from stops import cards
from stops.duty import reach
from stops.duty.models import DutyPhone, DutyPlan, Reach, StandIn
from storage.clock import CHINA, utc_now
from storage.engine import Database
from tests.console.conftest import Clock, Desk
from tests.stops.duty.conftest import look, make_card

ROSTER = """\
what: roster
name: 全天值班
effective_from: 2020-01-01
leaders: [officer]
shifts:
  - {name: 全天, days: [workday, weekend, holiday], from: "00:00", to: "24:00", teams: [{people: [officer]}]}
"""


@pytest.fixture
def card_id(database: Database, people: dict[str, Staff]) -> uuid.UUID:
    with database.transaction() as session:
        return make_card(session, utc_now()).id


def save(desk: Desk, text: str = ROSTER, what: str = "roster", **more: str) -> str:
    return desk.post(f"/duty/plans/{what}", text=text, **(more or {"save": "1"})).text


def test_nobody_on_duty_is_said_on_every_page(agent: Desk, officer: Desk, admin: Desk) -> None:
    for desk in (officer, admin):
        assert "还没有值班表" in desk.get("/account").text
    assert "还没有值班表" not in agent.get("/account").text
    save(officer)
    assert "nobody-on-duty" not in officer.get("/account").text
    today = f"{utc_now().astimezone(CHINA):%Y-%m-%d}"
    save(officer, ROSTER + f"dates: [{{date: {today}, shift: 全天, people: []}}]\n")
    assert "现在没有人值班" in officer.get("/account").text
    assert "现在没有人值班" in officer.get("/duty").text


def test_everybody_sees_the_plan_and_who_manages_cases_or_staff_changes_it(
    agent: Desk, officer: Desk, admin: Desk, database: Database
) -> None:
    save(officer)
    for desk in (agent, officer, admin):
        page = desk.get("/duty").text
        assert "王警官" in page
        assert "往后两周" in page
    assert "改值班表" not in agent.get("/duty").text
    assert "改值班表" in admin.get("/duty").text
    with database.transaction() as session:
        (row,) = session.scalars(select(DutyPlan))
        assert row.source == ROSTER
        assert "duty_plan" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROSTER.replace("people: [officer]", "people: [stranger]"), "值班表 第 6 行：没有登录名 stranger"),
        (ROSTER.replace('to: "24:00"', "to: 25"), "第 6 行（“全天”）：to: 时间要写成 08:00"),
        (ROSTER.replace("people: [officer]", "people: [agent]"), "没有民警角色"),
        ("what: ladder", "缺少这一项"),
    ],
)
def test_what_is_wrong_with_a_plan_is_named_and_nothing_is_kept(
    officer: Desk, database: Database, people: dict[str, Staff], text: str, says: str
) -> None:
    answer = officer.post("/duty/plans/roster", text=text, save="1")
    assert answer.status_code == 400
    assert says in answer.text
    assert text.splitlines()[0] in answer.text  # what was typed is still there
    with database.transaction() as session:
        assert session.scalars(select(DutyPlan)).all() == []


def test_only_checking_keeps_nothing(officer: Desk, database: Database) -> None:
    assert "没有问题" in save(officer, check="1")
    assert officer.post("/duty/plans/ladder", text=ROSTER, save="1").status_code == 400  # the other kind
    assert officer.get("/duty/plans/other").status_code == 404
    with database.transaction() as session:
        assert session.scalars(select(DutyPlan)).all() == []


def test_stand_ins(officer: Desk, people: dict[str, Staff], database: Database) -> None:
    now = utc_now().astimezone(CHINA)
    times = {"from": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}", "to": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    save(officer)
    assert officer.post("/duty/stand-ins", absent=people["officer"].id, by="", **times).status_code == 303
    assert "现在没有人值班" in officer.get("/duty").text
    for wrong in (
        {"absent": people["officer"].id, "by": people["officer"].id, **times},
        {"absent": people["officer"].id, "by": people["agent"].id, **times},
        {"absent": uuid.uuid4(), "by": "", **times},
        {"absent": people["officer"].id, "by": "", "from": times["to"], "to": times["from"]},
    ):
        assert officer.post("/duty/stand-ins", fetched=True, **wrong).status_code == 409
    with database.transaction() as session:
        (row,) = session.scalars(select(StandIn))
    officer.post(f"/duty/stand-ins/{row.id}/revoke")
    assert "现在没有人值班" not in officer.get("/duty").text


def test_phones_are_sealed_and_shown_by_their_end(officer: Desk, people: dict[str, Staff], database: Database) -> None:
    path = f"/duty/phones/{people['officer'].id}"
    assert officer.post(path, fetched=True, phone="123").status_code == 409
    officer.post(path, phone="17000000001")
    page = officer.get("/duty/people").text
    assert "170****0001" in page
    assert "17000000001" not in page + officer.get("/duty").text
    with database.transaction() as session:
        assert b"17000000001" not in (session.scalars(select(DutyPhone.phone_sealed)).one() or b"")
        assert "17000000001" not in str(session.scalars(select(AuditEntry.detail)).all())


def test_ones_own_alert_is_on_every_page_until_seen_or_needless(
    officer: Desk, second: Desk, card_id: uuid.UUID, people: dict[str, Staff], database: Database
) -> None:
    save(officer)
    look(database, utc_now())
    page = officer.get("/account").text
    assert "当班提醒：止付单 ZF" in page
    assert "当班提醒" not in second.get("/account").text
    found = re.search(r"/duty/alarms/([0-9a-f-]+)/seen", page)
    assert found
    second.post(f"/duty/alarms/{found[1]}/seen")
    assert "当班提醒" in officer.get("/account").text  # not by somebody else
    officer.post(f"/duty/alarms/{found[1]}/seen")
    assert "当班提醒" not in officer.get("/account").text
    look(database, utc_now() + timedelta(seconds=61))
    assert "轮到您了" in officer.get("/account").text
    with database.transaction() as session:
        cards.set_state(session, card_id, cards.CardState.ACCEPTED, people["officer"], utc_now())
    assert "轮到您了" not in officer.get("/account").text


@pytest.mark.parametrize(("more", "folded"), [(1, ""), (2, "还有 2 条给您的提醒"), (3, "还有 3 条给您的提醒")])
def test_more_than_two_alerts_are_folded(
    officer: Desk, card_id: uuid.UUID, database: Database, more: int, folded: str
) -> None:
    """A head of five alerts would push the card that has to be worked off the screen."""
    save(officer)
    with database.transaction() as session:
        for _ in range(more):
            make_card(session, utc_now())
    look(database, utc_now())
    page = officer.get("/account").text
    assert page.count("当班提醒：止付单 ZF") == more + 1
    head, _, unfolded = page.partition('<details class="alarms"')
    assert head.count("当班提醒：止付单 ZF") == (1 if folded else more + 1)
    assert folded in unfolded


def test_a_card_shows_whom_it_reached_and_in_the_end_how_to_hand_off(
    officer: Desk, card_id: uuid.UUID, people: dict[str, Staff], database: Database, clock: Clock
) -> None:
    look(database, utc_now())
    page = officer.get(f"/cards/{card_id}").text
    assert "当时没有人值班" in page
    assert "等待发出" in page
    assert "复制这段话" not in page
    with database.transaction() as session:
        for row in session.scalars(select(Reach).where(Reach.way == "wecom")).all():
            assert reach.claim(session, row.id, utc_now())
            reach.settle(session, row.id, "failed", "310000", "", utc_now())
    assert "没发成、签名、关键词或地址不符" in officer.get(f"/cards/{card_id}").text
    look(database, utc_now() + timedelta(minutes=11))
    page = officer.get(f"/cards/{card_id}").text
    assert "复制这段话" in page
    assert "请打 110。" in page
    with database.transaction() as session:
        cards.set_state(session, card_id, cards.CardState.ACCEPTED, people["officer"], utc_now())
    page = officer.get(f"/cards/{card_id}").text
    assert "复制这段话" not in page
    assert "提醒记录" in page
