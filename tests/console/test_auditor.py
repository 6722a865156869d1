"""The auditor reads everything masked and changes nothing; who manages staff sees no case."""

from __future__ import annotations

import io
import re
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select, text

from console import audit_words
from console.pages import audit as log_pages
from conversations import audit
from conversations.inbound import Kind
from conversations.models import AuditEntry, Conversation, Staff
from linkage import clusters, verdicts
from linkage.models import Finding, Source
from linkage.subjects import Subject
from rewards import claims, ledger
from rewards.models import Claim, Payment
from stops import cards
from stops.acts import Act
from stops.models import CardState
from stops.orders import work
from stops.orders.models import OrderStep, Outcome, Step, WarningOrder, Way
from stops.orders.work import Attempt
from storage.clock import utc_now
from storage.engine import Database
from tests.console.conftest import Clock, Desk, signed_in
from tests.console.residents import LOSS, Resident, add_staff, bot_says, fills_form, opens_card
from tests.rewards import hands as reward_hands
from tests.rewards.hands import Hands
from tips import registry
from tips.models import TipState
from tips.registry import Draft

# Everything that tells who somebody is in the records below. None of it may reach an auditor's or admin's screen.
ADDRESS = "槐树巷8号"
VICTIM, PAYEE, PAID, PHONE, CARD = "欧阳小花", "赵六顺", "钱多多", "17000000011", "6222000000009876"
WECHAT, ORDER, PAYER, TOLD = "zhao_liushun88", "2026112200001234", "6217000000004321", "17000000012"
SECRETS = (VICTIM, PAYEE, PAID, PHONE, CARD, WECHAT, ORDER, PAYER, TOLD, "oTest0000ab12", "赵六", "小花", "槐树巷")


@dataclass(frozen=True, slots=True)
class Case:
    conversation: uuid.UUID
    card: uuid.UUID
    tip: uuid.UUID
    claim: uuid.UUID
    order: uuid.UUID


@pytest.fixture
def auditor(app: Flask, database: Database) -> Desk:
    with database.transaction() as session:
        add_staff(session, "auditor", "审计甲", "auditor")
    return signed_in(app, "auditor")


@pytest.fixture
def case(resident: Resident, people: dict[str, Staff], database: Database, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A loss, a tip and a paid reward, full of names and numbers wherever people may write them."""
    said = f"我叫{VICTIM}，被{PAYEE}骗了，他的微信{WECHAT}，卡号{CARD}，打我电话{PHONE}"
    conversation = resident.says(said)
    resident.sends(Kind.IMAGE, b"\x89PNG\r\n\x1a\n", "image/png")
    bot_says(database, conversation, f"请核对：收款人{PAYEE}，账号{CARD}，您的电话{PHONE}。")
    payment = replace(LOSS.transfers[0], payee_name=PAYEE, payee_account=CARD, payer_account=PAYER, order_number=ORDER)
    loss = replace(LOSS, victim_name=VICTIM, callback_phone=PHONE, story=said, transfers=(payment,))
    card = opens_card(database, conversation, loss)
    fills_form(
        database, conversation, {"victim_name": VICTIM, "payee_name": PAYEE, "story": said, "payee_account": CARD}
    )
    officer, now = people["officer"], utc_now()
    with database.transaction() as session:
        cards.set_state(session, card.id, CardState.ACCEPTED, officer, now)
        cards.set_state(
            session, card.id, CardState.INITIATED, officer, now, act=Act(f"已电话核实{VICTIM} {PHONE}", "止付2026第1号")
        )
        draft = Draft(
            story=said,
            subjects=(Subject("phone", TOLD), Subject("wechat", WECHAT), Subject("bank_card", CARD)),
            place=f"{VICTIM}家楼下",
            happened="昨天下午",
        )
        tip = registry.register(session, session.get_one(Conversation, conversation), draft, now).tip
        again = Draft(story=said, subjects=(Subject("phone", TOLD),), place=f"{VICTIM}家楼下")
        registry.register(session, session.get_one(Conversation, conversation), again, now)
        index = clusters.of_records(session, Source.TIP, [tip.id])[tip.id][0].value_index
        verdicts.judge(session, index, Finding.FRAUD, officer, now, f"{PAYEE}用{TOLD}行骗")
        registry.set_state(session, tip.id, TipState.CHECKING, officer, now, f"找{PAYEE}（{TOLD}）核实")
        registry.set_state(session, tip.id, TipState.CONFIRMED, officer, now, f"{PAYEE}承认了")
        claim = claims.request(session, session.get_one(Conversation, conversation), tip.id, now).claim
        names = ("verifier", "approver", "finance", "cashier")
        roles = ("verifier", "approver", "finance", "finance")
        staff = [add_staff(session, name, f"某{name}", role) for name, role in zip(names, roles, strict=True)]
        ledger.add_budget(session, Decimal(500), staff[2], "测试〔2026〕1号", now)
    monkeypatch.setattr(reward_hands, "NOW", now)
    hands = Hands(database, officer, *staff, claim.id)
    hands.propose(reason=f"{PAYEE}已归案")
    hands.verify()
    hands.approve()
    hands.notify()
    hands.pay(hands.collect(), receipt="SJ-7")
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # a payment is not changed otherwise
        session.scalars(select(Payment)).one().payee = {"name": PAID, "account": CARD}
    with database.transaction() as session:
        order = WarningOrder(number="YJ-2026-7", received_at=now, village="甲村", level="", fraud="")
        order.name, order.phone, order.address, order.content = VICTIM, f"+86{PHONE}", ADDRESS, said
        session.add(order)
        session.flush()
        session.add_all(OrderStep(order_id=order.id, step=step.value, ordinal=n) for n, step in enumerate(Step))
        session.flush()
        work.sign(session, order.id, officer, now)
        work.attempt(session, order.id, officer, Attempt(Way.PHONE, Outcome.STOPPED, f"{VICTIM}在{ADDRESS}", None), now)
    return Case(conversation, card.id, tip.id, claim.id, order.id)


def walk(app: Flask, desk: Desk, case: Case) -> dict[str, str]:
    """Every page somebody may open, reached by every rule with every id there is and by every link on the pages."""
    ids = [case.conversation, case.card, case.tip, case.claim, case.order]
    found: dict[str, str] = {}
    todo = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint in ("static", "events.show"):
            continue
        for row_id in ids if "record_id" in rule.arguments or rule.arguments else [None]:
            for kind in audit_words.RECORDS if "kind" in rule.arguments else ("x",):
                values = {name: kind if name == "kind" else row_id for name in rule.arguments}
                todo.append((rule.build(values, append_unknown=False) or ("", ""))[1])
    todo += [f"/audit?number={number}" for number in ("ZF100001", "X")]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        answer = desk.get(path)
        found[path] = ""
        if answer.status_code != 200:
            continue
        found[path] = shown(answer.mimetype, answer.data)
        todo += [link for link in re.findall(r'href="(/[^"#]*)"', found[path]) if not link.startswith("/static")]
    return {path: page for path, page in found.items() if page}


def shown(mimetype: str, content: bytes) -> str:
    if not mimetype.endswith("sheet"):
        return content.decode(errors="replace").replace("&amp;", "&")
    sheets = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return "\n".join(str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row)


def test_no_page_of_an_auditor_shows_who_somebody_is(app: Flask, auditor: Desk, officer: Desk, case: Case) -> None:
    for path in (f"/cards/{case.card}", f"/tips/{case.tip}", f"/claims/{case.claim}", "/cards/print"):
        assert officer.get(path).status_code == 200  # so that the log speaks of them
    pages = walk(app, auditor, case)
    for path, page in pages.items():
        for secret in SECRETS:
            assert secret not in page, (path, secret)
    assert {"/audit", "/audit/log.xlsx", "/ledger"} <= set(pages)
    for kind, record in (
        ("cards", case.card),
        ("tips", case.tip),
        ("orders", case.order),
        ("conversations", case.conversation),
    ):
        assert f"/audit/records/{kind}/{record}" in pages
    assert f"/claims/{case.claim}" in pages
    card = pages[f"/audit/records/cards/{case.card}"]
    for masked in ("欧**", "170****0011", "****9876", "32,000 元", "已发起止付", "王警官"):
        assert masked in card
    tip = pages[f"/audit/records/tips/{case.tip}"]
    for masked in ("170****0012", "****9876", "核查中"):
        assert masked in tip
    assert "170****0012 与另外 1 条线索相关" in tip
    (linked,) = (page for path, page in pages.items() if path.startswith("/audit/linked/") and "170****0012" in page)
    for masked in ("已核实与诈骗有关", "王警官", "线索"):
        assert masked in linked
    claim = pages[f"/claims/{case.claim}"]
    for masked in ("每人11元×3人=33元", "SJ-7", "某cashier", "已归案"):
        assert masked in claim


def test_an_officer_sees_what_the_auditor_does_not(officer: Desk, case: Case) -> None:
    """The test above could pass because nothing is there."""
    page = officer.get(f"/cards/{case.card}").text + officer.get(f"/tips/{case.tip}").text
    for secret in (VICTIM, PAYEE, PHONE, CARD, WECHAT, TOLD):
        assert secret in page


def test_no_page_of_an_admin_shows_a_case(app: Flask, admin: Desk, case: Case, database: Database) -> None:
    pages = walk(app, admin, case)
    with database.transaction() as session:
        numbers = [session.get_one(Claim, case.claim).number]
    for path, page in pages.items():
        for secret in (*SECRETS, *numbers, str(case.card), str(case.tip), str(case.conversation)):
            assert secret not in page, (path, secret)
    assert not [path for path in pages if path.startswith(("/audit", "/cards", "/tips", "/claims", "/conversations"))]


def test_an_auditor_changes_nothing(app: Flask, auditor: Desk, case: Case, database: Database) -> None:
    allowed = {"/audit/verify", "/account", "/sign-out", "/sign-in"}
    token = auditor.token()
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()):
            continue
        path = (rule.build(dict.fromkeys(rule.arguments, case.card), append_unknown=False) or ("", ""))[1]
        if path in allowed or rule.endpoint == "duty.seen":  # an alert of one's own
            continue
        assert auditor.client.post(path, data={"csrf_token": token}).status_code == 403, path


def test_the_log_is_filtered(
    auditor: Desk, officer: Desk, agent: Desk, case: Case, people: dict[str, Staff], database: Database, clock: Clock
) -> None:
    officer.get(f"/cards/{case.card}")
    officer.get(f"/tips/{case.tip}")
    agent.post(f"/conversations/{case.conversation}/take")
    officer.get("/cards/print")
    with database.transaction() as session:
        number = cards.load(session, case.card).number  # type: ignore[union-attr]

    def found(query: str) -> str:
        page = auditor.get(f"/audit?{query}").text
        return page[page.index('class="check"') :]  # below the filter's own words

    page = found("")
    for there in (
        "查看止付单",
        "查看线索",
        "接手会话",
        "打印待办止付单",
        "登录",
        "王警官",
        "小李",
        "民警",
        number,
        "工作台",
    ):
        assert there in page
    assert f"/audit/records/cards/{case.card}" in page
    page = found(f"who={people['agent'].id}")
    assert "接手会话" in page and "查看止付单" not in page
    page = found("what=look")
    assert "查看线索" in page and "接手会话" not in page
    page = found("what=change")
    assert "接手会话" in page and "查看线索" not in page and "登录" not in page
    page = found("what=paper")
    assert "打印" in page and "查看线索" not in page
    page = found("kind=tip")
    assert "查看线索" in page and "查看止付单" not in page
    page = found(f"number={number.lower()}")
    assert "查看止付单" in page and "打印一张止付单" in page and "查看线索" not in page
    assert "没有编号 ZF1。" in found("number=ZF1")
    tomorrow = (utc_now() + timedelta(days=2)).date()
    assert "没有这样的记录" in found(f"from={tomorrow}")
    assert "查看线索" in found(f"to={tomorrow}&from=nonsense&who=nonsense&after=nonsense")
    rows = openpyxl.load_workbook(io.BytesIO(auditor.get("/audit/log.xlsx?kind=tip").data)).worksheets[0]
    lines = [[cell.value for cell in row] for row in rows.iter_rows()]
    assert lines[0] == list(audit_words.HEAD)
    assert [line[5] for line in lines[1:]] == ["查看线索"]
    with database.transaction() as session:
        assert (
            session.scalar(select(AuditEntry.action).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()))
            == "audit_export"
        )


def test_a_long_log_is_paged(
    auditor: Desk, officer: Desk, database: Database, people: dict[str, Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_pages, "PAGE", 4)
    same = utc_now()
    with database.transaction() as session:
        for number in range(10):
            audit.record(session, people["officer"], "reply", same, "message", None, f"n{number}")
    path, seen = "/audit?what=change", []
    while path:
        page = auditor.get(path).text
        seen += re.findall(r">(n\d)<", page)
        further = re.search(r'class="more"><a href="([^"]+)"', page)
        path = further.group(1).replace("&amp;", "&") if further else ""
    assert seen == [f"n{number}" for number in reversed(range(10))]


def test_the_log_is_checked_on_the_page(auditor: Desk, officer: Desk, case: Case, database: Database) -> None:
    officer.get(f"/cards/{case.card}")
    assert "完整，没有改动" in auditor.get(auditor.post("/audit/verify").location).text
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE audit_entries SET staff_id = NULL WHERE action = 'view_card'"))
    page = auditor.get(auditor.post("/audit/verify").location).text
    assert "条被改过" in page and "日志有问题" in page
