"""The second implementation of the envelope, against Tencent's vectors and a third implementation."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from wechatpy.crypto import WeChatCrypto

from sandbox.crypto import CryptoError, Envelope, sign

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "data" / "wechat-crypto-vectors.json"
KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
APP = "wx0000000000000001"


def vectors(kind: str) -> list[dict[str, Any]]:
    if not VECTORS.exists():
        pytest.skip("shared/data/wechat-crypto-vectors.json is not here")
    return [vector for vector in json.loads(VECTORS.read_text()) if vector["kind"] == kind]


def test_signatures_of_the_vectors() -> None:
    for vector in vectors("signature"):
        assert sign(vector["token"], vector["timestamp"], vector["nonce"]) == vector["signature"], vector["name"]


def test_ciphertexts_of_the_vectors_open() -> None:
    found = vectors("aes")
    assert found
    for vector in found:
        envelope = Envelope(vector["token"], vector["encoding_aes_key"], vector["appid"])
        assert envelope.decrypt(vector["encrypt"])


@pytest.mark.parametrize("length", [0, 1, 15, 16, 31, 32, 33, 5000])
def test_both_directions_with_another_implementation(length: int) -> None:
    text = "骗" * length
    ours, theirs = Envelope("token", KEY, APP), WeChatCrypto("token", KEY, APP)
    encrypted = ours.encrypt(text.encode())
    signature = ours.signature("1700000000", "n", encrypted)
    if length:  # wechatpy cannot read an empty message's frame back as text of its own
        assert theirs.decrypt_message({"Encrypt": encrypted}, signature, "1700000000", "n") == text
    assert ours.open(encrypted, "1700000000", "n", signature) == text.encode()


def flip(encrypted: str, at: int) -> str:
    raw = bytearray(base64.b64decode(encrypted))
    raw[at] ^= 1
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda sealed: "???", "damaged"),
        (lambda sealed: sealed[:40], "damaged"),
        (lambda sealed: "", "damaged"),
        (lambda sealed: flip(sealed, -1), "damaged|app id"),
    ],
)
def test_damage_is_refused(damage: Any, reason: str) -> None:
    envelope = Envelope("token", KEY, APP)
    with pytest.raises(CryptoError, match=reason):
        envelope.decrypt(damage(envelope.encrypt(b"hello")))


def test_another_app_id_and_another_signature_are_refused() -> None:
    encrypted = Envelope("token", KEY, "wx0000000000000002").encrypt(b"hello")
    envelope = Envelope("token", KEY, APP)
    with pytest.raises(CryptoError, match="app id"):
        envelope.decrypt(encrypted)
    with pytest.raises(CryptoError, match="msg_signature"):
        envelope.open(envelope.encrypt(b"hello"), "1", "n", "0" * 40)


def test_the_padding_block_is_32_not_16() -> None:
    framed = b"r" * 16 + (5).to_bytes(4, "big") + b"hello" + APP.encode()
    short = 16 - len(framed) % 16
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    framed += bytes([short]) * short
    assert len(framed) % 32 == 16
    with pytest.raises(CryptoError):
        Envelope("token", KEY, APP).decrypt(base64.b64encode(encryptor.update(framed)).decode())
