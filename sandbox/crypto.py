"""WeChat's message envelope, written a second time so that a mistake in the hotline's own is noticed here.

Source: Tencent's "消息加解密说明": AES-256-CBC, iv = first half of the key, PKCS#7 with block 32.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BITS = 32 * 8  # not AES's 16 bytes: Tencent pads to 32
RANDOM_BYTES = 16


class CryptoError(Exception):
    """An envelope is forged or damaged; the text says which check failed."""


def sign(*parts: str) -> str:
    """SHA-1 (hex) of the sorted, joined parts; the token is one of them."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


class Envelope:
    """Encrypts and decrypts for one Official Account.

    ``aes_key`` is the EncodingAESKey (43 characters). Raises :class:`ValueError` for a key of another length.
    """

    def __init__(self, token: str, aes_key: str, app_id: str) -> None:
        key = base64.b64decode(aes_key + "=")
        if len(key) != 32:
            raise ValueError("EncodingAESKey must decode to 32 bytes")
        self._token = token
        self._app_id = app_id.encode()
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def signature(self, timestamp: str, nonce: str, encrypted: str | None = None) -> str:
        """``signature`` of a URL, or ``msg_signature`` when the ciphertext is given."""
        return sign(self._token, timestamp, nonce, *([] if encrypted is None else [encrypted]))

    def encrypt(self, plaintext: bytes) -> str:
        """Base64 ciphertext of one message."""
        framed = secrets.token_bytes(RANDOM_BYTES) + struct.pack(">I", len(plaintext)) + plaintext + self._app_id
        padder = padding.PKCS7(BLOCK_BITS).padder()
        encryptor = self._cipher.encryptor()
        padded = padder.update(framed) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> bytes:
        """The message inside; raises :class:`CryptoError` for anything that does not fit exactly."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher.decryptor()
            padded = decryptor.update(sealed) + decryptor.finalize()
            unpadder = padding.PKCS7(BLOCK_BITS).unpadder()
            framed = unpadder.update(padded) + unpadder.finalize()
        except (binascii.Error, ValueError) as error:
            raise CryptoError("ciphertext or padding is damaged") from error
        body = framed[RANDOM_BYTES:]
        if len(body) < 4:
            raise CryptoError("message is too short")
        (length,) = struct.unpack(">I", body[:4])
        if len(body) < 4 + length:
            raise CryptoError("length field is larger than the message")
        if body[4 + length :] != self._app_id:
            raise CryptoError("app id does not match")
        return body[4 : 4 + length]

    def open(self, encrypted: str, timestamp: str, nonce: str, signature: str) -> bytes:
        """Verify ``msg_signature`` and decrypt."""
        if not hmac.compare_digest(self.signature(timestamp, nonce, encrypted), signature):
            raise CryptoError("msg_signature does not match")
        return self.decrypt(encrypted)
