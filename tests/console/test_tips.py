"""Tips in the console: found, held, handed over, corrected, linked, taken down."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from conversations.inbound import Kind
from conversations.models import AuditEntry, Staff
from linkage.subjects import Subject
from storage.clock import utc_now
from storage.engine import Database
from tests.console.conftest import Clock, Desk, signed_in
from tests.console.residents import Resident, add_staff, gives_tip
from tips import codes, registry, search, words
from tips.models import Tip, TipTransfer
from tips.registry import Draft

Listed = list[str]


@pytest.fixture
def chen(app: Flask, people: dict[str, Staff], database: Database) -> Desk:
    """A second officer."""
    with database.transaction() as session:
        add_staff(session, "chen", "陈警官", "officer")
    return signed_in(app, "chen")


def id_of(database: Database, login: str) -> uuid.UUID:
    with database.transaction() as session:
        return session.scalars(select(Staff.id).where(Staff.login == login)).one()


def told(database: Database, **more: object) -> Tip:
    """A tip nobody wrote to us; ``ago``: minutes since it was registered."""
    ago = more.pop("ago", 0)
    draft = Draft(**{"story": "有人骗钱", **more})  # type: ignore[arg-type]
    with database.transaction() as session:
        return registry.register(session, None, draft, utc_now() - timedelta(minutes=float(str(ago)))).tip


def listed(page: str) -> Listed:
    return re.findall(r"<strong>(XS\d+)</strong>", page)


def looked_for(desk: Desk, **fields: object) -> tuple[str, Listed]:
    """The address of a search and the numbers it finds."""
    address = desk.post("/tips/search", **fields).location
    return address, listed(desk.get(address).text)


def test_each_filter_finds_its_tips_and_no_others(officer: Desk, database: Database) -> None:
    phone = Subject("phone", "17000000031")
    one = told(database, kind="phone", village="样例东村", subjects=(phone,), place="东头桥边的小卖部", ago=3)
    two = told(database, kind="den", village="样例西村", subjects=(Subject("url", "bad.example"),), ago=2)
    three = told(database, kind="den", place="桥东边小卖部的头", ago=1)
    officer.post(f"/tips/{two.id}/state", state="checking", note="去看")
    me = id_of(database, "officer")
    yesterday = f"{utc_now() - timedelta(days=2):%Y-%m-%d}"
    for fields, found in (
        ({}, [three, two, one]),
        ({"state": "checking"}, [two]),
        ({"kind": "den"}, [three, two]),
        ({"village": "样例东村"}, [one]),
        ({"holder": me}, [two]),
        ({"holder": "nobody"}, [three, one]),
        ({"q": "170-0000-0031"}, [one]),
        ({"q": "https://www.bad.example/x"}, [two]),
        ({"q": two.number.lower()}, [two]),
        ({"q": "17000000032"}, []),
        ({"place": "桥边的小"}, [one]),
        ({"place": "小卖部"}, [three, one]),
        ({"since": yesterday}, [three, two, one]),
        ({"until": yesterday}, []),
        ({"kind": "den", "state": "registered"}, [three]),
    ):
        assert looked_for(officer, **fields)[1] == [tip.number for tip in found], fields


def test_what_was_looked_for_stands_in_no_address(officer: Desk, database: Database) -> None:
    told(database, subjects=(Subject("phone", "17000000031"),), place="小卖部")
    address, found = looked_for(officer, q="17000000031", place="小卖部")
    assert len(found) == 1
    assert "17000000031" not in address
    assert "%E5%B0%8F" not in address
    assert 'value="17000000031"' in officer.get(address).text
    assert listed(officer.get("/tips?q=nonsense&place=%00&below=x&holder=x").text) == found


@pytest.mark.parametrize(("fields", "said"), [({"place": "东"}, words.SHORT_PLACE), ({"since": "3月"}, words.BAD_DAY)])
def test_what_cannot_be_looked_for_is_said(
    officer: Desk, database: Database, fields: dict[str, str], said: str
) -> None:
    told(database)
    address, found = looked_for(officer, **fields)
    assert said in officer.get(address).text
    assert len(found) == 1


def test_page_after_page_shows_every_tip_once(
    officer: Desk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("den", "phone", "den", "den", "phone", "den", "den"):
        told(database, kind=kind)
    with database.transaction() as session:  # the same moment: the id decides
        session.execute(update(Tip).where(Tip.kind == "den").values(registered_at=utc_now()))
        wanted = session.scalars(select(Tip.number).where(Tip.kind == "den")).all()
    page = search.page
    monkeypatch.setattr(search, "page", lambda session, wanted, below: page(session, wanted, below, limit=2))
    address, seen = looked_for(officer, kind="den")
    while further := re.search(r'href="(/tips\?[^"]+)">更早的', officer.get(address).text):
        address = further.group(1).replace("&amp;", "&")
        seen += listed(officer.get(address).text)
    assert sorted(seen) == sorted(wanted)


def test_a_place_is_compared_not_only_its_digests(database: Database) -> None:
    told(database, place="小卖部东头")
    with database.transaction() as session:
        assert len(search.page(session, search.Wanted(place="卖部东")).tips) == 1
        assert search.page(session, search.Wanted(place="东卖部")).tips == []
        stored = session.scalars(select(Tip)).one()
        stored.place = "别处"  # a digest that fits another pair too
        session.flush()
        found = search.page(session, search.Wanted(place="小卖部"), limit=1)
    assert found.tips == []
    assert found.more is not None


def test_a_tip_goes_from_hand_to_hand(officer: Desk, chen: Desk, resident: Resident, database: Database) -> None:
    tip = gives_tip(database, resident.says("举报")).tip
    page = f"/tips/{tip.id}"
    assert f".{tip.registered_at.microsecond // 1000:03d} 登记" in officer.get(page).text, "who was first"
    assert officer.post(f"{page}/take").status_code == 303
    assert "您在办" in officer.get(page).text
    assert "王警官在办" in chen.get(page).text
    assert 'name="state" value="checking"' not in chen.get(page).text
    refused = chen.post(f"{page}/state", state="checking", note="我来", fetched=True)
    assert (refused.status_code, refused.get_json()["message"]) == (409, words.HELD_BY.format(name="王警官"))
    officer.post(f"{page}/offer", to=id_of(database, "chen"), note="他管这片")
    assert tip.number in chen.get("/tips").text.split("移交给您")[0]
    with database.transaction() as session:
        transfer = session.scalars(select(TipTransfer.id)).one()
    assert officer.post(f"{page}/answer/{transfer}", state="accepted", fetched=True).status_code == 409
    assert chen.post(f"{page}/answer/{transfer}", state="nonsense").status_code == 400
    assert chen.post(f"{page}/answer/{transfer}", state="accepted").status_code == 303
    assert "陈警官在办" in officer.get(page).text
    assert officer.post(f"{page}/take", note="", fetched=True).get_json()["message"] == words.GIVE_REASON
    assert officer.post(f"{page}/take", note="陈警官休假").status_code == 303
    assert "陈警官 → 王警官：陈警官休假" in officer.get(page).text
    chen.post(f"{page}/offer", unit="某派出所", note="归他们管", fetched=True)
    officer.post(f"{page}/offer", unit="某派出所", note="归他们管")
    with database.transaction() as session:
        pending = session.scalars(select(TipTransfer.id).where(TipTransfer.unit != "")).one()
    officer.post(f"{page}/answer/{pending}", state="accepted", note="值班员今天上午接收")
    assert "已移交某派出所" in officer.get(page).text
    with database.transaction() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == tip.id)).all()
    assert {"tip_take", "tip_offer", "tip_accepted"} <= set(actions)


def test_assigning(officer: Desk, chen: Desk, database: Database) -> None:
    tip = told(database)
    assert officer.post(f"/tips/{tip.id}/assign", to="", note="x", fetched=True).status_code == 409
    assert officer.post(f"/tips/{tip.id}/assign", to=id_of(database, "chen"), note="他管这片").status_code == 303
    assert "您在办" in chen.get(f"/tips/{tip.id}").text


def test_who_is_deactivated_holds_no_tip(admin: Desk, officer: Desk, database: Database) -> None:
    tip = told(database)
    officer.post(f"/tips/{tip.id}/take")
    admin.post(f"/staff/{id_of(database, 'officer')}/deactivate")
    with database.transaction() as session:
        assert session.get_one(Tip, tip.id).holder_id is None


def test_kind_and_village_are_corrected_by_choice(officer: Desk, chen: Desk, database: Database) -> None:
    tip = told(database, kind="phone", village="样例东村")
    page = f"/tips/{tip.id}"
    assert re.search(r"<option selected>样例东村</option>", officer.get(page).text)
    was = {"was.kind": "phone", "was.village": "样例东村"}
    assert officer.post(f"{page}/amend", kind="cards", village="虚构塘村", **was).status_code == 303
    assert "类型：诈骗电话 → 两卡买卖；村（社区）：样例东村 → 虚构塘村" in officer.get(page).text
    stale = chen.post(f"{page}/amend", kind="den", village="样例东村", fetched=True, **was)
    assert stale.status_code == 409
    assert "王警官刚改过" in stale.get_json()["message"]


def test_tips_are_linked_and_none_is_lost(officer: Desk, database: Database) -> None:
    first, second, third = (told(database, ago=ago) for ago in (3, 2, 1))
    path = f"/tips/{first.id}/links"
    assert officer.post(path, state="duplicate", number="XS1", note="x", fetched=True).status_code == 409
    assert officer.post(path, state="nonsense", number=second.number, note="x").status_code == 400
    officer.post(path, state="duplicate", number=second.number.lower(), note="同一个号码")
    officer.post(path, state="joint", number=third.number, note="一起来的")
    page = officer.get(f"/tips/{first.id}").text
    assert "后来的重复" in page
    assert "联名举报" in page
    assert first.number in officer.get(f"/tips/{second.id}").text
    assert len(listed(officer.get("/tips").text)) == 3
    officer.post(f"/tips/{second.id}/links", state="unduplicate", note="看错了")
    officer.post(f"/tips/{first.id}/links", state="leave", note="不是一起的")
    with database.transaction() as session:
        rows = session.execute(select(Tip.duplicate_of, Tip.joint_id)).all()
        assert [tuple(row) for row in rows] == [(None, None)] * 3


def test_a_tip_told_on_the_phone_by_three(officer: Desk, database: Database) -> None:
    assert "样例东村" in officer.get("/tips/new").text
    typed = {"story": "有人收银行卡", "named": "17000000041", "place": "东样村桥头", "reporters": "3"}
    page = officer.post("/tips/new", **typed).text
    numbers = re.findall(r"<strong>(XS\d+)</strong>", page)
    shown = re.findall(r'class="big">([^<]+)<', page)
    assert len(set(numbers)) == len(set(shown)) == 3
    with database.transaction() as session:
        tips = session.scalars(select(Tip).order_by(Tip.number)).all()
        assert {(tip.kind, tip.village, tip.contact_id) for tip in tips} == {("cards", "样例东村", None)}
        assert len({tip.joint_id for tip in tips} - {None}) == 1
        assert all(codes.verify(tip.code_hash, code) for tip, code in zip(tips, shown, strict=True))
        assert [event.staff_id for event in registry.history(session, tips[0].id)] == [id_of(database, "officer")]
    assert "奖励合为一份" in officer.get(f"/tips/{tips[0].id}").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"story": " ", "reporters": "1"}, words.NOTHING_TOLD),
        ({"story": "有人骗钱", "reporters": "10"}, "最多 9 人"),
        ({"story": "有人骗钱", "reporters": "x"}, "最多 9 人"),
    ],
    ids=["nothing", "ten", "no_number"],
)
def test_what_cannot_be_taken_down_stays_in_the_form(
    officer: Desk, database: Database, typed: dict[str, str], said: str
) -> None:
    answer = officer.post("/tips/new", **typed)
    assert answer.status_code == 409
    assert said in answer.text
    assert typed["story"].strip() in answer.text
    with database.transaction() as session:
        assert session.scalars(select(Tip)).all() == []


def test_who_opened_a_file_stands_beside_it(
    officer: Desk, chen: Desk, resident: Resident, database: Database, clock: Clock
) -> None:
    conversation = resident.says("举报")
    seen, unseen = (resident.sends(Kind.IMAGE, b"\x89PNG\r\n\x1a\n", "image/png") for _ in range(2))
    tip = gives_tip(database, conversation, evidence=(seen, unseen)).tip
    path = f"/tips/{tip.id}"
    assert "看过" not in officer.get(path).text
    for desk, ahead in ((officer, 0), (officer, 1), (chen, 20), (officer, 40)):
        clock.ahead = timedelta(minutes=ahead)  # who looks twice within ten minutes has looked once
        assert desk.get(f"/media/{seen}").status_code == 200
    looks = re.findall(r"看过：(.*?)</p>", officer.get(path).text)
    assert [re.findall(r"(?:^|；)(\w+) [\d月日 ]*\d\d:\d\d", one) for one in looks] == [["王警官", "陈警官", "王警官"]]
