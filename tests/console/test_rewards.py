"""A reward in the console: five people in five roles, and nobody in two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from console import claim_words
from console.services import KEY
from conversations.models import AuditEntry, Conversation, Staff
from rewards import claims, ledger, paying, tasks, words
from rewards.models import Account, Claim, ClaimTask, Proposal
from rewards.scheme import Schemes
from rewards.schemes.model import Reporters
from storage.clock import china_date, utc_now
from storage.engine import Database
from tests.console.conftest import Clock, Desk, signed_in
from tests.console.residents import Resident, add_staff, claims_reward, gives_tip
from tips import linking, registry
from tips.models import Tip
from tips.registry import Draft

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
        of_it = select(AuditEntry.action).where(AuditEntry.subject_id == claim.id)
        done = session.scalars(of_it.order_by(AuditEntry.at, AuditEntry.id))
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


def in_two_browsers(one: Callable[[], str], other: Callable[[], str]) -> list[str]:
    """What both are told who press at the same moment."""
    gate, told = Barrier(2), []

    def press(act: Callable[[], str]) -> None:
        gate.wait()
        told.append(act())

    threads = [Thread(target=press, args=(act,)) for act in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def test_in_two_browsers_at_once_one_approves_and_one_pays(
    app: Flask, hands: dict[str, Desk], claim: Claim, database: Database
) -> None:
    with database.transaction() as session:
        add_staff(session, "approver2", "李所长", "approver")
        seconds = [str(add_staff(session, f"cashier{n}", f"出纳{n}", "finance").id) for n in (1, 2)]
        add_staff(session, "finance2", "冯会计", "finance")
    path = f"/claims/{claim.id}"
    said(hands["finance"], "/ledger/budget", amount="500", reference="测试〔2026〕1号")
    hands["officer"].post(f"{path}/propose", do="propose", **ANSWERS)
    said(hands["verifier"], f"{path}/step", state="verify")
    chiefs = [hands["approver"], signed_in(app, "approver2")]
    both = [partial(said, chief, f"{path}/step", state="approve") for chief in chiefs]
    won, lost = in_two_browsers(*both)[::-1]
    assert sorted([won, lost])[0].startswith("已办理") and "已经办了“审批同意”" in sorted([won, lost])[1]
    said(hands["officer"], f"{path}/step", state="notify", note="电话")
    with database.transaction() as session:
        number = paying.collect(session, claims.lock(session, claim.id), utc_now())
    payers = [hands["finance"], signed_in(app, "finance2")]
    form = {"method": "cash", "collection": number}
    both = [
        partial(said, payer, f"{path}/pay", receipt=f"SJ-{n}", second=second, **form)
        for n, (payer, second) in enumerate(zip(payers, seconds, strict=True))
    ]
    told = in_two_browsers(*both)
    assert told[0] == "已登记发放。" and "不能再登记" in told[1]
    with database.transaction() as session:
        assert ledger.balances(session)[Account.PAID] == 33 and ledger.verify(session) == []


def test_what_is_to_be_done_by_hand_stands_there_until_somebody_says_how_it_went(
    hands: dict[str, Desk], claim: Claim, database: Database
) -> None:
    with database.transaction() as session:
        tasks.add(session, claims.lock(session, claim.id), tasks.CLAIM_DUE, utc_now())
        task_id = session.scalars(select(ClaimTask.id)).one()
    path = f"/claims/{claim.id}"
    assert "领取的期限快到了" in hands["officer"].get("/claims").text
    assert "领取的期限快到了" not in hands["finance"].get("/claims").text
    assert f"{path}/tasks/{task_id}" in hands["officer"].get(path).text
    assert f"{path}/tasks/{task_id}" not in hands["auditor"].get(path).text
    act = f"{path}/tasks/{task_id}"
    assert said(hands["officer"], act, outcome=" ") == words.SAY_OUTCOME
    assert said(hands["finance"], act, outcome="打了电话") == words.NO_TASK
    assert said(hands["officer"], act, outcome="打了电话") == "已记下。"
    assert said(hands["officer"], act, outcome="打了电话") == words.NO_TASK
    assert "领取的期限快到了" not in hands["officer"].get("/claims").text


def test_more_time_is_given_before_the_deadline_only(hands: dict[str, Desk], claim: Claim, clock: Clock) -> None:
    path = f"/claims/{claim.id}"
    said(hands["finance"], "/ledger/budget", amount="500", reference="测试〔2026〕1号")
    hands["officer"].post(f"{path}/propose", do="propose", **ANSWERS)
    said(hands["verifier"], f"{path}/step", state="verify")
    said(hands["approver"], f"{path}/step", state="approve")
    until = f"{china_date(clock()) + timedelta(days=90):%Y-%m-%d}"
    assert said(hands["approver"], f"{path}/extend", until=until, note="") == words.GIVE_REASON
    assert said(hands["approver"], f"{path}/extend", until="", note="路远") == claim_words.NOT_A_DAY
    assert said(hands["approver"], f"{path}/extend", until=until, note="路远") == claim_words.EXTENDED
    page = hands["auditor"].get(path).text
    assert f"通知举报人，最迟{until}" in page and f"延到{until} 路远" in page


def test_people_who_reported_together_share_one_reward(
    hands: dict[str, Desk], claim: Claim, resident: Resident, database: Database
) -> None:
    """33 yuan for three arrested: half of it each for two; who came later alone with the same clue gets none of it."""
    path = f"/claims/{claim.id}/propose"
    with database.transaction() as session:
        tip = session.get_one(Tip, claim.tip_id)
        conversation = session.get_one(Conversation, claim.conversation_id)
        draft = Draft(story="村口有人收银行卡")
        other, later = (registry.register(session, conversation, draft, utc_now()).tip for _ in range(2))
        officer = session.scalars(select(Staff).where(Staff.login == "officer")).one()
        linking.join(session, tip.id, other.id, officer, "一起来的", utc_now())
        linking.mark_duplicate(session, tip.id, later.id, officer, "同一个人", utc_now())
    said(hands["finance"], "/ledger/budget", amount="500", reference="测试〔2026〕1号")
    page = hands["officer"].post(path, do="work_out", **ANSWERS).text
    assert other.number in page and later.number in page
    assert hands["officer"].post(path, do="propose", **ANSWERS).status_code == 303
    with database.transaction() as session:
        proposal = session.scalars(select(Proposal)).one()
        assert (proposal.amount, proposal.least, proposal.most) == (Decimal("16.50"),) * 3


@pytest.mark.parametrize(
    ("weights", "own"), [(("1", "2"), Decimal("11.00")), (("1", "1"), Decimal("16.50")), (("0", "5"), None)]
)
def test_who_contributed_more_gets_more_where_the_scheme_says_so(
    weights: tuple[str, str],
    own: Decimal | None,
    app: Flask,
    hands: dict[str, Desk],
    claim: Claim,
    resident: Resident,
    database: Database,
) -> None:
    """33 yuan between the claim's tip and one that came later with the same clue; open until both are said."""
    here = app.extensions[KEY]
    scheme = here.schemes.in_force(china_date(utc_now()))
    shared = scheme.model_copy(update={"reporters": Reporters(same_clue="by_contribution")})
    app.extensions[KEY] = replace(here, schemes=Schemes([shared]))
    path = f"/claims/{claim.id}/propose"
    assert "各人的作用" not in hands["officer"].get(path).text
    with database.transaction() as session:
        tip = session.get_one(Tip, claim.tip_id)
        conversation = session.get_one(Conversation, claim.conversation_id)
        later = registry.register(session, conversation, Draft(story="村口有人收银行卡"), utc_now()).tip
        officer = session.scalars(select(Staff).where(Staff.login == "officer")).one()
        linking.mark_duplicate(session, tip.id, later.id, officer, "同一个人", utc_now())
    said(hands["finance"], "/ledger/budget", amount="500", reference="测试〔2026〕1号")
    assert "各人的作用" in hands["officer"].get(path).text
    unsaid = hands["officer"].post(path, do="propose", **ANSWERS)
    assert (unsaid.status_code, words.ASK_CONTRIBUTION in unsaid.text) == (409, True)
    fields = dict(zip((f"w.{tip.number}", f"w.{later.number}"), weights, strict=True))
    half = hands["officer"].post(path, do="propose", **ANSWERS, **fields | {f"w.{tip.number}": "0.5"})
    assert (half.status_code, claim_words.NOT_A_NUMBER.format(name=tip.number) in half.text) == (409, True)
    assert f'value="{weights[1]}"' in half.text, "what was typed stays"
    done = hands["officer"].post(path, do="propose", **ANSWERS, **fields)
    assert done.status_code == (303 if own else 409)
    with database.transaction() as session:
        found = session.scalars(select(Proposal)).one_or_none()
        assert (found and found.amount) == own
