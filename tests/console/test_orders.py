"""Warning orders in the console: entering, importing, working, and who saw what."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from console import order_words
from conversations.inbound import Channel
from conversations.models import AuditEntry, Contact, Delivery, Message
from stops.models import StopCard
from stops.orders import answers, reminders, words
from stops.orders.models import OrderState, Outcome, Rating, Step, WarningOrder, Way
from stops.orders.register import list_orders
from stops.orders.table import MAX_BYTES
from storage.clock import CHINA, utc_now
from storage.engine import Database
from tests.console.conftest import Clock, Desk
from tests.console.residents import Resident
from tests.stops.orders.sheets import HEADER, as_csv, as_xlsx, row

PERSONAL = ("17000000001", "张三", "某某村1号")


def orders(database: Database) -> list[WarningOrder]:
    with database.transaction() as session:
        return list_orders(session)


def uploads(desk: Desk, content: bytes, name: str = "名单.csv", token: bool = True) -> str:
    fields = {"csrf_token": desk.token() if token else "wrong", "file": FileStorage(io.BytesIO(content), name)}
    boundary, body = encode_multipart(fields)
    kind = f"multipart/form-data; boundary={boundary}"
    headers = {"Referer": "http://localhost/orders/new"}
    answer = desk.client.post("/orders/import", data=body, content_type=kind, headers=headers)
    if answer.status_code == 303:
        return desk.get(answer.location).text
    assert answer.status_code in (200, 400, 413), answer.status_code
    return answer.text


@pytest.fixture
def made(officer: Desk, database: Database) -> Callable[..., uuid.UUID]:
    """Enters an order by hand; its id."""

    def one(**fields: object) -> uuid.UUID:
        form = {
            "number": "A-1",
            "name": "张三",
            "phone": "170 0000 0001",
            "address": "某某村1号",
            "village": "某某村",
            "fraud": "某种新骗局",
            "level": "高",
            "content": "疑似正在刷单,电话17000000002联系。",
        }
        answer = officer.post("/orders/new", fetched=True, **{**form, **fields})
        assert answer.status_code == 200, answer.get_json()
        return uuid.UUID(answer.get_json()["to"].rpartition("/")[2])

    return one


def test_entering_by_hand(officer: Desk, database: Database, made: Callable[..., uuid.UUID]) -> None:
    order_id = made(issued_at="2026-03-01T14:05")
    (order,) = orders(database)
    assert (order.id, order.number, order.phone) == (order_id, "A-1", "+8617000000001")
    assert order.issued_at is not None
    assert f"{order.issued_at.astimezone(CHINA):%d %H:%M}" == "01 14:05"
    assert order_words.ENTERED in officer.get(f"/orders/{order_id}").text
    assert made(number=" a-1 ", name="李四") == order_id
    assert order_words.KNOWN.format(number="A-1") in officer.get("/orders").text
    assert orders(database)[0].name == "张三"
    assert made(number="") != order_id
    assert re.fullmatch(r"YJ\d{6}", orders(database)[0].number)


def test_what_does_not_fit_is_said_field_by_field(officer: Desk, database: Database) -> None:
    answer = officer.post("/orders/new", fetched=True, number="A-1", phone="1700", issued_at="2099-01-01T00:00")
    assert answer.status_code == 409
    assert answer.get_json()["message"] == "手机号：不是电话号码，请核对；下发时间：时间在将来，请核对。"
    nothing = officer.post("/orders/new", fetched=True, number="A-1").get_json()["message"]
    assert nothing == "手机号或地址：手机号和地址至少要填一项。"
    assert orders(database) == []


def test_a_list_is_masked_and_an_order_is_not(
    officer: Desk, database: Database, made: Callable[..., uuid.UUID]
) -> None:
    order_id = made()
    listed = officer.get("/orders").text
    for hidden in PERSONAL:
        assert hidden not in listed
    assert "170****0001" in listed
    assert "张**" in listed
    shown = officer.get(f"/orders/{order_id}").text
    for value in PERSONAL:
        assert value in shown
    assert officer.get(f"/fragments/orders/{order_id}").status_code == 200
    with database.transaction() as session:
        query = select(AuditEntry.action).where(AuditEntry.subject_id == order_id).order_by(AuditEntry.at)
        assert list(session.scalars(query)) == ["order_enter", "view_order"]
    assert officer.get(f"/orders/{uuid.uuid4()}").status_code == 404


def test_the_four_steps(officer: Desk, database: Database, made: Callable[..., uuid.UUID], clock: Clock) -> None:
    order_id = made()
    path = f"/orders/{order_id}"

    def offered() -> set[str]:
        return set(re.findall(r'id="do-(\w+)"', officer.get(path).text))

    assert offered() == {"sign"}
    assert officer.post(f"{path}/sign", fetched=True).get_json()["message"] == order_words.SIGNED
    assert officer.post(f"{path}/sign", fetched=True).get_json()["message"] == words.NOT_NOW
    assert offered() == {"attempt", "text"}
    clock.ahead = timedelta(minutes=30)
    typed = f"{(utc_now() + timedelta(minutes=20)).astimezone(CHINA):%Y-%m-%dT%H:%M}"
    for wrong, said in (
        ({"way": "phone", "outcome": ""}, order_words.CHOOSE_OUTCOME),
        ({"way": "phone", "outcome": "stopped", "note": " "}, words.NOTE_NEEDED),
        ({"way": "phone", "outcome": "stopped", "note": "x", "time": "下午"}, order_words.BAD_TIME),
        ({"way": "phone", "outcome": "stopped", "note": "x", "time": "2020-01-01T00:00"}, words.TIME_WRONG),
    ):
        assert officer.post(f"{path}/attempt", fetched=True, **wrong).get_json()["message"] == said
    sent = officer.post(f"{path}/attempt", way="visit", outcome="unreached", note="家里没人", time=typed)
    assert sent.status_code == 303
    assert offered() == {"attempt", "text", "feedback"}
    officer.post(f"{path}/attempt", way="phone", outcome="stopped", note="答应不转")
    assert officer.post(f"{path}/review", fetched=True, rating="good").get_json()["message"] == words.NOT_NOW
    officer.post(f"{path}/feedback", note="已劝住")
    assert offered() == {"attempt", "text", "review"}
    assert officer.post(f"{path}/review", fetched=True, rating="").get_json()["message"] == words.RATING_NEEDED
    officer.post(f"{path}/review", rating="good", note="及时")
    assert offered() == set()
    page = officer.get(path).text
    for line in (
        "劝阻（上门）：没有联系上",
        "家里没人",
        "实际时间",
        "劝阻（打电话）：劝住了，没有转账",
        "已劝住",
        "评价：有效",
        "王警官",
    ):
        assert line in page
    assert f"order-{order_id}" not in officer.get("/orders").text
    assert f"order-{order_id}" in officer.get("/orders?tab=all").text
    with database.transaction() as session:
        query = select(AuditEntry.action).where(AuditEntry.subject_id == order_id, AuditEntry.action != "view_order")
        assert list(session.scalars(query.order_by(AuditEntry.at))) == [
            "order_enter",
            "order_sign",
            "order_attempt",
            "order_attempt",
            "order_feedback",
            "order_review",
        ]


def test_the_money_has_gone(officer: Desk, database: Database, made: Callable[..., uuid.UUID]) -> None:
    with_phone, without = made(), made(number="A-2", phone="")
    for order_id in (with_phone, without):
        officer.post(f"/orders/{order_id}/sign")
    paid = {"way": "phone", "outcome": "paid", "note": "刚转了两万", "fetched": True}
    said = officer.post(f"/orders/{with_phone}/attempt", **paid).get_json()["message"]
    with database.transaction() as session:
        card = session.scalars(select(StopCard)).one()
    assert said == order_words.CARD_OPENED.format(number=card.number)
    assert f"/cards/{card.id}" in officer.get(f"/orders/{with_phone}").text
    said = officer.post(f"/orders/{without}/attempt", **paid).get_json()["message"]
    assert said == order_words.CARD_NOT_OPENED


def test_a_text_and_its_answer(
    officer: Desk, database: Database, made: Callable[..., uuid.UUID], resident: Resident
) -> None:
    order_id = made()
    path = f"/orders/{order_id}"
    officer.post(f"{path}/sign")
    page = officer.get(path).text
    proposed = re.search(r'<textarea name="text"[^>]*>([^<]+)<', page)
    key = re.search(r'name="form_key" value="(\w+)"', page)
    assert proposed
    assert key
    assert "某种新骗局" not in proposed.group(1)  # not one of the names we know
    for _ in range(2):
        answer = officer.post(f"{path}/text", fetched=True, text=proposed.group(1), form_key=key.group(1))
        assert answer.status_code == 200
    bad = officer.post(f"{path}/text", fetched=True, text="点 www.example.com", form_key=uuid.uuid4().hex)
    assert bad.status_code == 409
    stale = officer.post(f"{path}/text", fetched=True, text="您好", form_key="")
    assert stale.get_json()["message"] == order_words.RELOAD
    with database.transaction() as session:
        message = session.scalars(select(Message)).one()
        message.delivery, message.reason = Delivery.SENT.value, "template"
    page = officer.get(path).text
    assert order_words.TEMPLATE_SENT in page
    assert "发过短信。" in page
    assert order_words.ANSWERED not in officer.get("/orders").text
    phone = Resident(resident.database, resident.settings, Channel.SMS, "+8617000000001")
    conversation = phone.says("我没有转账,放心")
    with database.transaction() as session:
        written = session.scalars(select(Message).where(Message.direction == "in")).one()
        answers.link(session, session.get_one(Contact, written.contact_id), written, utc_now())
    assert order_words.ANSWERED in officer.get("/orders").text
    page = officer.get(path).text
    assert "我没有转账,放心" in page
    assert f"/conversations/{conversation}" in page
    officer.post(f"{path}/attempt", way="sms", outcome="stopped", note="短信里说没有转")
    assert order_words.ANSWERED not in officer.get("/orders").text


def test_a_type_we_know_is_named_in_the_text(officer: Desk, made: Callable[..., uuid.UUID]) -> None:
    order_id = made(fraud="虚假征信")
    officer.post(f"/orders/{order_id}/sign")
    assert "您可能正遇到“虚假征信”诈骗" in officer.get(f"/orders/{order_id}").text


def test_importing_says_what_became_of_every_row(officer: Desk, database: Database) -> None:
    rows = [HEADER, row("YJ-1"), row("YJ-2", phone="不详"), row("")]
    page = uploads(officer, as_csv([[*cells, "x"] for cells in rows], "gb18030"), "三月 名单.csv")
    assert "新登记 <strong>1</strong> 条" in page
    assert "文件“三月 名单.csv”第 3 行“手机号”：不是电话号码，请核对" in page
    assert "文件“三月 名单.csv”第 4 行“指令编号”：没有填" in page
    page = uploads(officer, as_xlsx([HEADER, row("YJ-1"), row("YJ-3")]), "又一份.xlsx")
    assert "原来就有 <strong>1</strong> 条" in page
    assert [order.number for order in orders(database)] == ["YJ-3", "YJ-1"]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\x89PNG\xff\xff", "图.png", words.NOT_READABLE.format(file="图.png")),
        (as_csv([HEADER]), "空.csv", words.NO_ROWS.format(file="空.csv")),
        (b"", "", order_words.NO_FILE),
        (as_csv([HEADER, row()]) + b" " * (MAX_BYTES + 20_000), "大.csv", "内容太长"),
    ],
    ids=["a picture", "nothing in it", "no file", "too big"],
)
def test_a_file_that_cannot_be_used(officer: Desk, database: Database, content: bytes, name: str, said: str) -> None:
    assert said in uploads(officer, content, name)
    assert orders(database) == []


def test_two_hundred_long_rows_fit_into_an_upload(officer: Desk, database: Database) -> None:
    rows = [row(f"YJ-{n:04d}", content="经过" * 900) for n in range(200)]
    content = as_csv([HEADER, *rows])
    assert len(content) > 1_000_000
    assert "新登记 <strong>200</strong> 条" in uploads(officer, content)
    assert len(orders(database)) == 200


def test_only_an_upload_may_be_long(officer: Desk, agent: Desk, database: Database) -> None:
    content = as_csv([HEADER, *(row(f"YJ-{n}", content="经过" * 900) for n in range(50))])
    assert officer.post("/orders/new", number="A-1", address="某某村", content="长" * 70_000).status_code == 413
    refused = agent.client.post(
        "/orders/import", data={"csrf_token": agent.token(), "file": (io.BytesIO(content), "x")}
    )
    assert refused.status_code == 403
    assert uploads(officer, content, token=False)
    assert orders(database) == []


def test_the_empty_list_to_fill_in_is_one_we_read(officer: Desk, database: Database) -> None:
    empty = officer.get("/orders/template.csv").data
    assert empty.startswith("\ufeff".encode())
    filled = empty + ",".join(["YJ-1", "", "", "", "", "17000000001"]).encode() + b"\r\n"
    assert "新登记 <strong>1</strong> 条" in uploads(officer, filled)


def test_deadlines_and_reminders_on_the_page(
    officer: Desk, agent: Desk, database: Database, made: Callable[..., uuid.UUID], clock: Clock
) -> None:
    """Given the sample's limits, when they near and pass, then list, order and head of the page say so."""
    order_id = made()
    page = officer.get("/orders").text
    assert re.search(r'签收时限 \n?<time class="clock soon"|签收时限 <time class="clock', page)
    assert "虚构的示例" in page
    assert "order-alarm" not in page
    clock.ahead = timedelta(minutes=8)
    assert "预警指令：1 条快到时限" in officer.get("/orders").text
    clock.ahead = timedelta(minutes=12)
    with database.transaction() as session:
        assert reminders.fire(session, utc_now() + clock.ahead) == 1
    page = officer.get(f"/orders/{order_id}").text
    assert "预警指令：1 条已超时" in page
    assert "已过时限：签收" in page
    assert 'clock over"' in page
    assert "order-alarm" not in agent.get("/inbox").text
    officer.post(f"/orders/{order_id}/sign")
    page = officer.get(f"/orders/{order_id}").text
    assert '<span class="tag warn">超时</span>' in page
    assert "order-alarm" not in page


def test_a_correction_on_the_page(officer: Desk, database: Database, made: Callable[..., uuid.UUID]) -> None:
    order_id = made()
    path = f"/orders/{order_id}"
    fields = dict(
        re.findall(r'name="(version|phone|name|village|address)"[^>]*? value="([^"]*)"', officer.get(path).text)
    )
    assert officer.post(f"{path}/amend", fetched=True, **{**fields, "note": ""}).get_json()["message"] == "没有改动。"
    changed = {**fields, "phone": "17000000009", "note": "本人换号"}
    assert officer.post(f"{path}/amend", fetched=True, **{**changed, "note": " "}).status_code == 409
    assert officer.post(f"{path}/amend", fetched=True, **{**changed, "version": "x"}).status_code == 409
    assert officer.post(f"{path}/amend", fetched=True, **changed).get_json()["message"] == "已更正。"
    page = officer.get(path).text
    assert "手机号：17000000001 → 17000000009" in page
    assert "本人换号" in page
    assert 'href="tel:17000000009"' in page


def test_who_was_reminded_is_on_the_order_and_in_the_head(
    officer: Desk, database: Database, made: Callable[..., uuid.UUID]
) -> None:
    order_id = made()
    assert "提醒记录" not in officer.get(f"/orders/{order_id}").text
    with database.transaction() as session:
        assert reminders.fire(session, utc_now() + timedelta(minutes=8)) == 1
    head = officer.get("/fragments/status").text
    assert f'<a href="/orders/{order_id}"><strong>预警提醒：指令 A-1 的签收还没有办' in head
    page = officer.get(f"/orders/{order_id}").text
    assert "提醒记录" in page
    assert "企业微信群" in page
    officer.post(f"/orders/{order_id}/sign")
    with database.transaction() as session:  # the clock of the reminder was ahead of the signing
        session.execute(update(WarningOrder).values(acted_at=utc_now() + timedelta(minutes=9)))
    assert "预警提醒" not in officer.get("/fragments/status").text


@pytest.mark.parametrize("typed", ["A-1", " a-1 "])
def test_the_find_box_finds_an_order(officer: Desk, made: Callable[..., uuid.UUID], typed: str) -> None:
    order_id = made()
    assert officer.get(f"/find?number={typed.replace(' ', '%20')}").location == f"/orders/{order_id}"
    long = "指令" + "0" * 40
    other = made(number=long)
    assert officer.get(f"/find?number={long}").location == f"/orders/{other}"


def test_every_code_has_its_words() -> None:
    for codes, names in (
        (OrderState, order_words.STATES),
        (Step, order_words.STEPS),
        (Way, order_words.WAYS),
        (Outcome, order_words.OUTCOMES),
        (Rating, order_words.RATINGS),
    ):
        assert set(names) == {code.value for code in codes}
    assert set(order_words.FIELDS) == set(words.COLUMNS)
