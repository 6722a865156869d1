"""What may be posted to ``/wechat``: repeats, forgeries, damage and oddities."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest
import requests

from handlers.words import general
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox
from tests.e2e.stack import Stack, until
from tests.e2e.wire import Wire, open_id, outer, text_xml

SAID = "这句话不该出现在日志里"
CONTENT = re.compile(r"<Content><!\[CDATA\[(.*)\]\]></Content>", re.DOTALL)


@pytest.fixture(scope="module")
def wire(hotline: Stack) -> Wire:
    return Wire(hotline)


@pytest.mark.parametrize("resign", [False, True], ids=["same-request", "signed-anew"])
def test_three_overlapping_deliveries_are_one_message_with_one_answer(
    resign: bool, sandbox: Sandbox, records: Records
) -> None:
    """Given a message delivered three times at once, when all are answered, then one row is stored and the three
    answers are the same; the question that follows comes once."""
    sandbox.misbehave(wechat_delivery={"duplicate": 3, "overlap": True, "resign": resign, "times": 1})
    resident = sandbox.wechat()

    exchange = resident.send(text="我刚才被骗了,转了两万块给对方")

    replies = [delivery["reply"] for delivery in exchange["deliveries"]]
    assert len(replies) == 3 and replies[0] and len(set(replies)) == 1
    assert len(records.messages(resident, "in")) == 1
    assert len(records.of("stops", resident)) == 1
    resident.wait_for(2)
    records.wait_for_deliveries(resident, lambda fates: fates == ["sent", "sent"])
    assert len(resident.bubbles("custom")) == 1


def test_deliveries_after_a_cut_connection_find_the_first_answer(sandbox: Sandbox, records: Records) -> None:
    """Given WeChat that hangs up at once, when it delivers again and again, then the words are one message."""
    sandbox.misbehave(wechat_delivery={"delay_cutoff": 0.001, "times": 1})
    resident = sandbox.wechat()

    exchange = resident.send(text="你好")

    assert [delivery["outcome"] for delivery in exchange["deliveries"]] == ["cut"] * 3
    until(lambda: len(records.messages(resident, "in")) == 1, "the one message")
    assert len(records.messages(resident, "out")) == 1


def test_a_late_replay_is_answered_as_the_repeat_it_is(wire: Wire, records: Records) -> None:
    """Given a stored message, when the same is replayed with an hour-old signature, then the first answer comes again
    and nothing is stored; an hour-old one nobody knows is refused."""
    sender, created = open_id(), int(time.time())
    first = CONTENT.search(wire.opened(wire.deliver(text_xml(sender, "你好", 1, created))))
    before = records.counts()

    again = CONTENT.search(wire.opened(wire.deliver(text_xml(sender, "你好", 1, created), age=3600)))
    unknown = wire.deliver(text_xml(open_id(), "你好", 2), age=3600)

    assert first and again and first.group(1) == again.group(1)
    assert unknown.status_code == 403
    assert records.counts() == before


def _refused(wire: Wire) -> dict[str, Callable[[], requests.Response]]:
    xml = text_xml(open_id(), SAID, 3)
    encrypted = wire.envelope.encrypt(xml.encode())
    query = wire.query(wire.envelope, encrypted)
    doctype = b'<!DOCTYPE xml [<!ENTITY e "e">]>' + outer(encrypted)
    unsigned = {name: value for name, value in query.items() if name != "msg_signature"}
    return {
        "unsigned": lambda: wire.post("/wechat", outer(encrypted), params=unsigned),
        "no-query": lambda: wire.post("/wechat", outer(encrypted)),
        "wrongly-signed": lambda: wire.deliver(xml, envelope=wire.stranger),
        "another-body": lambda: wire.post("/wechat", outer(wire.envelope.encrypt(b"<xml/>")), params=query),
        "another-account": lambda: wire.deliver(xml, envelope=wire.other_account),
        "stale": lambda: wire.deliver(xml, age=3600),
        "from-the-future": lambda: wire.deliver(xml, age=-3600),
        "plaintext": lambda: wire.post("/wechat", xml.encode(), params=query),
        "sender-chooses-plaintext": lambda: wire.post("/wechat", xml.encode(), params={**query, "encrypt_type": "raw"}),
        "doctype": lambda: wire.post("/wechat", doctype, params=query),
        "oversized": lambda: wire.deliver(text_xml(open_id(), SAID * 6000, 4)),
        "not-xml": lambda: wire.post("/wechat", SAID.encode(), params=query),
        "empty": lambda: wire.post("/wechat", b"", params=query),
    }


REFUSED = (
    "unsigned no-query wrongly-signed another-body another-account stale from-the-future plaintext "
    "sender-chooses-plaintext doctype oversized not-xml empty"
).split()


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_from_wechat_is_refused_and_leaves_one_line(
    case: str, wire: Wire, records: Records, hotline: Stack
) -> None:
    """Given a post that proves nothing, when it comes, then 403 (413), nothing stored, one line without its content."""
    before, log = records.counts(), hotline.log("intake")

    answer = _refused(wire)[case]()

    assert (answer.status_code, answer.text) == (413 if case == "oversized" else 403, "")
    assert records.counts() == before
    until(lambda: len(hotline.log("intake")) > len(log), "a line in the log")
    lines = hotline.log("intake")[len(log) :].splitlines()
    assert len(lines) == 1, lines
    assert SAID not in lines[0] and "\\u8fd9" not in lines[0] and "Traceback" not in lines[0]
    assert json.loads(lines[0])["reason"]


def test_the_handshake_echoes_only_what_is_signed(sandbox: Sandbox, hotline: Stack) -> None:
    """Given the check of the server configuration, when it is signed, then its word is echoed; else it is refused."""
    assert sandbox.post("/api/wechat/handshake") == {"ok": True}
    forged = sandbox.http.get(
        hotline.url("intake") + "/wechat",
        params={"signature": "0" * 40, "timestamp": str(int(time.time())), "nonce": "1", "echostr": "hello"},
        timeout=30,
    )
    assert (forged.status_code, forged.text) == (403, "")


def test_signed_but_unreadable_is_taken_and_recorded_once(wire: Wire, records: Records) -> None:
    """Given an authentic delivery nobody can read, when it comes twice, then it is acknowledged and recorded once."""
    unreadable = "SELECT count(*) FROM unreadable_deliveries WHERE channel = 'wechat'"
    before = records.one(unreadable)
    broken = f"<xml><FromUserName>{open_id()}</FromUserName>"
    doctype = f'<!DOCTYPE xml [<!ENTITY e "{open_id()}">]><xml><FromUserName>&e;</FromUserName></xml>'
    garbage = f"AAAA{open_id()}"

    for xml in (broken, broken, doctype):
        answer = wire.deliver(xml)
        assert (answer.status_code, answer.text) == (200, "success")
    answer = wire.post("/wechat", outer(garbage), params=wire.query(wire.envelope, garbage))
    assert (answer.status_code, answer.text) == (200, "success")

    assert records.one(unreadable) == before + 3


def _xml(sender: str, *fields: str) -> str:
    return f"<xml><ToUserName>gh_sandbox0000</ToUserName><FromUserName>{sender}</FromUserName>{''.join(fields)}</xml>"


NOW = f"<CreateTime>{int(time.time())}</CreateTime>"
TEXT = "<MsgType>text</MsgType>"
ODD = {
    "unknown-kind": (NOW, "<MsgType>hologram</MsgType>", "<MsgId>1</MsgId>"),
    "unknown-event": (NOW, "<MsgType>event</MsgType>", "<Event>MASSSENDJOBFINISH</Event>"),
    "event-without-a-name": (NOW, "<MsgType>event</MsgType>"),
    "no-kind": (NOW, "<Content>你好</Content>", "<MsgId>1</MsgId>"),
    "no-time": (TEXT, "<Content>你好</Content>", "<MsgId>1</MsgId>"),
    "no-id": (NOW, TEXT, "<Content>你好</Content>"),
    "no-content": (NOW, TEXT, "<MsgId>1</MsgId>"),
    "absurd-time": ("<CreateTime>99999999999999999999</CreateTime>", TEXT, "<Content>你好</Content>"),
    "negative-id": (NOW, TEXT, "<Content>你好</Content>", "<MsgId>-1</MsgId>"),
    "control-characters": (NOW, TEXT, "<Content>你\x01好\x0b\x1f</Content>", "<MsgId>1</MsgId>"),
    "end-of-cdata": (NOW, TEXT, "<Content><![CDATA[你好]]]]><![CDATA[>吗]]></Content>", "<MsgId>1</MsgId>"),
    "four-byte-characters": (NOW, TEXT, "<Content>你好😀𠮷</Content>", "<MsgId>1</MsgId>"),
    "nul-reference": (NOW, TEXT, "<Content>你好 </Content>", "<MsgId>1</MsgId>", "<Unknown><Deep>x</Deep></Unknown>"),
    "empty-text": (NOW, TEXT, "<Content></Content>", "<MsgId>1</MsgId>"),
    "blank-text": (NOW, TEXT, "<Content>  \n </Content>", "<MsgId>1</MsgId>"),
    "ten-thousand-characters": (NOW, TEXT, f"<Content>{'被骗了怎么办' * 1666}四个字符</Content>", "<MsgId>1</MsgId>"),
    "picture-without-an-id": (NOW, "<MsgType>image</MsgType>", "<MsgId>1</MsgId>"),
    "place-without-coordinates": (NOW, "<MsgType>location</MsgType>", "<MsgId>1</MsgId>"),
    "a-field-twice": (NOW, TEXT, "<Content>一</Content><Content>二</Content>", "<MsgId>1</MsgId>"),
}


@pytest.mark.parametrize("case", list(ODD))
def test_odd_but_authentic_input_is_stored_and_validly_answered(
    case: str, sandbox: Sandbox, records: Records, hotline: Stack
) -> None:
    """Given an authentic delivery that is odd, when it comes, then it is stored, the answer is one WeChat accepts, and
    the log has no stack trace."""
    resident = sandbox.wechat()
    query = "SELECT count(*) FROM messages WHERE direction = 'in'"
    before, log = records.one(query), len(hotline.log("intake"))

    exchange = resident.send(kind="xml", xml=_xml(resident.sender, *ODD[case]))

    assert len(exchange["deliveries"]) == 1
    assert exchange["deliveries"][0]["outcome"] in ("replied", "silent"), exchange
    assert records.one(query) == before + 1
    assert "Traceback" not in hotline.log("intake")[log:]
    assert '"level": "ERROR"' not in hotline.log("intake")[log:]


def test_ten_thousand_characters_are_kept_to_the_last(sandbox: Sandbox, records: Records) -> None:
    """Given a text of 10,000 characters, when it comes on WeChat and by SMS, then every character is kept."""
    text = "骗" * 9_996 + "最后四字"
    resident, plain = sandbox.wechat(), sandbox.sms()
    assert resident.says(text)
    plain.send(text)

    assert [row["text"] for row in records.messages(resident, "in")] == [text]
    plain.wait_for(1)
    assert [row["text"] for row in records.messages(plain, "in")] == [text]


def test_an_empty_text_is_asked_for_again(sandbox: Sandbox) -> None:
    """Given an empty text, when it comes, then the resident is asked to send it again."""
    assert sandbox.wechat().says("") == general.EMPTY


def test_characters_that_break_xml_come_back_unbroken(sandbox: Sandbox, records: Records) -> None:
    """Given words that end a CDATA section, when they are stored, then they are stored as written."""
    resident = sandbox.wechat()
    text = "你好]]><MsgType>image</MsgType>😀&<>"

    assert resident.says(text)

    assert [row["text"] for row in records.messages(resident, "in")] == [text]
