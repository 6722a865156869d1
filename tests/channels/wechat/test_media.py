from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from redis import Redis

from bot.channels.wechat.media import Media, MediaDownloader, MediaGone, MediaRefused, MediaRetry, sniff
from bot.channels.wechat.tokens import TokenProvider
from bot.channels.wechat.transport import Transport
from conversations.inbound import Kind
from storage.settings import Settings

from .peer import Answer, Peer, code

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
GET = "/cgi-bin/media/get"
LIMIT = 4096

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00" + b"\0" * 40
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0" + b"\0" * 20
GIF = b"GIF89a\x01\0\x01\0" + b"\0" * 20
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 20
BMP = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0" + b"\0" * 40
AMR = b"#!AMR\n" + b"\x3c" * 40
MP3 = b"ID3\x03\0\0\0\0\0\x00" + b"\0" * 40
SPEEX = b"Speex   1.2rc1" + b"\0" * 60
OGG_SPEEX = b"OggS\0\x02" + b"\0" * 22 + b"Speex   " + b"\0" * 60
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 40
EXE = b"MZ\x90\0\x03\0\0\0" + b"\0" * 60


def downloader(peer: Peer, redis: Redis | None) -> MediaDownloader:
    transport = Transport(peer.url, (1.0, 0.5))
    return MediaDownloader(transport, TokenProvider("wxtest", "the-secret", transport, redis), LIMIT)


GOOD = [
    (Kind.IMAGE, JPEG, "image/jpeg"),
    (Kind.IMAGE, PNG, "image/png"),
    (Kind.IMAGE, GIF, "image/gif"),
    (Kind.IMAGE, WEBP, "image/webp"),
    (Kind.IMAGE, BMP, "image/bmp"),
    (Kind.VOICE, AMR, "audio/amr"),
    (Kind.VOICE, MP3, "audio/mpeg"),
    (Kind.VOICE, SPEEX, "audio/speex"),
    (Kind.VOICE, OGG_SPEEX, "audio/speex"),
    (Kind.VIDEO, MP4, "video/mp4"),
]


@pytest.mark.parametrize(("kind", "content", "content_type"), GOOD)
@pytest.mark.parametrize("claim", ["application/octet-stream", "text/plain"])
def test_kept(peer: Peer, redis: Redis, kind: Kind, content: bytes, content_type: str, claim: str) -> None:
    peer.scripts[GET] = [Answer(content, claim)]
    found = downloader(peer, redis).download("m1", kind, NOW)
    assert found == Media(content, content_type, hashlib.sha256(content).hexdigest())
    (call,) = peer.to(GET)
    assert call.query == {"access_token": "T1", "media_id": "m1"}


def test_ten_megabytes_are_kept_whole(peer: Peer, redis: Redis) -> None:
    content = JPEG + bytes(range(256)) * (10 * 4096)
    peer.scripts[GET] = [Answer(content, "image/jpeg")]
    transport = Transport(peer.url, (1.0, 10.0))
    tokens = TokenProvider("wxtest", "the-secret", transport, redis)
    kept = MediaDownloader(transport, tokens, Settings.model_fields["media_max_bytes"].default)
    assert kept.download("m1", Kind.IMAGE, NOW).sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("claim", ["application/json", "image/jpeg", "text/plain"])
@pytest.mark.parametrize("number", [40007, 40004])
def test_gone(peer: Peer, redis: Redis, claim: str, number: int) -> None:
    peer.scripts[GET] = [Answer(b" \n" + code(number).content, claim)]
    with pytest.raises(MediaGone):
        downloader(peer, redis).download("m1", Kind.IMAGE, NOW)


def test_no_id_asks_nobody(peer: Peer, redis: Redis) -> None:
    with pytest.raises(MediaGone):
        downloader(peer, redis).download("", Kind.IMAGE, NOW)
    assert peer.calls == []


REFUSED = {
    "executable as picture": (Kind.IMAGE, Answer(EXE, "image/jpeg"), "type"),
    "script as picture": (Kind.IMAGE, Answer(b"#!/bin/sh\nrm -rf /", "image/png"), "type"),
    "svg": (Kind.IMAGE, Answer(b"<svg onload='x'/>", "image/svg+xml"), "type"),
    "text that starts like a bitmap": (
        Kind.IMAGE,
        Answer(b"BM is a car maker, not a picture" * 2, "image/bmp"),
        "type",
    ),
    "picture as voice": (Kind.VOICE, Answer(JPEG, "audio/amr"), "type"),
    "video as picture": (Kind.IMAGE, Answer(MP4, "image/jpeg"), "type"),
    "kind without files": (Kind.TEXT, Answer(JPEG, "image/jpeg"), "type"),
    "too large, announced": (Kind.IMAGE, Answer(JPEG + b"\0" * LIMIT, "image/jpeg"), "too_large"),
    "too large, unannounced": (
        Kind.IMAGE,
        Answer(JPEG + b"\0" * LIMIT, "image/jpeg", behaviour="unannounced"),
        "too_large",
    ),
}


@pytest.mark.parametrize(("kind", "answer", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(peer: Peer, redis: Redis, kind: Kind, answer: Answer, reason: str) -> None:
    peer.scripts[GET] = [answer]
    with pytest.raises(MediaRefused) as caught:
        downloader(peer, redis).download("m1", kind, NOW)
    assert caught.value.reason == reason


def test_exactly_the_limit_is_kept(peer: Peer, redis: Redis) -> None:
    peer.scripts[GET] = [Answer(JPEG + b"\0" * (LIMIT - len(JPEG)), "image/jpeg")]
    assert len(downloader(peer, redis).download("m1", Kind.IMAGE, NOW).content) == LIMIT


RETRIES = {
    "busy": (code(-1), "system_busy"),
    "quota": (code(45009), "day_quota"),
    "address": (code(40164), "ip_not_allowed"),
    "right missing": (code(48001), "api_not_authorised"),
    "empty": (Answer(b"", "image/jpeg"), "no_file"),
    "html": (Answer(b"<html>sorry</html>", "text/html; charset=utf-8"), "no_file"),
    "json that says nothing": (Answer(b"{}", "image/jpeg"), "no_file"),
    "bad gateway": (Answer(b"<html>", "text/html", 502), "http_502_not_json"),
    "never answers": (Answer(behaviour="hang"), "ReadTimeout"),
    "cut short": (Answer(JPEG, "image/jpeg", behaviour="short"), "ChunkedEncodingError"),
    "token refused for ever": (code(40001), "token_invalid"),
}


@pytest.mark.parametrize(("answer", "reason"), RETRIES.values(), ids=RETRIES.keys())
def test_later(peer: Peer, redis: Redis, answer: Answer, reason: str) -> None:
    peer.scripts[GET] = [answer]
    with pytest.raises(MediaRetry) as caught:
        downloader(peer, redis).download("m1", Kind.IMAGE, NOW)
    assert caught.value.reason == reason


def test_token_refused_once(peer: Peer, redis: Redis) -> None:
    peer.scripts[GET] = lambda call: Answer(JPEG) if call.query["access_token"] == "T2" else code(42001)
    assert downloader(peer, redis).download("m1", Kind.IMAGE, NOW).content_type == "image/jpeg"


def test_video_by_address(peer: Peer, redis: Redis) -> None:
    peer.scripts[GET] = [Answer(json.dumps({"video_url": peer.url + "/v.mp4?key=1"}).encode())]
    peer.scripts["/v.mp4"] = [Answer(MP4, "video/mp4")]
    assert downloader(peer, redis).download("m1", Kind.VIDEO, NOW).content == MP4
    (call,) = peer.to("/v.mp4")
    assert call.query == {"key": "1"}  # the token does not travel to another address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/v.mp4",
        "ftp://v.qq.com/v",
        "http://localhost/v.mp4",
        "http://evil.example/.qq.com",
        "http://evilqq.com/",
        "http://[x",
    ],
)
def test_video_from_elsewhere(peer: Peer, redis: Redis, url: str) -> None:
    peer.scripts[GET] = [Answer(json.dumps({"video_url": url}).encode())]
    with pytest.raises(MediaRefused) as caught:
        downloader(peer, redis).download("m1", Kind.VIDEO, NOW)
    assert caught.value.reason == "video_address"


@pytest.mark.parametrize("content", [b"", b"B", b"BM", b"\0" * 8, b"\0\0\0\0ftyp", "骗".encode()])
def test_sniff_unknown(content: bytes) -> None:
    assert sniff(content) == ""
