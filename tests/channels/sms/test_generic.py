"""The generic provider: raw signed bodies in, signed bodies out to a real server."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.outcome import SendOutcome
from bot.channels.sms.adapter import BadItem, OutgoingSms, Receipt, Refused, Request
from bot.channels.sms.generic import GenericAdapter
from bot.channels.sms.joining import part_of
from conversations.inbound import Inbound, Kind
from tests.channels.sms.operator import NOW, SHORT, operator, post

KEY = "a-secret-of-the-test"
STAMP = str(int(NOW.timestamp()))
ADAPTER = GenericAdapter(KEY, "http://127.0.0.1:9/send", 300)
TEXT = {
    "id": "m1",
    "from": "+8617000000001",
    "to": "10690000",
    "text": "有人让我转账",
    "sent_at": "2026-03-04T11:59:00+08:00",
}
OUT = OutgoingSms("out-1", "+8617000000001", "请先停止转账。", "c-7")


def hmac_hex(body: bytes, stamp: str = STAMP, key: str = KEY) -> str:
    return "sha256=" + hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def signed(body: bytes, stamp: str = STAMP, now: datetime = NOW) -> Request:
    headers = {"x-hotline-timestamp": stamp, "x-hotline-signature": hmac_hex(body, stamp)}
    return post(body, headers=headers, now=now)


def received(item: object) -> Inbound:
    [inbound] = ADAPTER.receive(signed(json.dumps(item).encode())).items
    assert isinstance(inbound, Inbound)
    return inbound


def test_a_signed_text_becomes_one_inbound() -> None:
    batch = ADAPTER.receive(signed(json.dumps(TEXT).encode()))
    [inbound] = batch.items
    assert isinstance(inbound, Inbound)
    assert (inbound.sender, inbound.recipient, inbound.text) == ("+8617000000001", "10690000", "有人让我转账")
    assert inbound.kind is Kind.TEXT
    assert inbound.sent_at == datetime(2026, 3, 4, 3, 59, tzinfo=UTC)
    assert inbound.received_at == NOW
    assert not inbound.partial
    assert part_of(inbound) is None
    assert json.loads(batch.ack_body) == {"accepted": True}
    assert batch.ack_type.startswith("application/json")


BODY = json.dumps(TEXT).encode()


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (post(BODY), "timestamp"),
        (post(BODY, headers={"X-Hotline-Timestamp": STAMP}), "signature"),
        (post(BODY, headers={"X-Hotline-Timestamp": STAMP, "X-Hotline-Signature": "sha256="}), "signature"),
        (post(BODY, headers={"X-Hotline-Timestamp": STAMP, "X-Hotline-Signature": hmac_hex(BODY)[7:]}), "signature"),
        (post(BODY, headers={"X-Hotline-Timestamp": STAMP, "X-Hotline-Signature": "sha256=é" + "\udc80"}), "signature"),
        (post(BODY + b" ", headers={"X-Hotline-Timestamp": STAMP, "X-Hotline-Signature": hmac_hex(BODY)}), "signature"),
        (
            post(BODY, headers={"X-Hotline-Timestamp": STAMP, "X-Hotline-Signature": hmac_hex(BODY, key="other")}),
            "signature",
        ),
        (
            post(BODY, headers={"X-Hotline-Timestamp": str(int(STAMP) + 1), "X-Hotline-Signature": hmac_hex(BODY)}),
            "signature",
        ),
        (signed(BODY, "１２３"), "timestamp"),
        (signed(BODY, "-1"), "timestamp"),
        (signed(BODY, "9" * 30), "timestamp"),
        (signed(BODY, now=NOW + timedelta(seconds=301)), "stale"),
        (signed(BODY, now=NOW - timedelta(seconds=301)), "stale"),
        (signed(b" " * (64 * 1024 + 1)), "oversized"),
        (post(BODY, method="GET"), "method"),
    ],
)
def test_what_proves_nothing_is_refused(request_: Request, reason: str) -> None:
    for take in (ADAPTER.receive, ADAPTER.receive_report):
        with pytest.raises(Refused) as caught:
            take(request_)
        assert caught.value.reason == reason


def test_freshness_and_size_are_taken_at_their_borders() -> None:
    for shift in (-300, 300):
        assert ADAPTER.receive(signed(BODY, now=NOW + timedelta(seconds=shift))).items
    padded = BODY + b" " * (64 * 1024 - len(BODY))
    assert isinstance(ADAPTER.receive(signed(padded)).items[0], Inbound)


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (b"", ["unreadable"]),
        (b"{", ["unreadable"]),
        (b"\xff\xfe\xfa", ["unreadable"]),
        (b"[" * 60_000, ["unreadable"]),
        (b'{"id": ' + b"9" * 5000 + b"}", ["unreadable"]),
        (b"null", ["not_an_object"]),
        (b"[1, []]", ["not_an_object", "not_an_object"]),
        (b"[]", []),
        (json.dumps(TEXT | {"from": None}).encode(), ["sender"]),
        (json.dumps(TEXT | {"from": "ICBC"}).encode(), ["sender"]),
        (json.dumps(TEXT | {"from": "9" * 500}).encode(), ["sender"]),
        (json.dumps(TEXT | {"from": True}).encode(), ["sender"]),
        (json.dumps({"from": "+8617000000001"}).encode(), ["text"]),
        (json.dumps(TEXT | {"text": {"a": 1}}).encode(), ["text"]),
        (json.dumps(TEXT | {"text": True}).encode(), ["text"]),
    ],
)
def test_authentic_nonsense_is_recorded_not_raised(body: bytes, reasons: list[str]) -> None:
    items = ADAPTER.receive(signed(body)).items
    assert [item.reason for item in items if isinstance(item, BadItem)] == reasons
    assert len(items) == len(reasons)


def test_one_bad_item_costs_only_itself() -> None:
    body = json.dumps([TEXT, {"from": "nobody", "text": "x"}, 7, TEXT | {"id": "m2"}]).encode()
    items = ADAPTER.receive(signed(body)).items
    assert [type(item) for item in items] == [Inbound, BadItem, BadItem, Inbound]
    digests = {item.digest for item in items if isinstance(item, BadItem)}
    assert len(digests) == 2
    assert ADAPTER.receive(signed(body)).items == items


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("", ""),
        ("a\x00b\x07c\x7f\x9f\r\nd\re\tf", "abc\nd\ne\tf"),
        ("🈲" * 3 + "𠮷", "🈲" * 3 + "𠮷"),
        ("]]><x>", "]]><x>"),
        ("字" * 10_000, "字" * 10_000),
        (10086, "10086"),
        ("\ud83d半个", "\ufffd半个"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_any_text_is_kept_and_storable(sent: object, kept: str) -> None:
    inbound = received(TEXT | {"text": sent})
    assert inbound.text == kept
    inbound.text.encode()


@pytest.mark.parametrize(
    "sent_at",
    [None, "", "soon", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-23:59", [], 10**14, "99999999999999"],
)
def test_an_unreadable_time_is_the_time_of_receipt(sent_at: object) -> None:
    assert received(TEXT | {"sent_at": sent_at}).sent_at == NOW


@pytest.mark.parametrize(
    "sent_at",
    [
        "2026-03-04T03:59:00Z",
        "2026-03-04 11:59:00",
        "20260304115900",
        1772596740,
        "1772596740",
        1772596740000,
    ],
)
def test_times_of_every_spelling_are_one_moment(sent_at: object) -> None:
    assert received(TEXT | {"sent_at": sent_at}).sent_at == datetime(2026, 3, 4, 3, 59, tzinfo=UTC)


def test_the_key_of_a_message_is_its_id_and_sender() -> None:
    key = received(TEXT).external_id
    assert len(key) == 64
    assert received(TEXT | {"from": "170 0000 0001", "sent_at": "2026-03-05", "text": "x"}).external_id == key
    assert received(TEXT | {"id": 5}).external_id == received(TEXT | {"id": "5"}).external_id
    others = [TEXT | {"id": "m2"}, TEXT | {"from": "+8617000000002"}, TEXT | {"id": 5}, TEXT | {"id": ""}]
    assert len({key, *(received(other).external_id for other in others)}) == 5


@pytest.mark.parametrize("no_id", [None, "", "  ", [], {"a": 1}, True, 1.5])
def test_without_an_id_the_words_and_the_second_make_the_key(no_id: object) -> None:
    one = TEXT | {"id": no_id}
    key = received(one).external_id
    assert received(one | {"sent_at": "2026-03-04T03:59:00.900Z"}).external_id == key
    for change in ({"sent_at": "2026-03-04T03:59:01Z"}, {"text": "有人让我转账!"}, {"to": "10690001"}):
        assert received(one | change).external_id != key


def test_borders_between_fields_are_part_of_the_key() -> None:
    first = received(TEXT | {"id": None, "to": "1", "text": "23"})
    second = received(TEXT | {"id": None, "to": "12", "text": "3"})
    assert first.external_id != second.external_id


def test_a_marked_part_can_be_joined_and_has_its_own_key() -> None:
    one = received(TEXT | {"parts": {"reference": 77, "total": "2", "index": 1}})
    two = received(TEXT | {"parts": {"reference": "77", "total": 2, "index": 2}})
    part = part_of(one)
    assert part is not None
    assert (part.reference, part.total, part.index, part.text) == ("77", 2, 1, TEXT["text"])
    assert part.received_at == NOW
    assert one.external_id != two.external_id


@pytest.mark.parametrize(
    "parts",
    [
        None,
        "2/3",
        {},
        {"reference": "7", "total": 1, "index": 1},
        {"reference": "7", "total": 2, "index": 3},
        {"reference": "7", "total": 2, "index": 0},
        {"reference": "", "total": 2, "index": 1},
        {"reference": "7", "total": 256, "index": 1},
        {"reference": "7", "total": "²", "index": 1},
        {"reference": "7", "total": True, "index": True},
    ],
)
def test_an_impossible_mark_leaves_a_whole_text(parts: object) -> None:
    assert part_of(received(TEXT | {"parts": parts})) is None


def test_receipts() -> None:
    body = json.dumps(
        [
            {"id": "out-1", "status": "delivered", "reason": ""},
            {"id": 2, "status": "failed", "reason": "EXPIRED for 17000000001"},
            {"id": "out-3", "status": "perhaps"},
            {"status": "failed"},
            None,
        ]
    ).encode()
    assert ADAPTER.receive_report(signed(body)) == [
        Receipt("out-1", "", "delivered", ""),
        Receipt("2", "", "failed", "EXPIRED for …"),
    ]
    assert ADAPTER.receive_report(signed(b"{")) == []


def test_sending_posts_the_signed_form() -> None:
    with operator(status=202) as peer:
        adapter = GenericAdapter(KEY, peer.url + "/send", 300, "反诈专线", clock=lambda: 1772596740.9)
        assert adapter.send(OUT) == SendOutcome("sent", "", "")
    [heard] = peer.heard
    assert heard.path == "/send"
    assert json.loads(heard.body) == {
        "id": "out-1",
        "to": "+8617000000001",
        "text": "【反诈专线】请先停止转账。",
        "conversation": "c-7",
    }
    assert heard.headers["X-Hotline-Timestamp"] == "1772596740"
    assert heard.headers["X-Hotline-Signature"] == hmac_hex(heard.body, "1772596740")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, SendOutcome("sent", "", "")),
        (204, SendOutcome("sent", "", "")),
        (301, SendOutcome("failed", "http_301", "")),
        (400, SendOutcome("failed", "http_400", "")),
        (403, SendOutcome("failed", "http_403", "")),
        (429, SendOutcome("retry", "http_429", "")),
        (500, SendOutcome("retry", "http_500", "")),
        (503, SendOutcome("retry", "http_503", "")),
        (504, SendOutcome("unknown", "http_504", "")),
    ],
)
def test_what_a_status_means(status: int, outcome: SendOutcome) -> None:
    with operator(status=status, body=b"") as peer:
        assert GenericAdapter(KEY, peer.url, 300).send(OUT) == outcome
    assert len(peer.heard) == 1


def test_a_redirect_is_not_followed() -> None:
    with operator() as elsewhere, operator(status=307, location=elsewhere.url) as peer:
        assert GenericAdapter(KEY, peer.url, 300).send(OUT) == SendOutcome("failed", "http_307", "")
    assert not elsewhere.heard


def test_a_closed_port_never_took_it() -> None:
    with operator() as peer:
        pass
    assert GenericAdapter(KEY, peer.url, 300).send(OUT) == SendOutcome("retry", "not_connected", "")


def test_silence_leaves_it_open_whether_it_was_taken() -> None:
    with operator(silent=True) as peer:
        assert GenericAdapter(KEY, peer.url, 300, timeout=SHORT).send(OUT) == SendOutcome("unknown", "read_timeout", "")
    assert len(peer.heard) == 1


def test_a_dropped_connection_leaves_it_open() -> None:
    with operator(drops=True) as peer:
        assert GenericAdapter(KEY, peer.url, 300).send(OUT) == SendOutcome("unknown", "broken_answer", "")


@pytest.mark.parametrize("url", ["", "operator.example/send", "ftp://operator.example", "http://"])
def test_an_address_that_is_none_fails(url: str) -> None:
    assert GenericAdapter(KEY, url, 300).send(OUT) == SendOutcome("failed", "bad_address", "")


def test_half_a_pair_in_a_text_does_not_stop_it() -> None:
    with operator() as peer:
        assert GenericAdapter(KEY, peer.url, 300).send(OutgoingSms("1", "10086", "坏\ud83d", "c")).status == "sent"
    assert json.loads(peer.heard[0].body)["text"] == "坏\ufffd"


def test_an_empty_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="HOTLINE_SMS_GENERIC_SECRET"):
        GenericAdapter("", "http://127.0.0.1:9", 300)


def test_contents_stay_out_of_logs() -> None:
    shown = repr(signed(BODY)) + repr(OUT)
    assert "17000000001" not in shown
    assert "停止" not in shown
    assert "有人" not in shown
