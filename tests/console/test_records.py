"""Stop cards, tips, claims, and managing staff."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from console import claim_words, words
from conversations.inbound import Kind
from conversations.models import AuditEntry, Conversation, Staff
from handlers.words import general
from rewards.models import Act, ClaimState
from stops import cards
from stops.models import CardState, StopCard
from stops.words import FLAGS
from storage.engine import Database
from tests.console.conftest import Clock, Desk, signed_in
from tests.console.residents import LOSS, PASSWORD, Resident, add_staff, claims_reward, gives_tip, opens_card, waits
from tips import registry
from tips.models import TipState


def audited(database: Database, subject: uuid.UUID) -> list[str]:
    with database.transaction() as session:
        query = select(AuditEntry.action).where(AuditEntry.subject_id == subject).order_by(AuditEntry.at)
        return list(session.scalars(query))


def test_the_list_of_cards(officer: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("被骗了")
    later = opens_card(database, conversation)
    sooner = opens_card(database, conversation, LOSS, minutes=11)
    page = officer.get("/cards").text
    assert page.index(f"card-{sooner.id}") < page.index(f"card-{later.id}")
    assert "32,000 元" in page
    assert "170****0001" in page
    assert "****1234" in page
    for hidden in ("17000000001", "6222", "张三", "某某商贸"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("minutes", "mood", "said"),
    [
        (5, "calm", "还剩 24 分钟"),
        (22, "soon", "只剩 7 分钟"),
        (35, "over", "已超过 5 分钟"),
        (200, "over", "已超过 2 小时"),
    ],
)
def test_the_clock_of_a_card(
    officer: Desk, resident: Resident, database: Database, minutes: int, mood: str, said: str
) -> None:
    opens_card(database, resident.says("被骗了"), minutes=minutes)
    page = officer.get("/cards").text
    assert re.search(rf'class="clock {mood}"[^>]*>{said}<', page)


def test_one_card_with_everything(officer: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("被骗了")
    card = opens_card(database, conversation, LOSS)
    page = officer.get(f"/cards/{card.id}").text
    for shown in ("17000000001", "6222 0000 0000 1234", "某某商贸公司", "对公账户", "32,000 元", "张三", "实时到账"):
        assert shown in page
    assert FLAGS["account_check"] in page
    assert "虚假网络投资理财" in page
    needs = page[page.index("银行还需要") :]
    assert words.CARD_NEEDS["payee_bank"] in needs[:400]
    assert f"/conversations/{conversation}" in page
    assert audited(database, card.id) == ["view_card"]
    assert officer.get(f"/cards/{uuid.uuid4()}").status_code == 404


def test_a_card_moves_on_by_an_officers_word(
    app: Flask, officer: Desk, resident: Resident, database: Database, people: dict[str, Staff]
) -> None:
    card = opens_card(database, resident.says("被骗了"), LOSS)
    path = f"/cards/{card.id}/state"
    assert officer.post(path, state="succeeded", note="x", fetched=True).status_code == 409
    assert officer.post(path, state="accepted").status_code == 303
    assert officer.post(path, state="initiated", note="  ", fetched=True).get_json()["message"] == (
        "请填写办理时间、文号或原因。"
    )
    assert officer.post(path, state="initiated", note="14:05 某文号").status_code == 303
    assert officer.post(path, state="nonsense", fetched=True).status_code == 400
    page = officer.get(f"/cards/{card.id}").text
    assert "14:05 某文号" in page
    offered = set(re.findall(r'name="state" value="(\w+)"', page))
    assert offered == {state.value for state in cards.NEXT[CardState.INITIATED]}
    with database.transaction() as session:
        add_staff(session, "other", "陈警官", "officer")
    other = signed_in(app, "other")
    assert "王警官在办理" in other.get(f"/cards/{card.id}").text
    assert 'name="state"' not in other.get(f"/cards/{card.id}").text
    assert other.post(path, state="succeeded", note="x", fetched=True).status_code == 409


def test_every_state_has_words() -> None:
    assert set(words.CARD_STATES) == {state.value for state in CardState}
    assert {state for after in cards.NEXT.values() for state in after} <= set(words.CARD_STEPS)
    assert {state for after in registry.NEXT.values() for state in after} <= set(words.TIP_STEPS)
    assert set(claim_words.BUTTONS) == set(ClaimState)
    assert set(claim_words.ACTS) == set(Act)
    assert set(general.CLAIM_STATES) == {state.value for state in ClaimState}
    assert set(words.TIP_STATES) == {state.value for state in TipState}
    assert set(words.CLAIM_STATES) == {state.value for state in ClaimState}


def test_a_doubted_card_says_to_phone(officer: Desk, resident: Resident, database: Database) -> None:
    card = opens_card(database, resident.says("被骗了"), LOSS)
    with database.transaction() as session:
        cards.doubt(session, session.get_one(StopCard, card.id), card.reported_at)
    assert "请打电话核实" in officer.get(f"/cards/{card.id}").text
    assert "说是误会" in officer.get("/cards").text


def test_the_alarm_stays_until_somebody_takes_the_card(
    agent: Desk, officer: Desk, admin: Desk, resident: Resident, database: Database
) -> None:
    conversation = resident.says("被骗了")
    card = opens_card(database, conversation)
    waits(database, conversation, "urgent_loss")
    assert f'href="/cards/{card.id}"' in officer.get("/fragments/status").text
    for_agent = agent.get("/fragments/status").text
    assert f'href="/conversations/{conversation}"' in for_agent
    assert f'data-alerts="{card.id}"' in for_agent
    assert 'data-total="2"' in for_agent
    assert card.number not in admin.get("/fragments/status").text
    officer.post(f"/cards/{card.id}/state", state="accepted")
    assert f"alarm-{card.id}" not in officer.get("/fragments/status").text


def test_tips(officer: Desk, resident: Resident, database: Database) -> None:
    evidence = resident.sends(Kind.IMAGE, b"\x89PNG\r\n\x1a\n", "image/png")
    conversation = resident.says("举报")
    registered = gives_tip(database, conversation, evidence=(evidence,))
    gives_tip(database, Resident(resident.database, resident.settings, sender="oTest0000cd34").says("举报"))
    listed = officer.get("/tips").text
    assert "17000000002" not in listed
    assert "170****0002" in listed
    page = officer.get(f"/tips/{registered.tip.id}").text
    for shown in ("17000000002", "brush.example/join", "某某小区", "昨天下午", "刷单返利", "与另外 1 条线索相关"):
        assert shown in page
    assert f"/media/{evidence}" in page
    assert registered.code not in page
    assert audited(database, registered.tip.id) == ["view_tip"]
    path = f"/tips/{registered.tip.id}/state"
    assert officer.post(path, state="checking", note="", fetched=True).get_json()["message"] == "请填写原因。"
    assert officer.post(path, state="checking", note="分给二组").status_code == 303
    assert "分给二组" in officer.get(f"/tips/{registered.tip.id}").text


def test_one_number_in_several_records(officer: Desk, resident: Resident, database: Database) -> None:
    first = gives_tip(database, resident.says("举报")).tip
    other = Resident(resident.database, resident.settings, sender="oTest0000cd34")
    second = gives_tip(database, other.says("举报")).tip
    path = re.search(r"/linked/[0-9a-f]{64}", officer.get(f"/tips/{first.id}").text)
    assert path
    page = officer.get(path.group()).text
    for shown in ("17000000002", "2 人", first.number, second.number, "一起出现 2 次"):
        assert shown in page
    assert officer.post(f"{path.group()}/finding", state="fraud", note="", fetched=True).status_code == 409
    assert officer.post(f"{path.group()}/finding", state="fraud", note="回访两人，都被骗").status_code == 303
    for place in (path.group(), f"/tips/{second.id}"):
        assert "已核实与诈骗有关" in officer.get(place).text
    assert "王警官" in officer.get(path.group()).text
    assert officer.get("/linked/" + "0" * 64).status_code == officer.get("/linked/nonsense").status_code == 404


def test_claims(officer: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("领奖")
    tip = gives_tip(database, conversation).tip
    claim = claims_reward(database, conversation, tip)
    assert claim.number in officer.get("/claims").text
    page = officer.get(f"/claims/{claim.id}").text
    assert tip.number in page
    assert audited(database, claim.id) == ["view_claim"]


def test_finding_by_number(officer: Desk, resident: Resident, database: Database) -> None:
    conversation = resident.says("被骗了")
    card = opens_card(database, conversation)
    tip = gives_tip(database, conversation).tip
    claim = claims_reward(database, conversation, tip)
    assert officer.get(f"/find?number={card.number.lower()}").location == f"/cards/{card.id}"
    assert officer.get(f"/find?number= {tip.number}").location == f"/tips/{tip.id}"
    assert officer.get(f"/find?number={claim.number}").location == f"/claims/{claim.id}"
    missed = officer.get("/find?number=ZF1")
    assert "没有编号 ZF1" in officer.get(missed.location).text


def test_managing_staff(app: Flask, admin: Desk, database: Database) -> None:
    added = admin.post("/staff", login="newbie", name="小周", roles=["agent"])
    password = re.search(r'data-copy="([^"]+)"', added.text)
    assert password
    newbie = Desk(app)
    assert newbie.sign_in("newbie", password.group(1)).status_code == 303
    assert newbie.get("/inbox").status_code == 200
    with database.transaction() as session:
        staff_id = session.scalars(select(Staff.id).where(Staff.login == "newbie")).one()
    assert admin.post(f"/staff/{staff_id}/roles", roles=["officer"]).status_code == 303
    assert newbie.get("/cards").status_code == 200
    reset = admin.post(f"/staff/{staff_id}/password")
    renewed = re.search(r'data-copy="([^"]+)"', reset.text)
    assert renewed
    assert newbie.get("/cards").status_code == 302
    assert newbie.sign_in("newbie", renewed.group(1)).status_code == 303
    assert audited(database, staff_id) == ["staff_add", "staff_roles", "staff_password"]


def test_who_is_deactivated_is_out_and_their_conversations_wait(
    admin: Desk, agent: Desk, resident: Resident, people: dict[str, Staff], database: Database
) -> None:
    conversation = resident.says("转人工")
    agent.post(f"/conversations/{conversation}/take")
    agent_id = people["agent"].id
    assert admin.post(f"/staff/{agent_id}/deactivate").status_code == 303
    assert agent.get("/inbox").status_code == 302
    with database.transaction() as session:
        row = session.get_one(Conversation, conversation)
        assert (row.holder, row.staff_id, row.waiting_reason) == ("waiting", None, "staff_gone")
    assert agent.sign_in("agent", PASSWORD).status_code == 422
    admin.post(f"/staff/{agent_id}/activate")
    assert agent.sign_in("agent", PASSWORD).status_code == 303


def test_what_somebody_away_holds_can_wait_for_others(
    admin: Desk, agent: Desk, resident: Resident, people: dict[str, Staff], database: Database
) -> None:
    conversation = resident.says("转人工")
    agent.post(f"/conversations/{conversation}/take")
    agent_id = people["agent"].id
    assert admin.post(f"/staff/{agent_id}/release", fetched=True).get_json()["message"] == "1 个会话已放回等待列表。"
    with database.transaction() as session:
        row = session.get_one(Conversation, conversation)
        assert (row.holder, row.staff_id, row.waiting_reason) == ("waiting", None, "staff_away")
    assert words.REASONS["staff_away"] in agent.get("/inbox").text
    assert audited(database, agent_id) == ["staff_release"]
    assert agent.post(f"/staff/{agent_id}/release").status_code == 403


def test_somebody_can_always_manage_staff(admin: Desk, people: dict[str, Staff]) -> None:
    boss = people["admin"].id
    assert admin.post(f"/staff/{boss}/deactivate", fetched=True).get_json()["message"] == words.NOT_YOURSELF
    kept = admin.post(f"/staff/{boss}/roles", roles=["agent"], fetched=True)
    assert (kept.status_code, kept.get_json()["message"]) == (409, "至少要留一位能管理人员的管理员。")
    assert admin.get("/staff").status_code == 200


def test_an_expired_clock_shows_no_countdown(
    officer: Desk, resident: Resident, database: Database, clock: Clock
) -> None:
    card = opens_card(database, resident.says("被骗了"), LOSS)
    officer.post(f"/cards/{card.id}/state", state="accepted")
    officer.post(f"/cards/{card.id}/state", state="initiated", note="x")
    clock.ahead = timedelta(hours=1)
    page = officer.get(f"/cards/{card.id}").text
    assert 'class="clock over"' not in page
    assert "止付到期：" in page  # what counts from now on
