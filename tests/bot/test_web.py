"""The public app over HTTP: who may pass, what is refused, what is answered."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from wechatpy.crypto import WeChatCrypto
from werkzeug.test import TestResponse

from bot.app import create_app
from bot.parts import Parts
from bot.web import wechat
from bot.web.policy import Policy, policy_of
from bot.web.wechat import waited
from conversations.models import Message, UnreadableDelivery
from handlers.words import general, urgent
from storage.engine import Database
from storage.settings import Settings
from tests.handlers.conftest import Clock

NONCE = "n0nce"


@pytest.fixture
def app(built: Parts, settings: Settings) -> Flask:
    return create_app(settings, built)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def count(database: Database, table: Any = Message) -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def wechat_xml(text: str, message_id: str = "1", sender: str = "o1", created: int = 1) -> str:
    return (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{created}</CreateTime>"
        f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{message_id}</MsgId></xml>"
    )


@pytest.fixture
def post(client: FlaskClient, settings: Settings, clock: Clock) -> Callable[..., TestResponse]:
    """Post a message as Tencent would, sealed with an implementation that is not ours."""
    crypto = WeChatCrypto(settings.wechat_token, settings.wechat_aes_key, settings.wechat_app_id)

    def send(xml: str, *, at: datetime | None = None, connection: socket.socket | None = None) -> TestResponse:
        timestamp = str(int((at or clock()).timestamp()))
        sealed = crypto.encrypt_message(xml, NONCE, timestamp)
        encrypted = sealed.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        signature = hashlib.sha1("".join(sorted([settings.wechat_token, timestamp, NONCE, encrypted])).encode())  # noqa: S324
        query = {"timestamp": timestamp, "nonce": NONCE, "encrypt_type": "aes", "msg_signature": signature.hexdigest()}
        body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        environ = {"gunicorn.socket": connection}
        return client.post("/wechat", query_string=query, data=body, environ_overrides=environ)

    return send


@pytest.fixture
def read(settings: Settings) -> Callable[[TestResponse], str]:
    """Open a passive reply."""
    crypto = WeChatCrypto(settings.wechat_token, settings.wechat_aes_key, settings.wechat_app_id)

    def open_reply(response: TestResponse) -> str:
        text = response.get_data(as_text=True)
        if text == "success":
            return ""
        parts = {
            name: text.split(f"<{name}>")[1].split(f"</{name}>")[0].removeprefix("<![CDATA[").removesuffix("]]>")
            for name in ("MsgSignature", "TimeStamp", "Nonce")
        }
        return str(crypto.decrypt_message(text, parts["MsgSignature"], parts["TimeStamp"], parts["Nonce"]))

    return open_reply


def test_every_route_says_who_may_pass(app: Flask) -> None:
    open_routes = {rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None}
    assert open_routes == set()
    assert len(list(app.url_map.iter_rules())) >= 8


def test_a_route_without_a_policy_is_closed(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert app.test_client().get("/forgotten").status_code == 403


def test_only_this_machine_reads_the_metrics(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
    app = client.application
    loopback = [rule.rule for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is Policy.LOOPBACK]
    assert loopback == ["/metrics"]


def test_a_loss_is_answered_with_the_fixed_advice(post: Any, read: Any, database: Database) -> None:
    assert urgent.ADVICE[:10] in read(post(wechat_xml("我刚被骗了两万")))
    assert count(database) == 3


def test_a_repeat_gets_the_same_reply_and_no_second_row(post: Any, read: Any, database: Database) -> None:
    first, second = post(wechat_xml("我刚被骗了两万")), post(wechat_xml("我刚被骗了两万"))
    content = [read(reply).split("<Content>")[1] for reply in (first, second)]
    assert content[0] == content[1]
    assert count(database) == 3


def test_three_at_once_are_one(app: Flask, post: Any, read: Any, database: Database) -> None:
    replies: list[str] = []
    start = threading.Barrier(3)

    def deliver() -> None:
        start.wait()
        replies.append(read(post(wechat_xml("我刚被骗了两万"))).split("<Content>")[1])

    threads = [threading.Thread(target=deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replies) == 3
    assert len(set(replies)) == 1
    assert count(database) == 3


def test_stale_and_new_is_refused_but_a_late_repeat_is_answered(post: Any, clock: Clock, database: Database) -> None:
    long_ago = clock()
    assert post(wechat_xml("你好", "1")).status_code == 200
    clock.pass_(minutes=20)
    assert post(wechat_xml("你好", "1"), at=long_ago).status_code == 200
    assert post(wechat_xml("你好", "2"), at=long_ago).status_code == 403
    assert count(database) == 2


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({}, wechat_xml("你好")),
        ({"encrypt_type": "raw", "signature": "x", "timestamp": "1", "nonce": "1"}, wechat_xml("你好")),
        ({"msg_signature": "0" * 40, "timestamp": "1", "nonce": "1"}, "<xml><Encrypt>AAAA</Encrypt></xml>"),
        ({"msg_signature": "0" * 40}, '<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'),
        ({"msg_signature": "0" * 40}, "x" * (64 * 1024 + 1)),
        ({"msg_signature": "0" * 40}, ""),
    ],
)
def test_what_is_not_authentic_is_refused_and_leaves_one_line(
    client: FlaskClient, database: Database, caplog: pytest.LogCaptureFixture, query: dict[str, str], body: str
) -> None:
    with caplog.at_level(logging.WARNING):
        response = client.post("/wechat", query_string=query, data=body.encode())
    assert response.status_code in (403, 413)
    assert count(database) == 0
    lines = [record for record in caplog.records if record.name.startswith("bot")]
    assert len(lines) == 1
    assert "你好" not in caplog.text


def test_signed_but_unreadable_is_taken_and_recorded(post: Any, database: Database) -> None:
    response = post("this is not xml at all")
    assert (response.status_code, response.get_data(as_text=True)) == (200, "success")
    assert count(database, UnreadableDelivery) == 1


@pytest.mark.parametrize("text", ["]]>", "\U0001f600\U00020000", "", "很长" * 5000, "a\x0bb", "<b>&amp;"])
def test_odd_texts_are_stored_and_answered_validly(post: Any, read: Any, database: Database, text: str) -> None:
    response = post(wechat_xml(text.replace("]]>", "]]]]><![CDATA[>")))
    assert response.status_code == 200
    read(response)
    assert count(database) >= 1


def test_a_passive_reply_is_noted_as_sent(post: Any, built: Parts, database: Database) -> None:
    post(wechat_xml("你好")).close()
    built.confirmer.flush()
    with database.transaction() as session:
        reply = session.scalars(select(Message).where(Message.direction == "out")).one()
        assert reply.delivery == "sent"


def delivered(listening: socket.socket) -> socket.socket:
    """A connection whose request lies in the kernel and is accepted by nobody yet."""
    connection = socket.create_connection(listening.getsockname())
    connection.sendall(b"POST /wechat")
    return connection


@pytest.mark.parametrize("waits", [0.0, 0.4])
def test_a_reply_that_comes_too_late_is_not_noted_as_sent(
    post: Any, built: Parts, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch, waits: float
) -> None:
    """WeChat counts from when it sent, also while no process has a thread for the delivery: what it no longer reads is
    stored and answered all the same, and the worker brings the reply."""
    monkeypatch.setattr(settings, "wechat_passive_deadline", 0.4 if waits else 30.0)
    monkeypatch.setattr(wechat, "HUNG_UP", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listening, delivered(listening):
        time.sleep(waits)
        with listening.accept()[0] as ours:
            post(wechat_xml("你好"), connection=ours).close()
    built.confirmer.flush()
    with database.transaction() as session:
        reply = session.scalars(select(Message).where(Message.direction == "out")).one()
        assert reply.delivery == ("passive" if waits else "sent")


@pytest.mark.parametrize(("hung_up", "kept"), [(1.5, True), (0.3, False)])
def test_a_reply_nobody_would_know_the_fate_of_is_kept_until_wechat_has_hung_up(
    post: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, hung_up: float, kept: bool
) -> None:
    """Between the deadline and the end of WeChat's patience; and not where that has ended already."""
    monkeypatch.setattr(settings, "wechat_passive_deadline", 0.4)
    monkeypatch.setattr(wechat, "HUNG_UP", hung_up)
    slept: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listening, delivered(listening):
        time.sleep(0.4)
        with listening.accept()[0] as ours:
            monkeypatch.setattr(wechat, "time", SimpleNamespace(monotonic=time.monotonic, sleep=slept.append))
            answer = post(wechat_xml("你好"), connection=ours)
    assert [0 < seconds < 1.5 for seconds in slept] == [True] * kept
    assert "xml" in answer.mimetype, "answered all the same"


def test_how_long_a_request_waited() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert waited(ours) == waited(None) == 0.0
    with socket.create_server(("127.0.0.1", 0)) as listening, delivered(listening):
        time.sleep(0.3)
        with listening.accept()[0] as ours:
            assert 0.25 <= waited(ours) < 60


def test_a_fault_of_ours_keeps_the_words_and_calls_staff(
    post: Any, read: Any, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_turn: object) -> None:
        raise ZeroDivisionError("a secret of a resident")

    monkeypatch.setattr("bot.intake.route", broken)
    assert general.BROKEN[:8] in read(post(wechat_xml("你好")))
    assert count(database) == 2


def sms(settings: Settings, now: datetime, **fields: str) -> tuple[dict[str, str], bytes]:
    body = json.dumps(
        {"id": "m1", "from": "+8617000000001", "to": "10690000", "text": "你好", "sent_at": now.isoformat(), **fields}
    ).encode()
    timestamp = str(int(now.timestamp()))
    signed = hmac.new(settings.sms_generic_secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return {"X-Hotline-Timestamp": timestamp, "X-Hotline-Signature": f"sha256={signed.hexdigest()}"}, body


def test_a_text_message_is_stored_and_queued(
    client: FlaskClient, built: Parts, settings: Settings, clock: Clock, database: Database
) -> None:
    headers, body = sms(settings, clock())
    for _ in range(2):
        response = client.post("/sms/generic", headers=headers, data=body)
        assert (response.status_code, response.get_json()) == (200, {"accepted": True})
    assert count(database) == 1
    with database.transaction() as session:
        contact = session.scalars(select(Message.contact_id)).one()
    for _ in range(2):
        built.intake.answer_waiting(contact)
    assert count(database) == 2


@pytest.mark.parametrize("change", [{"X-Hotline-Signature": "sha256=00"}, {"X-Hotline-Timestamp": "1"}])
def test_a_wrongly_signed_text_is_refused(
    client: FlaskClient, settings: Settings, clock: Clock, database: Database, change: dict[str, str]
) -> None:
    headers, body = sms(settings, clock())
    assert client.post("/sms/generic", headers={**headers, **change}, data=body).status_code == 403
    assert count(database) == 0


def test_an_unknown_provider_and_route(client: FlaskClient) -> None:
    assert client.post("/sms/nobody/secret").status_code == 403
    assert client.get("/nothing").status_code == 404


def test_parts_are_joined_in_any_order_and_late_ones_handed_on(
    client: FlaskClient, built: Parts, settings: Settings, clock: Clock, database: Database
) -> None:
    def send(index: int, reference: str, text: str) -> None:
        mark: Any = {"reference": reference, "total": 2, "index": index}
        headers, body = sms(settings, clock(), id=f"{reference}{index}", text=text, parts=mark)
        assert client.post("/sms/generic", headers=headers, data=body).status_code == 200

    send(2, "7", "两万块")
    assert count(database) == 0
    send(1, "7", "我被骗了")
    send(1, "8", "还有一件事")
    clock.pass_(seconds=settings.sms_join_timeout + 1)
    with database.transaction() as session:
        contact = session.scalars(select(Message.contact_id)).one()
    built.reception.join_late(contact, "8")
    with database.transaction() as session:
        rows = list(session.scalars(select(Message).order_by(Message.position)))
    assert [(row.text, row.partial) for row in rows] == [("我被骗了两万块", False), ("还有一件事…", True)]


def test_while_the_database_is_away_nothing_is_lost(
    post: Any, read: Any, built: Parts, database: Database, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    good = built.database.engine
    away = Database("postgresql://x@127.0.0.1:9/none")
    monkeypatch.setattr(built.database, "_sessions", away.sessions)
    assert "110" in read(post(wechat_xml("我刚被骗了两万")))
    kept = list((settings.data_dir / "spool").glob("*.sealed"))
    assert len(kept) == 1
    assert "被骗".encode() not in Path(kept[0]).read_bytes()
    monkeypatch.undo()
    assert built.database.engine is good
    assert built.spool.drain()
    assert count(database) == 3
    assert not list((settings.data_dir / "spool").glob("*"))


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {"alive": True}
    assert client.get("/readyz").get_json() == {"ready": True}
    assert datetime.now(UTC)
