from __future__ import annotations

import base64
import json
import struct
import warnings
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.crypto import MAX_BODY, Envelope, KeyPair, Keys, Refused, Unreadable, signature
from bot.channels.wechat.parse import parse
from bot.channels.wechat.xmlread import read

from .sealing import (
    APP_ID,
    KEY,
    NOW,
    OLD_KEY,
    OLD_TOKEN,
    STAMP,
    TOKEN,
    body,
    encrypt,
    encrypt_raw,
    padded,
    sha1,
    signed,
)

VECTORS = Path(__file__).parents[3].parent / "shared" / "data" / "wechat-crypto-vectors.json"
ENVELOPE = Envelope(Keys(APP_ID, (TOKEN, OLD_TOKEN), (KEY, OLD_KEY)))
XML = "<xml><FromUserName>o1</FromUserName><Content>我被骗了😭</Content></xml>".encode()


def vectors(kind: str) -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="shared/data/wechat-crypto-vectors.json is absent"))]
    rows = json.loads(VECTORS.read_text())
    return [pytest.param(row, id=row["name"]) for row in rows if row["kind"] == kind]


@pytest.mark.parametrize("row", vectors("signature"))
def test_vector_signature(row: dict[str, str]) -> None:
    assert signature(row["token"], row["timestamp"], row["nonce"]) == row["signature"]
    query = {**row, "echostr": "4375120948345356249"}
    envelope = Envelope(Keys(APP_ID, (row["token"],), (KEY,)))
    at = NOW.fromtimestamp(int(row["timestamp"]), NOW.tzinfo)
    assert envelope.handshake(query, at) == "4375120948345356249"


@pytest.mark.parametrize("row", vectors("aes"))
def test_vector_envelope(row: dict[str, str]) -> None:
    pair = KeyPair(row["appid"], row["token"], row["encoding_aes_key"])
    plain = row["plaintext"].encode()
    assert pair.encrypt(plain, row["random16"].encode()) == row["encrypt"]
    signed_as = row["msg_signature"] or sha1(row["token"], row["timestamp"], row["nonce"], row["encrypt"])
    query = {"timestamp": row["timestamp"], "nonce": row["nonce"], "msg_signature": signed_as}
    envelope = Envelope(Keys(row["appid"], (row["token"],), (row["encoding_aes_key"],)))
    opened = envelope.open(query, body(row["encrypt"]), NOW)
    assert opened.xml == plain
    assert opened.timestamp == int(row["timestamp"])
    assert not opened.fresh
    assert opened.keys_used == pair


@given(st.binary(max_size=5000))
def test_round_trip(message: bytes) -> None:
    encrypted = ENVELOPE.current.encrypt(message, b"0123456789abcdef")
    assert len(base64.b64decode(encrypted)) % 32 == 0
    assert ENVELOPE.open(signed(encrypted), body(encrypted), NOW).xml == message


@pytest.mark.parametrize("token", [TOKEN, OLD_TOKEN])
@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_rotation_replies_with_what_worked(token: str, key: str) -> None:
    encrypted = encrypt(XML, key)
    opened = ENVELOPE.open(signed(encrypted, token), body(encrypted), NOW)
    assert opened.xml == XML
    assert (opened.keys_used.token, opened.keys_used.aes_key) == (token, key)
    reply = read(opened.keys_used.seal("<xml>好</xml>", 1700000000, "n]]>2").encode())
    assert reply["TimeStamp"] == "1700000000"
    assert reply["Nonce"] == "n]]>2"
    assert reply["MsgSignature"] == sha1(token, "1700000000", "n]]>2", reply["Encrypt"])
    only = Envelope(Keys(APP_ID, (token,), (key,)))
    query = {"timestamp": "1700000000", "nonce": "n]]>2", "msg_signature": reply["MsgSignature"]}
    assert only.open(query, body(reply["Encrypt"]), NOW).xml.decode() == "<xml>好</xml>"


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (600, True), (601, False), (-600, True), (-601, False)])
def test_freshness_is_told_not_enforced(seconds: int, fresh: bool) -> None:
    encrypted = encrypt(XML)
    opened = ENVELOPE.open(signed(encrypted), body(encrypted), NOW + timedelta(seconds=seconds))
    assert opened.fresh is fresh


GOOD = encrypt(XML)
REFUSALS = {
    "no query": ({}, body(GOOD), "unsigned"),
    "no msg_signature": ({**signed(GOOD), "msg_signature": ""}, body(GOOD), "unsigned"),
    "plain signature only": (
        {**signed(GOOD), "msg_signature": sha1(TOKEN, STAMP, "n0nce")},
        body(GOOD),
        "wrong_signature",
    ),
    "other token": (signed(GOOD, "guess"), body(GOOD), "wrong_signature"),
    "empty token": (signed(GOOD, ""), body(GOOD), "wrong_signature"),
    "other nonce": ({**signed(GOOD), "nonce": "x"}, body(GOOD), "wrong_signature"),
    "not ascii signature": ({**signed(GOOD), "msg_signature": "签名\udc80"}, body(GOOD), "wrong_signature"),
    "other body": (signed(GOOD), body(encrypt(XML)), "wrong_signature"),
    "plaintext": (signed(GOOD), XML, "plaintext"),
    "encrypt_type raw": ({**signed(GOOD), "encrypt_type": "raw"}, body(GOOD), "plaintext"),
    "empty Encrypt": (signed(""), body(""), "plaintext"),
    "empty body": (signed(""), b"", "malformed"),
    "json": (signed(GOOD), b'{"Encrypt": "x"}', "malformed"),
    "not utf-8": (signed(GOOD), b"<xml><Encrypt>\xff</Encrypt></xml>", "malformed"),
    "declares utf-16": (signed(GOOD), b'<?xml version="1.0" encoding="utf-16"?>' + body(GOOD)[:-1], "malformed"),
    "doctype": (signed(GOOD), b"<!DOCTYPE xml>" + body(GOOD), "doctype"),
    "entity": (
        signed(GOOD),
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        "doctype",
    ),
    "deep": (signed(GOOD), b"<a>" * 5000 + b"</a>" * 5000, "too_complex"),
    "oversized": (signed(GOOD), body("A" * MAX_BODY), "oversized"),
    "wrong app id": (signed(e := encrypt(XML, app_id="wxother")), body(e), "wrong_app_id"),
    "app id with a tail": (signed(e := encrypt(XML, app_id=APP_ID + "x")), body(e), "wrong_app_id"),
    "timestamp in words": (signed(GOOD, stamp="soon"), body(GOOD), "bad_timestamp"),
    "timestamp too long": (signed(GOOD, stamp="9" * 5000), body(GOOD), "bad_timestamp"),
}


@pytest.mark.parametrize(("query", "posted", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refused(query: dict[str, str], posted: bytes, reason: str) -> None:
    with pytest.raises(Refused) as caught:
        ENVELOPE.open(query, posted, NOW)
    assert caught.value.reason == reason


SALT = b"0123456789abcdef"


def whole(remainder: int) -> bytes:
    """An unpadded plaintext of ours whose length is ``remainder`` modulo 16."""
    message = XML + b" " * ((remainder - len(SALT) - 4 - len(XML) - len(APP_ID)) % 16)
    return SALT + struct.pack(">I", len(message)) + message + APP_ID.encode()


UNREADABLE = {
    "not base64": ("***", "not_base64"),
    "length not of blocks": (base64.b64encode(b"x" * 17).decode(), "ciphertext_length"),
    # All right but for the padding: whoever unpads loosely accepts these.
    "pad 0": (encrypt_raw(whole(0) + b"\0" * 16), "padding"),
    "pad 33": (encrypt_raw(whole(15) + bytes([33]) * 33), "padding"),
    "pad not uniform": (encrypt_raw(whole(13) + b"\1\3\3"), "padding"),
    "pad longer than all": (encrypt_raw(bytes([32]) * 16), "padding"),
    "nothing but padding": (encrypt_raw(bytes([32]) * 32), "too_short"),
    "length beyond the end": (encrypt_raw(padded(SALT + struct.pack(">I", 2**31) + b"hi")), "message_length"),
    "key of nobody": (encrypt_raw(padded(whole(0)), base64.b64encode(b"k" * 32).decode().rstrip("=")), "padding"),
}


@pytest.mark.parametrize(("encrypted", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_authentic_but_unreadable(encrypted: str, reason: str) -> None:
    digests = set()
    for _ in range(2):
        with pytest.raises(Unreadable) as caught:
            Envelope(Keys(APP_ID, (TOKEN,), (KEY,))).open(signed(encrypted), body(encrypted), NOW)
        assert caught.value.reason == reason
        digests.add(caught.value.digest)
    assert len(digests) == 1
    assert len(digests.pop()) == 64


@given(st.binary(max_size=400), st.booleans())
def test_signed_garbage_is_only_ever_refused_or_unreadable(garbage: bytes, whole: bool) -> None:
    """Both ways: any bytes as ciphertext, and any bytes inside a good envelope handed to the parser."""
    encrypted = encrypt(garbage) if whole else base64.b64encode(garbage).decode()
    with suppress(Refused, Unreadable):
        parse(ENVELOPE.open(signed(encrypted), body(encrypted), NOW).xml, NOW)


@given(st.dictionaries(st.sampled_from(["timestamp", "nonce", "msg_signature", "signature"]), st.text()), st.binary())
def test_any_request_is_refused(query: dict[str, str], posted: bytes) -> None:
    with pytest.raises(Refused):
        ENVELOPE.open(query, posted, NOW)


def handshake(**changes: str) -> dict[str, str]:
    query = {"signature": sha1(TOKEN, STAMP, "n"), "timestamp": STAMP, "nonce": "n", "echostr": "4375120948345356249"}
    return {**query, **changes}


def test_handshake_echoes_verbatim() -> None:
    assert ENVELOPE.handshake(handshake(), NOW) == "4375120948345356249"
    old = handshake(signature=sha1(OLD_TOKEN, STAMP, "n"))
    assert ENVELOPE.handshake(old, NOW) == "4375120948345356249"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({}, "unsigned"),
        (handshake(signature="0" * 40), "wrong_signature"),
        (handshake(nonce="m"), "wrong_signature"),
        (handshake(timestamp="0", signature=sha1(TOKEN, "0", "n")), "stale"),
        (handshake(timestamp="x", signature=sha1(TOKEN, "x", "n")), "bad_timestamp"),
        (handshake(echostr=""), "bad_echostr"),
        (handshake(echostr="1" * 513), "bad_echostr"),
        (handshake(echostr="1\r\nX: y"), "bad_echostr"),
    ],
)
def test_handshake_refused(query: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused) as caught:
        ENVELOPE.handshake(query, NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("app_id", "tokens", "keys"),
    [
        ("", (TOKEN,), (KEY,)),
        (APP_ID, ("", " "), (KEY,)),
        (APP_ID, (TOKEN,), ("",)),
        (APP_ID, (TOKEN,), (KEY[:-1],)),
        (APP_ID, (TOKEN,), (KEY, "短" * 43)),
    ],
)
def test_keys_must_be_whole(app_id: str, tokens: tuple[str, ...], keys: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"AppID|EncodingAESKey"):
        Keys(app_id, tokens, keys)


def test_secrets_stay_out_of_representations() -> None:
    keys = Keys(APP_ID, (TOKEN, ""), (KEY, ""))
    assert keys.tokens == (TOKEN,)
    assert TOKEN not in repr(keys) + repr(ENVELOPE.current)
    assert KEY not in repr(keys) + repr(ENVELOPE.current)


def test_wechatpy_and_we_read_each_other() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own deprecations
        from wechatpy.crypto import WeChatCrypto

        theirs = WeChatCrypto(TOKEN, KEY, APP_ID)
        sealed = ENVELOPE.current.seal("<xml>我们</xml>", int(STAMP), "n0nce")
        their_reading = theirs.decrypt_message(sealed, read(sealed.encode())["MsgSignature"], STAMP, "n0nce")
        their_sealed = theirs.encrypt_message("<xml>他们</xml>", "n0nce", STAMP)
    assert their_reading == "<xml>我们</xml>"
    fields = read(their_sealed.encode())
    query = {"timestamp": STAMP, "nonce": "n0nce", "msg_signature": fields["MsgSignature"]}
    assert ENVELOPE.open(query, their_sealed.encode(), NOW).xml.decode() == "<xml>他们</xml>"
