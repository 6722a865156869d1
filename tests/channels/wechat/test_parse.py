from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.crypto import Unreadable
from bot.channels.wechat.parse import parse
from conversations.inbound import Channel, Inbound, Kind

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
CREATED = "1772600000"


def xml(inner: str, **head: str) -> bytes:
    fields = {"ToUserName": "gh_1", "FromUserName": "oResident", "CreateTime": CREATED, **head}
    return (
        "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items() if v) + inner + "</xml>"
    ).encode()


def message(kind: str, inner: str = "", **head: str) -> Inbound:
    return parse(xml(f"<MsgType>{kind}</MsgType><MsgId>77</MsgId>{inner}", **head), NOW)


def event(name: str, inner: str = "", **head: str) -> Inbound:
    return parse(xml(f"<MsgType>event</MsgType><Event>{name}</Event>{inner}", **head), NOW)


def test_text_whole() -> None:
    assert message("text", "<Content><![CDATA[ 我被骗了，转了3万 😭]]></Content>") == Inbound(
        channel=Channel.WECHAT,
        sender="oResident",
        recipient="gh_1",
        external_id=hashlib.sha256(f"message\0oResident\x0077\0{CREATED}".encode()).hexdigest(),
        kind=Kind.TEXT,
        received_at=NOW,
        sent_at=datetime.fromtimestamp(int(CREATED), UTC),
        text="我被骗了，转了3万 😭",
    )


LOCATION = "<Location_X>30.5</Location_X><Location_Y>104.1</Location_Y><Scale>15</Scale><Label>某某路</Label>"
MESSAGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "empty text": ("text", "<Content></Content>", {"kind": Kind.TEXT, "text": ""}),
    "no content": ("text", "", {"kind": Kind.TEXT, "text": ""}),
    "image": (
        "image",
        "<PicUrl>http://a.example/1</PicUrl><MediaId>m1</MediaId>",
        {"kind": Kind.IMAGE, "media_id": "m1", "extra": {"picture_url": "http://a.example/1"}},
    ),
    "image without id": ("image", "", {"kind": Kind.IMAGE, "media_id": ""}),
    "voice": (
        "voice",
        "<MediaId>m2</MediaId><Format>amr</Format><Recognition>有人冒充公安</Recognition>",
        {"kind": Kind.VOICE, "media_id": "m2", "text": "有人冒充公安", "extra": {"format": "amr"}},
    ),
    "voice not recognised": ("voice", "<MediaId>m2</MediaId><Recognition/>", {"kind": Kind.VOICE, "text": ""}),
    "video": (
        "video",
        "<MediaId>m3</MediaId><ThumbMediaId>t</ThumbMediaId>",
        {"kind": Kind.VIDEO, "media_id": "m3", "extra": {"thumb_media_id": "t"}},
    ),
    "shortvideo": ("shortvideo", "<MediaId>m4</MediaId>", {"kind": Kind.VIDEO, "media_id": "m4"}),
    "location": (
        "location",
        LOCATION,
        {"kind": Kind.LOCATION, "extra": {"latitude": "30.5", "longitude": "104.1", "scale": "15", "label": "某某路"}},
    ),
    "link": (
        "link",
        "<Title>兼职刷单</Title><Description>日结</Description><Url>http://b.example/</Url>",
        {
            "kind": Kind.LINK,
            "text": "兼职刷单\nhttp://b.example/",
            "extra": {"title": "兼职刷单", "description": "日结", "url": "http://b.example/"},
        },
    ),
    "unknown": (
        "miniprogrampage",
        "<Title>x</Title>",
        {"kind": Kind.UNKNOWN, "extra": {"title": "x", "type": "miniprogrampage"}},
    ),
    "no type": ("", "<Content>还在</Content>", {"kind": Kind.UNKNOWN, "text": "还在"}),
    "upper case": ("TEXT", "<Content>a</Content>", {"kind": Kind.TEXT}),
    "menu answer": ("text", "<Content>是</Content><bizmsgmenuid>101</bizmsgmenuid>", {"extra": {"menu_id": "101"}}),
    "pasted markup": (
        "text",
        "<Content><![CDATA[<!DOCTYPE html><MsgType>event</MsgType>]]></Content>",
        {"kind": Kind.TEXT, "text": "<!DOCTYPE html><MsgType>event</MsgType>"},
    ),
    "second of a name": ("text", "<Content>一</Content><Content>二</Content>", {"text": "一"}),
    "carriage returns": ("text", "<Content>a\r\nb&#13;c</Content>", {"text": "a\nb\nc"}),
    "control characters": ("text", "<Content>a\0b\x08\x1b\ufffe\x85c\td</Content>", {"text": "abc\td"}),
    "long": ("text", f"<Content>{'骗' * 10_000}</Content>", {"text": "骗" * 10_000}),
}


@pytest.mark.parametrize(("kind", "inner", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_messages(kind: str, inner: str, expected: dict[str, Any]) -> None:
    found = message(kind, inner)
    assert {name: getattr(found, name) for name in expected} == expected
    assert found.event == ""


KEY = "<EventKey>{}</EventKey>"
EVENTS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "follow": ("subscribe", "<EventKey/>", "", {}),
    "follow by code": ("subscribe", KEY.format("qrscene_9") + "<Ticket>T</Ticket>", "qrscene_9", {"ticket": "T"}),
    "unfollow": ("unsubscribe", "", "", {}),
    "scan": ("SCAN", KEY.format("9") + "<Ticket>T</Ticket>", "9", {"ticket": "T"}),
    "menu click": ("CLICK", KEY.format("report"), "report", {}),
    "menu link": ("VIEW", KEY.format("http://a.example/?a=1&amp;b=2"), "http://a.example/?a=1&b=2", {}),
    "position": (
        "LOCATION",
        "<Latitude>30.5</Latitude><Longitude>104.1</Longitude><Precision>40</Precision>",
        "",
        {"latitude": "30.5", "longitude": "104.1", "precision": "40"},
    ),
    "template sent": (
        "TEMPLATESENDJOBFINISH",
        "<MsgID>200163836</MsgID><Status>failed:user block</Status>",
        "",
        {"job_id": "200163836", "status": "failed:user block"},
    ),
    "scan from the menu": (
        "scancode_waitmsg",
        KEY.format("k") + "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>1</ScanResult></ScanCodeInfo>",
        "k",
        {"scan_type": "qrcode", "scan_result": "1"},
    ),
    "place from the menu": (
        "location_select",
        f"<SendLocationInfo>{LOCATION}</SendLocationInfo>",
        "",
        {"latitude": "30.5", "longitude": "104.1", "label": "某某路"},
    ),
    "never heard of": ("brand_new_event", "<Whatever>1</Whatever>", "", {}),
    "without a name": ("", "", "", {}),
}


@pytest.mark.parametrize(("name", "inner", "key", "extra"), EVENTS.values(), ids=EVENTS.keys())
def test_events(name: str, inner: str, key: str, extra: dict[str, str]) -> None:
    found = event(name, inner)
    assert (found.kind, found.event, found.event_key, found.extra) == (Kind.EVENT, name, key, extra)
    assert found.sender == "oResident"


def test_external_ids_tell_messages_apart_and_join_repeats() -> None:
    first = message("text", "<Content>a</Content>")
    assert message("text", "<Content>a</Content>").external_id == first.external_id
    others = [
        message("text", "<Content>a</Content>", FromUserName="oOther"),  # ids have collided between users
        message("text", "<Content>a</Content>", CreateTime="1772600001"),
        parse(xml("<MsgType>text</MsgType><MsgId>78</MsgId><Content>a</Content>"), NOW),
        event("CLICK", KEY.format("a")),
        event("CLICK", KEY.format("b")),
        event("VIEW", KEY.format("a")),
        event("CLICK", KEY.format("a"), CreateTime="1772600001"),
        event("CLICK", KEY.format("a"), FromUserName="oOther"),
        parse(xml("<MsgType>text</MsgType><Content>a</Content>"), NOW),
        parse(xml("<MsgType>text</MsgType><Content>b</Content>"), NOW),
    ]
    ids = [found.external_id for found in [first, *others]]
    assert len(set(ids)) == len(ids)
    assert {len(found) for found in ids} == {64}
    assert event("CLICK", KEY.format("a")).external_id == others[3].external_id
    later = datetime(2026, 3, 4, 5, 6, 30, tzinfo=UTC)
    assert parse(xml("<MsgType>text</MsgType><Content>a</Content>"), later).external_id == others[-2].external_id


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        (CREATED, datetime.fromtimestamp(int(CREATED), UTC)),
        (CREATED + "250", datetime.fromtimestamp(int(CREATED) + 0.25, UTC)),
        ("", NOW),
        ("junk", NOW),
        ("-5", NOW),
        ("0", NOW),
        ("99999999999999", NOW),
        ("9" * 5000, NOW),
        ("１７７２６０００００", NOW),
        ("1.7726e9", NOW),
    ],
)
def test_create_time(created: str, expected: datetime) -> None:
    found = message("text", CreateTime=created)
    assert found.sent_at == expected
    assert found.sent_at.tzinfo is not None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "malformed"),
        (b"\xff\xfe\x00", "malformed"),
        (b'{"FromUserName": "o"}', "malformed"),
        (b"<xml/>", "no_sender"),
        (b"<xml>text</xml>", "no_sender"),
        (xml("", FromUserName=""), "no_sender"),
        (xml("", FromUserName="o" * 129), "no_sender"),
        (xml("<MsgType>text"), "malformed"),
        (b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + xml(""), "doctype"),
        (xml("&undefined;"), "malformed"),
        (xml("<a>" * 60 + "</a>" * 60), "too_complex"),
        (xml("".join(f"<a{n}/>" for n in range(600))), "too_complex"),
    ],
)
def test_unreadable(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(data, NOW)
    assert caught.value.reason == reason
    assert caught.value.digest == hashlib.sha256(data).hexdigest()


def test_damaged_bytes_keep_the_rest() -> None:
    data = xml("<MsgType>text</MsgType><MsgId>1</MsgId><Content><![CDATA[转账\xff]]></Content>").replace(
        b"\xc3\xbf", b"\xff"
    )
    assert parse(data, NOW).text == "转账\ufffd"


def test_declared_encoding_changes_nothing() -> None:
    for name in ("gbk", "utf-16", "nonsense", "utf-8"):
        data = f'<?xml version="1.0" encoding="{name}"?>'.encode() + xml("<MsgType>text</MsgType><Content>骗</Content>")
        assert parse(data, NOW).text == "骗"


TAGS = st.sampled_from(
    ["MsgType", "Event", "EventKey", "Content", "CreateTime", "MsgId", "FromUserName", "MediaId", "X"]
)
VALUES = st.text() | st.sampled_from(["event", "text", "voice", "location", "link", "0", "1772600000"])


@given(st.lists(st.tuples(TAGS, VALUES)))
def test_any_fields_give_an_inbound_or_unreadable(pairs: list[tuple[str, str]]) -> None:
    inner = "".join(f"<{tag}><![CDATA[{value.replace(']]>', '')}]]></{tag}>" for tag, value in pairs)
    try:
        found = parse(f"<xml>{inner}</xml>".encode("utf-8", "replace"), NOW)
    except Unreadable:
        return
    texts = [found.text, found.sender, found.event, found.event_key, found.media_id, *found.extra.values()]
    assert not any(ord(c) < 32 and c not in "\t\n" for text in texts for c in text)
    assert found.sent_at <= NOW or found.sent_at.date() >= NOW.date()
