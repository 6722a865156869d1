"""A reward in the console: five people in five roles, and nobody in two."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from conversations.models import AuditEntry, Staff
from rewards import claims, ledger, paying, words
from rewards.models import Claim
from storage.clock import china_date, utc_now
from storage.engine import Database
from tests.console.conftest import Desk, signed_in
from tests.console.residents import Resident, add_staff, claims_reward, gives_tip

ROLES = ("verifier", "approver", "finance", "auditor")
ANSWERS = {
    "r.cards": "yes",
    "n.cards": "3",
    **{f"c.{it}": "yes" for it in ("verified", "unknown_before", "dissuaded", "arrested")},
    **{f"e.{it}": "no" for it in ("on_duty_staff", "suspect", "already_known", "unreachable", "already_rewarded")},
}


@pytest.fixture
def hands(app: Flask, officer: Desk, database: Database) -> dict[str, Desk]:
    """One desk for each role, and somebody with all of them."""
    with database.transaction() as session:
        for role in ROLES:
            add_staff(session, role, f"某{role}", role)
        add_staff(session, "everything", "全能", "officer", *ROLES)
    return {"officer": officer, **{login: signed_in(app, login) for login in (*ROLES, "everything")}}


@pytest.fixture
def claim(resident: Resident, officer: Desk, database: Database) -> Claim:
    conversation = resident.says("领奖")
    tip = gives_tip(database, conversation).tip
    for state in ("checking", "confirmed"):
        officer.post(f"/tips/{tip.id}/state", state=state, note="查到了")
    return claims_reward(database, conversation, tip)


def said(desk: Desk, path: str, **fields: object) -> str:
    """What an action answers to our script."""
    return str(desk.post(path, fetched=True, **fields).get_json()["message"])


def test_from_the_form_to_the_archive(hands: dict[str, Desk], claim: Claim, database: Database) -> None:
    path = f"/claims/{claim.id}"
    assert said(hands["finance"], "/ledger/budget", amount="500", reference="测试〔2026〕1号") == "已登记经费。"
    form = hands["officer"].get(f"{path}/propose").text
    assert "举报买卖银行卡、电话卡（示例金额）" in form
    worked_out = hands["officer"].post(f"{path}/propose", do="work_out", **ANSWERS).text
    assert "每人11元×3人=33元" in worked_out
    assert hands["officer"].post(f"{path}/propose", do="propose", **ANSWERS).status_code == 303
    for role, act in (("verifier", "verify"), ("approver", "approve"), ("officer", "notify")):
        page = hands[role].get(path).text
        assert "每人11元×3人=33元" in page
        assert f'value="{act}"' in page
        assert said(hands[role], f"{path}/step", state=act, note="电话").startswith("已办理")
    with database.transaction() as session:
        number = paying.collect(session, claims.lock(session, claim.id), utc_now())
        second = session.scalars(select(Staff.id).where(Staff.login == "everything")).one()
    payee = {"name": "李小四", "account": "6222000011112223"}
    receipt = {"method": "transfer", "receipt": "SJ-7", "second": str(second), **payee}
    wrong = said(hands["finance"], f"{path}/pay", collection="1", **receipt)
    assert wrong == words.WRONG_COLLECTION
    assert said(hands["finance"], f"{path}/pay", collection=number, **receipt) == "已登记发放。"
    assert said(hands["finance"], f"{path}/pay", collection=number, **receipt).startswith("这条已经登记发放过")
    for role in ("officer", "verifier", "auditor"):
        page = hands[role].get(path).text
        assert "李**" in page and "李小四" not in page and "6222000011112223" not in page
        assert hands[role].get(f"{path}/payee").status_code == 403
    for role in ("approver", "finance"):
        assert "6222000011112223" not in hands[role].get(path).text
        whole = hands[role].get(f"{path}/payee").text
        assert "李小四" in whole and "6222000011112223" in whole
    with database.transaction() as session:
        looked = session.scalars(select(AuditEntry.staff_id).where(AuditEntry.action == "view_payee")).all()
        assert len(looked) == 2
    hands["officer"].post(f"{path}/step", state="archive")
    book = hands["auditor"].get("/ledger").text
    assert "已核对：账目完整，合计为零。" in book
    assert "467.00 元" in book and "SJ-7" in book
    assert "已归档" in hands["auditor"].get(path).text
    assert hands["auditor"].get("/ledger/month.xlsx?month=2026-03").data[:2] == b"PK"
    month = hands["auditor"].get(f"/ledger/month?month={china_date(utc_now()):%Y-%m}").text
    assert "1 张收据共 33.00 元，和账一致。" in month and "467.00" in month
    with database.transaction() as session:
        done = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == claim.id))
        noted = [action for action in done if not action.startswith("view_")]
        assert ledger.verify(session) == []
    assert noted == ["claim_propose", "claim_verify", "claim_approve", "claim_notify", "claim_pay", "claim_archive"]


def test_one_account_cannot_do_two_parts(hands: dict[str, Desk], claim: Claim) -> None:
    path, one = f"/claims/{claim.id}", hands["everything"]
    said(hands["finance"], "/ledger/budget", amount="500", reference="测试〔2026〕1号")
    assert one.post(f"{path}/propose", do="propose", **ANSWERS).status_code == 303
    assert 'value="verify"' not in one.get(path).text
    assert said(one, f"{path}/step", state="verify") == words.NOT_YOUR_PART
    said(hands["verifier"], f"{path}/step", state="verify")
    assert said(one, f"{path}/step", state="approve") == words.NOT_YOUR_PART


def test_what_is_missing_is_said_and_what_was_typed_stays(hands: dict[str, Desk], claim: Claim) -> None:
    path = f"/claims/{claim.id}/propose"
    unsure = hands["officer"].post(path, do="propose", **(ANSWERS | {"c.verified": "", "n.cards": "4"}))
    assert unsure.status_code == 409
    assert "还有没弄清的事" in unsure.text and 'value="4"' in unsure.text
    assert "“奖励经费”的余额不够。" in hands["officer"].post(path, do="propose", **ANSWERS).text
    assert "要填数目" in hands["officer"].post(path, do="work_out", **(ANSWERS | {"n.cards": "三"})).text


def test_the_auditor_changes_nothing(hands: dict[str, Desk], claim: Claim) -> None:
    page = hands["auditor"].get(f"/claims/{claim.id}").text
    assert "现在没有要您办的" in page
    assert '<form method="post" action="/claims' not in page
    assert hands["auditor"].post(f"/claims/{claim.id}/step", state="refuse", note="x").status_code == 403


def test_an_officer_opens_the_claim_of_a_tip(officer: Desk, resident: Resident, database: Database) -> None:
    tip = gives_tip(database, resident.says("举报")).tip
    assert f"/tips/{tip.id}/claim" in officer.get(f"/tips/{tip.id}").text
    assert officer.post(f"/tips/{tip.id}/claim").status_code == 303
    with database.transaction() as session:
        assert session.scalars(select(Claim)).one().conversation_id == tip.conversation_id
    assert "领奖申请" in officer.get(f"/tips/{tip.id}").text
