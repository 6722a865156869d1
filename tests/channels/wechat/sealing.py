"""WeChat's side of the envelope, as the tests need it: written apart from the code under test."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

APP_ID = "wx0000000000000001"
TOKEN = "token-now"
KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
OLD_TOKEN = "token-before"
OLD_KEY = base64.b64encode(bytes(range(32, 64))).decode().rstrip("=")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypt_raw(plain: bytes, key: str = KEY) -> str:
    """Base64 ciphertext of exactly ``plain``, whose length must be a multiple of 16."""
    raw = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def padded(plain: bytes) -> bytes:
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


def encrypt(message: bytes, key: str = KEY, app_id: str = APP_ID) -> str:
    return encrypt_raw(padded(os.urandom(16) + struct.pack(">I", len(message)) + message + app_id.encode()), key)


def signed(encrypted: str, token: str = TOKEN, stamp: str = STAMP, nonce: str = "n0nce") -> dict[str, str]:
    return {
        "signature": sha1(token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": sha1(token, stamp, nonce, encrypted),
    }


def body(encrypted: str) -> bytes:
    return f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
