"""What operators may post: batches, parts, repeats, receipts and half-broken callbacks."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from handlers.words import general
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Sms
from tests.e2e.stack import Stack, until
from tests.e2e.wire import Wire, number


@pytest.fixture(scope="module")
def wire(hotline: Stack) -> Wire:
    return Wire(hotline)


def _phone(sandbox: Sandbox, mobile: str) -> Sms:
    return Sms(sandbox, f"+86{mobile}")


def _unreadable(records: Records) -> int:
    return int(records.one("SELECT count(*) FROM unreadable_deliveries WHERE channel = 'sms'"))


def test_a_bad_item_does_not_spoil_a_batch(wire: Wire, sandbox: Sandbox, records: Records) -> None:
    """Given Aliyun's batch with one item that is no message, when it comes, then it is acknowledged in Aliyun's words,
    the others are answered and the bad one is recorded."""
    first, last = number(), number()
    before = _unreadable(records)

    def item(mobile: object, sequence: object) -> dict[str, object]:
        said = {"phone_number": mobile, "content": "你好", "dest_code": "10690000"}
        return {**said, "send_time": "2026-01-02 03:04:05", "sequence_id": sequence}

    answer = wire.provider("aliyun", [item(first, "1"), item(["no number"], 2), "nothing", item(last, 3)])

    assert answer.status_code == 200
    assert answer.json() == {"code": 0, "msg": "接收成功"}
    for mobile in (first, last):
        assert general.GREETING.split("{")[0] in _phone(sandbox, mobile).wait_for(1)[0]
    assert _unreadable(records) == before + 2


def test_tencents_single_object_is_taken(wire: Wire, sandbox: Sandbox, records: Records) -> None:
    """Given Tencent's callback (one object, no id), when the same comes twice, then it is one message."""
    mobile = number()
    content = {"extend": "01", "mobile": mobile, "nationcode": "86", "sign": "示例", "text": "你好", "time": 1767322800}

    for _ in range(2):
        answer = wire.provider("tencent", content)
        assert (answer.status_code, answer.json()) == (200, {"result": 0, "errmsg": "OK"})

    phone = _phone(sandbox, mobile)
    phone.wait_for(1)
    assert len(records.messages(phone, "in")) == 1


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_a_wrong_path_secret_is_refused(provider: str, wire: Wire, records: Records) -> None:
    """Given a callback that nobody signs, when its path secret is wrong or missing, then 403 and nothing stored."""
    before = records.counts()

    assert wire.provider(provider, [], secret="0" * 64).status_code == 403
    assert wire.post(f"/sms/{provider}", b"[]").status_code == 403
    assert wire.post("/sms/nobody/secret", b"[]").status_code == 403

    assert records.counts() == before


def test_a_generic_text_must_be_signed_and_fresh(wire: Wire, records: Records, hotline: Stack) -> None:
    """Given the signed provider, when a text is unsigned, wrongly signed, stale or too large, then 403, nothing stored,
    a line each without content."""
    said = "这句话不该出现在日志里"
    content = {"id": "1", "from": f"+86{number()}", "to": "10690000", "text": said, "sent_at": _now()}
    before, log = records.counts(), len(hotline.log("intake"))

    answers = [
        wire.post("/sms/generic", json.dumps(content).encode()),
        wire.generic(content, secret="another secret"),
        wire.generic(content, age=3600),
        wire.generic({**content, "text": said * 6000}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 413]
    assert records.counts() == before
    lines = until(lambda: _lines(hotline, log, 4), "four lines in the log")
    assert len(lines) == 4 and not any(said in line or "+86" in line for line in lines)


def _lines(hotline: Stack, since: int, count: int) -> list[str]:
    lines = hotline.log("intake")[since:].splitlines()
    return lines if len(lines) >= count else []


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def test_signed_nonsense_is_acknowledged_and_recorded(wire: Wire, records: Records) -> None:
    """Given a signed callback that is no message, when it comes, then it is acknowledged and recorded."""
    before = _unreadable(records)

    nonsense: tuple[object, ...] = (
        "words",
        {"from": "nobody", "to": "1", "text": "x"},
        {"from": f"+86{number()}"},
        [[]],
    )
    for content in nonsense:
        assert wire.generic(content).json() == {"accepted": True}

    assert _unreadable(records) == before + 4


def test_odd_characters_by_sms_are_taken(sandbox: Sandbox, records: Records) -> None:
    """Given control characters, 4-byte characters and an empty text, when they come by SMS, then all are stored."""
    resident = sandbox.sms()
    for text in ("你好😀𠮷", "你\x00好\x1b[0m", "", "]]>"):
        assert resident.send(text)["texts"][0]["accepted"]
    resident.wait_for(2)

    until(lambda: len(records.messages(resident, "in")) == 4, "four messages")
    assert [row["text"] for row in records.messages(resident, "in")][:2] == ["你好😀𠮷", "你好[0m"]


def test_parts_out_of_order_become_one_text(sandbox: Sandbox, records: Records) -> None:
    """Given a long text in three parts, when they come out of order and one twice, then one text is stored."""
    resident = sandbox.sms()
    pieces = {1: "我想举报,村口有人收银行卡,", 2: "一张五百块,还收电话卡,", 3: "就在示例镇示例村。"}

    for index in (3, 1, 1, 2):
        resident.send(pieces[index], parts={"reference": 7, "total": 3, "index": index})

    resident.wait_for(1)
    (message,) = records.messages(resident, "in")
    assert message["text"] == "".join(pieces.values())
    assert len(resident.heard()) == 1


def test_a_long_text_as_a_handset_cuts_it_is_one_text(sandbox: Sandbox, records: Records) -> None:
    """Given a text of 300 characters, when the operator delivers it in parts, then it is stored as it was written."""
    resident = sandbox.sms()
    text = "我要举报,他们冒充客服骗人," * 23

    assert len(resident.send(text, split=True)["texts"]) > 3

    resident.wait_for(1)
    assert [row["text"] for row in records.messages(resident, "in")] == [text]


def test_a_part_that_never_comes_is_not_waited_for_for_ever(sandbox: Sandbox, records: Records) -> None:
    """Given a long text of which one part is missing, when the time for it is over, then what is there is answered and
    the resident is told."""
    resident = sandbox.sms()
    resident.send("我要举报一个电话,", parts={"reference": 8, "total": 3, "index": 1})
    resident.send("他天天骗老人。", parts={"reference": 8, "total": 3, "index": 3})
    assert resident.heard() == []

    answer = resident.wait_for(1)[0]

    assert answer.endswith(general.PARTIAL)
    (message,) = records.messages(resident, "in")
    assert message["text"] == "我要举报一个电话,…他天天骗老人。"


def test_a_text_that_comes_twice_is_one_message(wire: Wire, sandbox: Sandbox, records: Records) -> None:
    """Given texts with and without an id, when each is delivered twice, then each is one message with one answer."""
    resident, nameless = sandbox.sms(), _phone(sandbox, number())
    for _ in range(2):
        resident.send("你好", id=f"twice-{resident.sender}")
    content = {"from": nameless.sender, "to": "10690000", "text": "你好", "sent_at": _now()}
    for _ in range(2):
        assert wire.generic(content).status_code == 200

    for phone in (resident, nameless):
        phone.wait_for(1)
        assert len(records.messages(phone, "in")) == 1
        assert len(records.messages(phone, "out")) == 1
        assert len(phone.heard()) == 1


def test_receipts_say_what_became_of_a_text(sandbox: Sandbox, records: Records) -> None:
    """Given answers by SMS, when the operator reports on them, then they are delivered or failed, with the reason."""
    lucky = sandbox.sms()
    lucky.says("你好")
    records.wait_for_deliveries(lucky, lambda fates: fates == ["delivered"])
    sandbox.misbehave(sms_send={"receipt": "failed", "reason": "UNDELIV"})
    unlucky = sandbox.sms()
    unlucky.says("你好")

    records.wait_for_deliveries(unlucky, lambda fates: fates == ["failed"])
    assert records.messages(unlucky, "out")[0]["reason"] == "UNDELIV"


def test_a_receipt_for_nothing_of_ours_is_acknowledged(wire: Wire, records: Records) -> None:
    """Given a receipt for a message nobody knows, when it comes, then nothing changes."""
    before = records.counts()
    for content in ({"id": "unknown", "status": "delivered"}, {"id": "", "status": "lost"}):
        assert wire.report(content).status_code == 200
    assert records.counts() == before
