"""Tencent towards the hotline: what is delivered, how often, and what becomes of the answer."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, until
from tests.sandbox.intake import ACCOUNT, Delivery, Intake

OUTAGE = "该公众号提供的服务出现故障，请稍后再试"


def test_a_text_arrives_signed_and_encrypted_and_the_reply_comes_back(sandbox: Sandbox, intake: Intake) -> None:
    intake.answer = lambda delivery, here: (200, here.reply(delivery, "您好"))
    result = sandbox.send("o-anna", kind="text", text="在吗 ]]> 😀")
    assert not intake.forged
    (delivery,) = intake.deliveries
    assert delivery.query["encrypt_type"] == "aes" and delivery.query["openid"] == "o-anna"
    assert delivery.message["Content"] == "在吗 ]]> 😀"
    assert delivery.message["FromUserName"] == "o-anna" and delivery.message["ToUserName"] == ACCOUNT
    assert delivery.message["MsgId"].isdecimal() and len(delivery.message["CreateTime"]) == 10
    assert result["reply"] == "您好" and not result["outage"] and result["finished"]
    assert [attempt["outcome"] for attempt in result["deliveries"]] == ["replied"]
    assert [(bubble["via"], bubble["text"]) for bubble in sandbox.bubbles("o-anna")] == [
        ("resident", "在吗 ]]> 😀"),
        ("passive", "您好"),
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"kind": "image", "media_id": "m1"}, {"MsgType": "image", "MediaId": "m1"}),
        (
            {"kind": "voice", "media_id": "m2", "recognition": "你好"},
            {"MsgType": "voice", "MediaId": "m2", "Format": "amr", "Recognition": "你好"},
        ),
        ({"kind": "video", "media_id": "m3"}, {"MsgType": "video", "MediaId": "m3", "ThumbMediaId": "m3-thumb"}),
        (
            {"kind": "location", "latitude": 31.5, "longitude": 121.25, "label": "村口"},
            {"MsgType": "location", "Location_X": "31.500000", "Location_Y": "121.250000", "Label": "村口"},
        ),
        (
            {"kind": "link", "title": "题", "description": "述", "url": "https://a.example/?b=1&c"},
            {"MsgType": "link", "Title": "题", "Description": "述", "Url": "https://a.example/?b=1&c"},
        ),
    ],
)
def test_every_kind_of_message(
    sandbox: Sandbox, intake: Intake, message: dict[str, Any], expected: dict[str, str]
) -> None:
    sandbox.send("o-anna", **message)
    (delivery,) = intake.deliveries
    assert {name: delivery.message[name] for name in expected} == expected
    assert "MsgId" in delivery.message


@pytest.mark.parametrize("event", ["subscribe", "unsubscribe", "CLICK", "SCAN"])
def test_events_carry_a_key_and_no_message_id(sandbox: Sandbox, intake: Intake, event: str) -> None:
    sandbox.send("o-anna", kind="event", event=event, event_key="举报")
    (delivery,) = intake.deliveries
    assert delivery.message["MsgType"] == "event" and delivery.message["Event"] == event
    assert delivery.message["EventKey"] == "举报" and "MsgId" not in delivery.message


def test_who_unfollows_sees_no_reply(sandbox: Sandbox, intake: Intake) -> None:
    intake.answer = lambda delivery, here: (200, here.reply(delivery, "再见"))
    assert sandbox.send("o-anna", kind="event", event="unsubscribe")["reply"] == "再见"
    assert [bubble["via"] for bubble in sandbox.bubbles("o-anna")] == ["resident"]


@pytest.mark.parametrize("body", [b"", b"success", b" success\n"])
def test_no_reply_is_no_outage(sandbox: Sandbox, intake: Intake, body: bytes) -> None:
    intake.answer = lambda delivery, here: (200, body)
    result = sandbox.send("o-anna", text="在吗")
    assert result["reply"] is None and not result["outage"]
    assert [attempt["outcome"] for attempt in result["deliveries"]] == ["silent"]
    assert [bubble["via"] for bubble in sandbox.bubbles("o-anna")] == ["resident"]


def second_type(delivery: Delivery, here: Intake) -> bytes:
    return here.reply(delivery, "好", Extra="<MsgType>x</MsgType>", MsgType="text</MsgType><MsgType>image")


INVALID = {
    "json": lambda delivery, here: b'{"reply": "hello"}',
    "plaintext xml": lambda delivery, here: b"<xml><Content>hello</Content></xml>",
    "signature": lambda delivery, here: here.reply(delivery, "好").replace(b"nonce", b"other"),
    "not swapped": lambda delivery, here: here.reply(delivery, "好", ToUserName=ACCOUNT),
    "no sender": lambda delivery, here: here.reply(delivery, "好", FromUserName=""),
    "milliseconds": lambda delivery, here: here.reply(delivery, "好", CreateTime="1700000000000"),
    "two types": second_type,
    "unknown type": lambda delivery, here: here.reply(delivery, "好", MsgType="poem"),
    "no content": lambda delivery, here: here.reply(delivery, "好", Content=""),
    "2049 bytes": lambda delivery, here: here.reply(delivery, "好" * 683),
    "two documents": lambda delivery, here: here.seal("<xml/><xml/>"),
    "trailing rubbish": lambda delivery, here: here.reply(delivery, "好") + b"<p/>",
}


@pytest.mark.parametrize("fault", INVALID)
def test_an_invalid_answer_shows_the_outage_banner_at_once(sandbox: Sandbox, intake: Intake, fault: str) -> None:
    intake.answer = lambda delivery, here: (200, INVALID[fault](delivery, here))
    result = sandbox.send("o-anna", text="在吗")
    assert result["outage"] and result["reply"] is None
    assert [attempt["outcome"] for attempt in result["deliveries"]] == ["invalid"], result
    assert sandbox.bubbles("o-anna")[-1]["text"] == OUTAGE


def test_a_refused_delivery_is_tried_three_times(sandbox: Sandbox, intake: Intake) -> None:
    intake.answer = lambda delivery, here: (500, b"")
    result = sandbox.send("o-anna", text="在吗")
    assert [attempt["outcome"] for attempt in result["deliveries"]] == ["refused"] * 3
    assert result["outage"]
    assert len({delivery.plaintext for delivery in intake.deliveries}) == 1


def test_a_late_answer_brings_another_delivery_while_the_first_still_runs(sandbox: Sandbox, intake: Intake) -> None:
    first_may_end = threading.Event()
    running: list[bool] = []

    def answer(delivery: Delivery, here: Intake) -> tuple[int, bytes]:
        if len(here.deliveries) == 1:
            first_may_end.wait(20)
        else:
            running.append(not first_may_end.is_set())
        return 200, here.reply(delivery, "好")

    intake.answer = answer
    sandbox.post("/api/misbehave", wechat_delivery={"delay_cutoff": 0.5})
    result = sandbox.send("o-anna", text="在吗")
    first_may_end.set()
    assert running == [True]
    assert [attempt["outcome"] for attempt in result["deliveries"]] == ["cut", "replied"]
    assert result["reply"] == "好" and not result["outage"]
    first, second = intake.deliveries
    assert (first.query, first.plaintext) == (second.query, second.plaintext)


def test_three_late_answers_are_an_outage(sandbox: Sandbox, intake: Intake) -> None:
    over = threading.Event()
    intake.answer = lambda delivery, here: (over.wait(20), (200, here.reply(delivery, "好")))[1]
    sandbox.post("/api/misbehave", wechat_delivery={"delay_cutoff": 0.2})
    result = sandbox.send("o-anna", text="在吗")
    over.set()
    assert [attempt["outcome"] for attempt in result["deliveries"]] == ["cut"] * 3
    assert result["outage"] and result["reply"] is None


def test_an_endless_answer_is_read_to_a_limit(sandbox: Sandbox, intake: Intake) -> None:
    intake.answer = lambda delivery, here: (200, b"x" * 50_000_000)
    assert sandbox.send("o-anna", text="在吗")["deliveries"][0]["outcome"] == "invalid"


@pytest.mark.parametrize("resign", [False, True])
def test_overlapping_duplicates(sandbox: Sandbox, intake: Intake, resign: bool) -> None:
    together = threading.Barrier(3, timeout=20)

    def answer(delivery: Delivery, here: Intake) -> tuple[int, bytes]:
        together.wait()  # passes only when three run at once
        return 200, here.reply(delivery, "好")

    intake.answer = answer
    sandbox.post("/api/misbehave", wechat_delivery={"duplicate": 3, "overlap": True, "resign": resign, "times": 1})
    result = sandbox.send("o-anna", text="在吗")
    assert [attempt["reply"] for attempt in result["deliveries"]] == ["好"] * 3
    assert len({delivery.plaintext for delivery in intake.deliveries}) == 1
    assert len({delivery.query["nonce"] for delivery in intake.deliveries}) == (3 if resign else 1)
    assert [bubble["via"] for bubble in sandbox.bubbles("o-anna")] == ["resident", "passive"]
    assert sandbox.get("/api/misbehave") == {}


def test_without_wait_the_answer_is_seen_in_the_chat(sandbox: Sandbox, intake: Intake) -> None:
    go_on = threading.Event()
    intake.answer = lambda delivery, here: (go_on.wait(20), (200, here.reply(delivery, "好")))[1]
    result = sandbox.send("o-anna", text="在吗", wait=False)
    assert not result["finished"]
    go_on.set()
    until(lambda: sandbox.bubbles("o-anna", "passive"))


def test_xml_is_sent_as_it_is_but_properly_signed(sandbox: Sandbox, intake: Intake) -> None:
    sandbox.send("o-anna", kind="xml", xml="<xml><MsgType>broken")
    assert not intake.forged
    assert intake.deliveries[0].plaintext == "<xml><MsgType>broken"


def test_the_same_id_and_time_can_be_given(sandbox: Sandbox, intake: Intake) -> None:
    for _ in range(2):
        sandbox.send("o-anna", text="在吗", id=77, create_time=1700000000)
    assert [(each.message["MsgId"], each.message["CreateTime"]) for each in intake.deliveries] == [
        ("77", "1700000000")
    ] * 2


def test_raw_posts_what_it_is_given(sandbox: Sandbox, intake: Intake) -> None:
    answer = sandbox.post(
        "/api/wechat/raw", query={"signature": "forged", "timestamp": "1", "nonce": "2"}, body="<xml/>"
    )
    assert answer["status"] == 403
    assert intake.forged and not intake.deliveries


def test_handshake(sandbox: Sandbox, intake: Intake) -> None:
    assert sandbox.post("/api/wechat/handshake") == {"ok": True}


def test_nobody_there(sandbox: Sandbox, intake: Intake, intake_server: Any) -> None:
    intake_server.close()
    result = sandbox.send("o-anna", text="在吗")
    assert [attempt["outcome"] for attempt in result["deliveries"]] == ["unreachable"] * 3
    assert result["outage"]
    assert sandbox.post("/api/wechat/handshake") == {"ok": False}


def test_the_usual_cut_off_is_five_seconds(sandbox: Sandbox, intake: Intake) -> None:
    over = threading.Event()

    def answer(delivery: Delivery, here: Intake) -> tuple[int, bytes]:
        if len(here.deliveries) == 1:
            over.wait(20)
        return 200, here.reply(delivery, "好")

    intake.answer = answer
    started = time.monotonic()
    result = sandbox.send("o-anna", text="在吗")
    over.set()
    assert time.monotonic() - started >= 5
    assert result["deliveries"][0]["seconds"] >= 5 and result["reply"] == "好"
