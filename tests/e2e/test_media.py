"""Pictures, voice, video and places: kept as evidence, encrypted, and acknowledged in a way that fits."""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import Any

import pytest

from handlers.words import general, tip, urgent
from tests.e2e.conftest import MEDIA_LIMIT
from tests.e2e.records import Records
from tests.e2e.residents import Sandbox, Wechat
from tests.e2e.stack import Stack, until

EXECUTABLE = b"MZ\x90\x00" + bytes(60) + b"PE\0\0" + bytes(200)
AMR = b"#!AMR\n" + bytes(range(200))


def png(mark: str) -> bytes:
    """A picture of one pixel that is like no other."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"tEXt", f"mark\0{mark}".encode()), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def _evidence(records: Records, resident: Wechat) -> dict[str, Any]:
    """The resident's only piece of evidence, once its fate is known."""
    query = (
        "SELECT id::text, kind, state, reason, sha256, size, content_type FROM evidence "
        "WHERE conversation_id = %s AND state <> 'pending'"
    )
    (row,) = until(lambda: records.ask(query, records.id_of(resident)), "the evidence")
    return dict(zip(("id", "kind", "state", "reason", "sha256", "size", "content_type"), row, strict=True))


def test_a_picture_is_kept_whole_and_encrypted(sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given a picture, when a resident sends it out of the blue, then its hash is recorded, its bytes lie encrypted on
    disk, and they are asked for a sentence."""
    resident = sandbox.wechat()
    content = png(resident.sender)

    assert resident.shows(content, "photo.png", "image/png") == general.KEPT_IMAGE

    evidence = _evidence(records, resident)
    assert (evidence["state"], evidence["kind"], evidence["content_type"]) == ("stored", "image", "image/png")
    assert evidence["sha256"] == hashlib.sha256(content).hexdigest()
    assert evidence["size"] == len(content)
    path = hotline.data_dir / "media" / f"{evidence['id']}.bin"
    kept = path.read_bytes()
    assert b"PNG" not in kept and resident.sender.encode() not in kept and len(kept) > len(content)
    assert path.stat().st_mode & 0o077 == 0


def test_a_program_that_calls_itself_a_picture_is_refused(sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given an executable named .jpg, when it is sent as a picture, then nothing of it is kept."""
    resident = sandbox.wechat()
    assert resident.shows(EXECUTABLE, "photo.jpg", "image/jpeg") == general.KEPT_IMAGE

    evidence = _evidence(records, resident)
    assert (evidence["state"], evidence["reason"], evidence["sha256"]) == ("refused", "type", "")
    assert not (hotline.data_dir / "media" / f"{evidence['id']}.bin").exists()


def test_a_picture_beyond_the_limit_is_refused(sandbox: Sandbox, records: Records, hotline: Stack) -> None:
    """Given a true picture larger than is kept, when it is sent, then reading it stops and nothing of it is kept."""
    resident = sandbox.wechat()
    assert resident.shows(png("x" * MEDIA_LIMIT), "photo.png", "image/png") == general.KEPT_IMAGE

    evidence = _evidence(records, resident)
    assert (evidence["state"], evidence["reason"], evidence["sha256"]) == ("refused", "too_large", "")
    assert not (hotline.data_dir / "media" / f"{evidence['id']}.bin").exists()


def test_a_file_wechat_no_longer_has_is_gone(sandbox: Sandbox, records: Records) -> None:
    """Given media that has expired (an error as JSON under HTTP 200), when it is fetched, then it is gone."""
    sandbox.misbehave(media={"errcode": 40007, "times": 1})
    resident = sandbox.wechat()
    resident.shows(png(resident.sender))

    assert _evidence(records, resident)["state"] == "gone"


def test_voice_and_video_are_kept_too(sandbox: Sandbox, records: Records) -> None:
    """Given voice and a video (which comes as an address), when they are sent, then both are kept."""
    speaker, filmer = sandbox.wechat(), sandbox.wechat()
    voice = sandbox.upload(AMR, "voice.amr", "audio/amr")
    film = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(100)
    video = sandbox.upload(film, "video.mp4", "video/mp4")

    assert speaker.send(kind="voice", media_id=voice)["reply"] == general.KEPT_VOICE
    assert filmer.send(kind="video", media_id=video)["reply"] == general.KEPT_VIDEO

    assert _evidence(records, speaker)["sha256"] == hashlib.sha256(AMR).hexdigest()
    assert _evidence(records, filmer)["sha256"] == hashlib.sha256(film).hexdigest()


def test_a_voice_message_that_wechat_wrote_down_is_understood(sandbox: Sandbox, records: Records) -> None:
    """Given voice with its words recognised, when it tells of a loss, then there is a card."""
    victim = sandbox.wechat()
    voice = sandbox.upload(AMR, "voice.amr", "audio/amr")

    exchange = victim.send(kind="voice", media_id=voice, recognition="我刚才被骗了转了两万块给对方")

    assert exchange["reply"] == urgent.ADVICE
    assert records.card(victim)["amount"] == 20000


def test_a_place_is_kept_as_words(sandbox: Sandbox, records: Records) -> None:
    """Given a place, when it is sent, then it is evidence with nothing to fetch."""
    resident = sandbox.wechat()

    exchange = resident.send(kind="location", label="示例镇示例路1号")

    assert exchange["reply"] == general.KEPT_LOCATION
    assert _evidence(records, resident)["state"] == "given"


@pytest.mark.parametrize("story", ["loss", "tip"])
def test_a_picture_is_acknowledged_as_what_was_just_asked_for(story: str, sandbox: Sandbox, records: Records) -> None:
    """Given a form that asks for a screenshot, when a picture comes, then it is taken as exactly that."""
    resident = sandbox.wechat()
    if story == "loss":
        resident.says("我刚才被骗了,转了两万块给对方")
        resident.wait(urgent.ASK_CALLBACK)
        assert urgent.ASK_PAYEE in resident.says("17000000001")
        assert resident.shows(png(resident.sender)).startswith(urgent.EVIDENCE_KEPT)
    else:
        for said in ("我要举报", "村口有人收银行卡,一张五百块", "没有"):
            resident.says(said)
        assert tip.ASK_EVIDENCE in resident.says("示例镇示例村,昨天下午")
        records.let_a_minute_pass(resident)
        assert resident.shows(png(resident.sender)) == tip.EVIDENCE_KEPT
        assert "登记好了" in resident.says("好了")
    assert _evidence(records, resident)["state"] == "stored"
