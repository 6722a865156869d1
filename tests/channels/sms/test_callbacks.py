"""Aliyun, Tencent and 云MAS: raw callbacks as their documents show them, guarded by path secret and network."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from bot.channels.sms.adapter import Adapter, BadItem, Receipt, Refused
from bot.channels.sms.aliyun import AliyunAdapter
from bot.channels.sms.gate import CallbackGate
from bot.channels.sms.joining import part_of
from bot.channels.sms.mas import MasAccount, MasAdapter, MasFields
from bot.channels.sms.tencent import TencentAdapter
from conversations.inbound import Inbound
from tests.channels.sms.operator import SECRET, post

PEERS = ("203.0.113.0/24", "2001:db8::/32")
GATE = CallbackGate(SECRET, PEERS)
ALIYUN = AliyunAdapter(GATE, "key", "secret", "http://127.0.0.1:9", "签名", "SMS_1")
TENCENT = TencentAdapter(GATE, "id", "key", "http://127.0.0.1:9", "ap-guangzhou", "140", "签名", "1")
ACCOUNT = MasAccount("http://127.0.0.1:9", "单位", "ap", "secret", "SIGN", "01")
MAS = MasAdapter(GATE, ACCOUNT)

ALIYUN_ITEM = {
    "phone_number": "17000000001",
    "send_time": "2026-03-04 11:59:00",
    "content": "有人让我转账",
    "sign_name": "签名",
    "dest_code": "1234",
    "sequence_id": 1234567890,
}
TENCENT_ITEM = {
    "extend": "01",
    "mobile": "17000000001",
    "nationcode": "86",
    "sign": "签名",
    "text": "有人让我转账",
    "time": "2026-03-04 11:59:00",
}
MAS_ITEM = {
    "mobile": "17000000001",
    "smsContent": "有人让我转账",
    "sendTime": "2026-03-04 11:59:00",
    "addSerial": "1069000001",
}
CALLBACKS: list[tuple[Adapter, object]] = [(ALIYUN, [ALIYUN_ITEM]), (TENCENT, TENCENT_ITEM), (MAS, MAS_ITEM)]


def inbounds(adapter: Adapter, content: object) -> list[Inbound | BadItem]:
    return adapter.receive(post(json.dumps(content).encode())).items


def one(adapter: Adapter, content: object) -> Inbound:
    [item] = inbounds(adapter, content)
    assert isinstance(item, Inbound)
    return item


@pytest.mark.parametrize(("adapter", "content"), CALLBACKS)
def test_the_documented_callback_becomes_one_inbound(adapter: Adapter, content: object) -> None:
    inbound = one(adapter, content)
    assert inbound.sender == "+8617000000001"
    assert inbound.text == "有人让我转账"
    assert inbound.sent_at == datetime(2026, 3, 4, 3, 59, tzinfo=UTC)
    assert inbound.recipient in ("1234", "01", "1069000001")
    assert one(adapter, content).external_id == inbound.external_id


@pytest.mark.parametrize(
    ("adapter", "ack"),
    [
        (ALIYUN, {"code": 0, "msg": "接收成功"}),
        (TENCENT, {"result": 0, "errmsg": "OK"}),
        (MAS, {"rspcod": "success", "success": True}),
    ],
)
def test_acknowledgements(adapter: Adapter, ack: object) -> None:
    batch = adapter.receive(post(b"half a callb"))
    assert json.loads(batch.ack_body) == ack
    assert [item.reason for item in batch.items if isinstance(item, BadItem)] == ["unreadable"]


def test_who_converses() -> None:
    assert [adapter.conversational for adapter in (ALIYUN, TENCENT, MAS)] == [False, False, True]
    assert not any(adapter.idempotent for adapter in (ALIYUN, TENCENT, MAS))


@pytest.mark.parametrize(("adapter", "content"), CALLBACKS)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"path_secret": ""}, "path_secret"),
        ({"path_secret": SECRET[:-1]}, "path_secret"),
        ({"path_secret": SECRET + "0"}, "path_secret"),
        ({"path_secret": "é\udc80"}, "path_secret"),
        ({"peer": "198.51.100.1"}, "peer"),
        ({"peer": "2001:db9::1"}, "peer"),
        ({"peer": ""}, "peer"),
        ({"peer": "unix:"}, "peer"),
        ({"method": "GET"}, "method"),
        ({"body": b"[" + b" " * 65_536}, "oversized"),
    ],
)
def test_strangers_are_refused(adapter: Adapter, content: object, changes: dict[str, object], reason: str) -> None:
    request = replace(post(json.dumps(content).encode()), **changes)  # type: ignore[arg-type]
    for take in (adapter.receive, adapter.receive_report):
        with pytest.raises(Refused) as caught:
            take(request)
        assert caught.value.reason == reason


@pytest.mark.parametrize("peer", ["203.0.113.255", "::ffff:203.0.113.1", "2001:db8::1"])
def test_known_networks_pass(peer: str) -> None:
    GATE.check(post(b"", peer=peer))


def test_without_a_list_any_peer_passes() -> None:
    CallbackGate(SECRET).check(post(b"", peer="198.51.100.1"))


def test_a_gate_needs_a_real_secret_and_real_networks() -> None:
    with pytest.raises(ValueError, match="HOTLINE_SMS_CALLBACK_SECRET"):
        CallbackGate(SECRET[:31])
    with pytest.raises(ValueError, match="not-a-network"):
        CallbackGate(SECRET, ["not-a-network"])


def test_an_aliyun_batch_survives_its_bad_items() -> None:
    batch = [
        ALIYUN_ITEM,
        None,
        ALIYUN_ITEM | {"phone_number": ""},
        {key: value for key, value in ALIYUN_ITEM.items() if key != "content"},
        ALIYUN_ITEM | {"sequence_id": "2", "content": ""},
    ]
    items = inbounds(ALIYUN, batch)
    assert [item.reason if isinstance(item, BadItem) else item.text for item in items] == [
        "有人让我转账",
        "not_an_object",
        "sender",
        "text",
        "",
    ]


def test_an_aliyun_number_is_one_id_as_string_and_as_number() -> None:
    as_text = one(ALIYUN, [ALIYUN_ITEM | {"sequence_id": "1234567890", "send_time": "20260304115900"}])
    assert as_text.external_id == one(ALIYUN, [ALIYUN_ITEM]).external_id
    assert one(ALIYUN, [ALIYUN_ITEM | {"sequence_id": 1234567891}]).external_id != as_text.external_id


def test_providers_do_not_share_keys() -> None:
    keys = {
        one(adapter, content | {"msgId": "", "sequence_id": ""}).external_id
        for adapter, content in (
            (ALIYUN, ALIYUN_ITEM | {"dest_code": "x"}),
            (TENCENT, TENCENT_ITEM | {"extend": "x"}),
            (MAS, MAS_ITEM | {"addSerial": "x"}),
        )
    }
    assert len(keys) == 3


def test_a_tencent_text_twice_within_a_second_is_one() -> None:
    key = one(TENCENT, TENCENT_ITEM).external_id
    assert one(TENCENT, TENCENT_ITEM | {"sign": "别的"}).external_id == key
    later = TENCENT_ITEM | {"time": "2026-03-04 11:59:01"}
    assert one(TENCENT, later).external_id != key
    assert one(TENCENT, TENCENT_ITEM | {"text": "有人让我转账了"}).external_id != key


@pytest.mark.parametrize(
    ("nation", "mobile", "sender"),
    [
        ("86", "17000000001", "+8617000000001"),
        (86, 17000000001, "+8617000000001"),
        ("", "17000000001", "+8617000000001"),
        ("+86", "17000000001", "+8617000000001"),
        ("86", "+8617000000001", "+8617000000001"),
        ("852", "50000000", "+85250000000"),
        ("86", "10086", "10086"),
    ],
)
def test_a_tencent_sender_has_its_country(nation: object, mobile: object, sender: str) -> None:
    assert one(TENCENT, TENCENT_ITEM | {"nationcode": nation, "mobile": mobile}).sender == sender


def test_mas_takes_forms_parsed_and_raw() -> None:
    key = one(MAS, MAS_ITEM).external_id
    parsed = MAS.receive(post(b"", form=MAS_ITEM)).items[0]
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
    raw = MAS.receive(post(urlencode(MAS_ITEM).encode(), headers=headers)).items[0]
    for item in (parsed, raw):
        assert isinstance(item, Inbound)
        assert item.external_id == key


@pytest.mark.parametrize("body", [b"\xff=1", b"a=1&" * 200])
def test_a_mas_form_that_cannot_be_read_is_recorded(body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    [item] = MAS.receive(post(body, headers=headers)).items
    assert isinstance(item, BadItem)
    assert item.reason == "unreadable"


def test_mas_names_come_in_any_case_and_by_contract() -> None:
    key = one(MAS, MAS_ITEM).external_id
    assert one(MAS, {name.upper(): value for name, value in MAS_ITEM.items()}).external_id == key
    odd = {"von": "17000000001", "was": "有人让我转账", "wann": "20260304115900", "an": "1069000001"}
    contract = MasFields(sender=("von",), text=("was",), sent_at=("wann",), recipient=("an",))
    assert one(MasAdapter(GATE, ACCOUNT, fields=contract), odd).external_id == key
    assert one(MAS, [MAS_ITEM]).external_id == key


def test_mas_parts_are_marked() -> None:
    part = part_of(one(MAS, MAS_ITEM | {"reference": "9", "pkTotal": "3", "pkNumber": "2"}))
    assert part is not None
    assert (part.reference, part.total, part.index) == ("9", 3, 2)


@pytest.mark.parametrize(
    ("adapter", "content", "receipts"),
    [
        (
            ALIYUN,
            [
                {
                    "phone_number": "17000000001",
                    "success": True,
                    "err_code": "DELIVERED",
                    "biz_id": "b1",
                    "out_id": "1",
                },
                {"success": False, "err_code": "MOBILE_NOT_ON_SERVICE", "biz_id": "b2", "out_id": 2},
                {"success": "true", "biz_id": "b3"},
                {"success": True},
                "x",
            ],
            [Receipt("1", "b1", "delivered", "DELIVERED"), Receipt("2", "b2", "failed", "MOBILE_NOT_ON_SERVICE")],
        ),
        (
            TENCENT,
            [
                {"mobile": "17000000001", "report_status": "SUCCESS", "errmsg": "DELIVRD", "sid": "s1"},
                {"report_status": "FAIL", "errmsg": "MK:0001", "sid": "s2"},
                {"report_status": "FAIL"},
                {"report_status": "?", "sid": "s3"},
            ],
            [Receipt("", "s1", "delivered", "DELIVRD"), Receipt("", "s2", "failed", "MK:0001")],
        ),
        (
            MAS,
            [
                {"reportStatus": "CM:0000", "errorCode": "DELIVRD", "msgGroup": "g1", "mobile": "17000000001"},
                {"reportStatus": "DELIVRD", "errorCode": "", "msgGroup": "g2"},
                {"reportStatus": "CM:0000", "errorCode": "DB:0140", "msgGroup": "g3"},
                {"reportStatus": "CM:0000", "msgGroup": "g4"},
                {"reportStatus": "DELIVRD"},
            ],
            [
                Receipt("", "g1", "delivered", "DELIVRD"),
                Receipt("", "g2", "delivered", "DELIVRD"),
                Receipt("", "g3", "failed", "DB:0140"),
            ],
        ),
    ],
)
def test_receipts(adapter: Adapter, content: object, receipts: list[Receipt]) -> None:
    assert adapter.receive_report(post(json.dumps(content).encode())) == receipts
    assert adapter.receive_report(post(b"[{")) == []


def test_an_unreadable_receipt_leaves_a_line_without_content(caplog: pytest.LogCaptureFixture) -> None:
    ALIYUN.receive_report(post(b'[{"phone_number": "17000000001", "success": 1}]'))
    [record] = caplog.records
    assert record.__dict__["reason"] == "status"
    assert "17000000001" not in str(record.__dict__)
