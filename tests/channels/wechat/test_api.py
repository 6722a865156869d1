from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest
from redis import Redis

from bot.channels.wechat.api import CustomerService
from bot.channels.wechat.errors import FACTS, SendOutcome, SendStatus, Verdict, fact
from bot.channels.wechat.tokens import TokenProvider
from bot.channels.wechat.transport import Transport

from .peer import Answer, Call, Peer, Tokens, code

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SEND = "/cgi-bin/message/custom/send"
TOKEN = "/cgi-bin/stable_token"
SENT = SendOutcome(SendStatus.SENT)


def service(url: str, redis: Redis | None, token_url: str = "") -> CustomerService:
    transport = Transport(url, (1.0, 0.5))
    tokens = TokenProvider("wxtest", "the-secret", Transport(token_url or url, (1.0, 0.5)), redis)
    return CustomerService(transport, tokens)


def test_sent(peer: Peer, redis: Redis) -> None:
    peer.scripts[SEND] = [code(0)]
    outcome = service(peer.url + "/", redis).send_text("oResident", "请先停止转账。😭\0", NOW)
    assert outcome == SENT
    assert outcome.staff == ""
    (call,) = peer.to(SEND)
    assert call.query == {"access_token": "T1"}
    assert call.payload == {"touser": "oResident", "msgtype": "text", "text": {"content": "请先停止转账。😭"}}
    assert "停止转账".encode() in call.raw  # not escaped: WeChat would show the escapes


def test_system_busy_then_sent(peer: Peer, redis: Redis) -> None:
    peer.scripts[SEND] = [code(-1), code(0)]
    api = service(peer.url, redis)
    assert api.send_text("o", "a", NOW) == SendOutcome(SendStatus.RETRY, -1, "system_busy")
    assert api.send_text("o", "a", NOW) == SENT


@pytest.mark.parametrize("number", [40001, 40014, 42001])
@pytest.mark.parametrize("shared", [True, False])
def test_token_refused_for_ever_is_renewed_once(peer: Peer, redis: Redis, number: int, shared: bool) -> None:
    peer.scripts[SEND] = [code(number)]
    outcome = service(peer.url, redis if shared else None).send_text("o", "a", NOW)
    assert outcome == SendOutcome(SendStatus.FAILED, number, fact(number).log)
    assert [call.query["access_token"] for call in peer.to(SEND)] == ["T1", "T2"]
    assert [call.payload["force_refresh"] for call in peer.to(TOKEN)].count(True) == 1


def test_the_same_token_is_not_tried_twice(peer: Peer, redis: Redis) -> None:
    peer.scripts[SEND] = [code(40001)]
    api = service(peer.url, redis)
    for _ in range(2):  # the second time it is too soon to force another
        assert api.send_text("o", "a", NOW).status is SendStatus.FAILED
    assert [call.query["access_token"] for call in peer.to(SEND)] == ["T1", "T2", "T2"]


def test_token_refused_once(peer: Peer, redis: Redis) -> None:
    peer.scripts[SEND] = lambda call: code(0 if call.query["access_token"] == "T2" else 42001)
    assert service(peer.url, redis).send_text("o", "a", NOW) == SENT
    assert service(peer.url, redis).send_text("o", "a", NOW) == SENT
    assert len(peer.to(SEND)) == 3


def test_token_endpoint_refuses_the_secret(peer: Peer, redis: Redis) -> None:
    peer.scripts[TOKEN] = [code(40001)]
    assert service(peer.url, redis).send_text("o", "a", NOW).status is SendStatus.FAILED
    assert len(peer.to(TOKEN)) == 1
    assert peer.to(SEND) == []


def test_renewal_fails_in_between(peer: Peer, redis: Redis) -> None:
    peer.scripts[SEND] = [code(40001)]
    tokens = Tokens()

    def once(call: Call) -> Answer:
        return Answer(behaviour="reset") if call.payload["force_refresh"] else tokens(call)

    peer.scripts[TOKEN] = once
    assert service(peer.url, redis).send_text("o", "a", NOW).status is SendStatus.RETRY


OUTCOMES = {
    "window over": (code(45015), SendStatus.FAILED, 45015, "window_over"),
    "code as text": (code("45047"), SendStatus.FAILED, 45047, "budget_used"),
    "too long": (code(45002), SendStatus.FAILED, 45002, "too_long"),
    "error under HTTP 500": (Answer(code(45009).content, status=500), SendStatus.FAILED, 45009, "day_quota"),
    "address": (code(40164), SendStatus.FAILED, 40164, "ip_not_allowed"),
    "too often": (code(45011), SendStatus.RETRY, 45011, "too_frequent"),
    "unlisted code": (code(99999), SendStatus.FAILED, 99999, "unlisted"),
    "no code": (Answer(b"{}"), SendStatus.UNKNOWN, 0, "no_errcode"),
    "code is no number": (code("ok"), SendStatus.UNKNOWN, 0, "bad_errcode"),
    "code is null": (code(None), SendStatus.UNKNOWN, 0, "bad_errcode"),
    "a list": (Answer(b"[]"), SendStatus.UNKNOWN, 0, "http_200_not_json"),
    "html with 200": (Answer(b"<html>ok</html>", "text/html"), SendStatus.UNKNOWN, 0, "http_200_not_json"),
    "nothing with 200": (Answer(), SendStatus.UNKNOWN, 0, "http_200_not_json"),
    "bad gateway": (Answer(b"<html>", "text/html", 502), SendStatus.UNKNOWN, 0, "http_502_not_json"),
    "not found": (Answer(b"<html>", "text/html", 404), SendStatus.RETRY, 0, "http_404_not_json"),
    "reset": (Answer(behaviour="reset"), SendStatus.UNKNOWN, 0, "ConnectionError"),
    "never answers": (Answer(behaviour="hang"), SendStatus.UNKNOWN, 0, "ReadTimeout"),
    "cut short": (Answer(b'{"errcode"', behaviour="short"), SendStatus.UNKNOWN, 0, "ChunkedEncodingError"),
}


@pytest.mark.parametrize(("answer", "status", "number", "reason"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_outcomes(peer: Peer, redis: Redis, answer: Answer, status: SendStatus, number: int, reason: str) -> None:
    peer.scripts[SEND] = [answer]
    outcome = service(peer.url, redis).send_text("o", "a", NOW)
    assert outcome == SendOutcome(status, number, reason)
    assert outcome.staff.endswith("。")
    assert len(peer.to(SEND)) == 1


def test_a_redirect_is_not_followed(peer: Peer, redis: Redis) -> None:
    peer.scripts[SEND] = [Answer(status=307, headers={"Location": "/elsewhere"})]
    assert service(peer.url, redis).send_text("o", "a", NOW).status is SendStatus.RETRY
    assert {call.path for call in peer.calls} == {TOKEN, SEND}


def test_an_endless_answer_is_not_read(peer: Peer, redis: Redis) -> None:
    peer.scripts[SEND] = [Answer(b"{" + b" " * 10**6)]
    assert service(peer.url, redis).send_text("o", "a", NOW) == SendOutcome(SendStatus.UNKNOWN, reason="too_large")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:{closed_port()}", "no-scheme", "http://", "https://[::bad"], ids="0123"
)
def test_never_left_us(peer: Peer, redis: Redis, url: str) -> None:
    outcome = service(url, redis, token_url=peer.url).send_text("o", "a", NOW)
    assert outcome.status is SendStatus.RETRY
    assert len(peer.to(TOKEN)) == 1
    # The same where the token cannot be had.
    assert service(url, None).send_text("o", "a", NOW).status is SendStatus.RETRY


def test_not_tls_at_the_other_end(peer: Peer, redis: Redis) -> None:
    outcome = service(peer.url.replace("http:", "https:"), redis, token_url=peer.url).send_text("o", "a", NOW)
    assert outcome.status in {SendStatus.RETRY, SendStatus.UNKNOWN}
    assert peer.to(SEND) == []


# channels.md, "Customer-service messages".
@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        (-1, Verdict.RETRY),
        (45011, Verdict.RETRY),
        (40001, Verdict.REFRESH),
        (40014, Verdict.REFRESH),
        (42001, Verdict.REFRESH),
        (45015, Verdict.WINDOW_OVER),
        (45047, Verdict.BUDGET_USED),
        (45002, Verdict.TOO_LONG),
        (45009, Verdict.QUOTA),
        (40164, Verdict.IP_NOT_ALLOWED),
        (48001, Verdict.PERMANENT),
        (48002, Verdict.PERMANENT),
        (40003, Verdict.PERMANENT),
        (43004, Verdict.PERMANENT),
        (43101, Verdict.PERMANENT),
        (12345, Verdict.PERMANENT),
    ],
)
def test_verdicts(number: int, verdict: Verdict) -> None:
    assert fact(number).verdict is verdict


def test_every_code_has_its_sentence_and_word() -> None:
    assert 0 not in FACTS
    for known in FACTS.values():
        assert known.staff.endswith("。")
        assert known.log.replace("_", "").isalpha()
