"""The AES envelope around everything WeChat posts: verified, opened and sealed by our own code.

The plain ``signature`` does not cover the body, so only ``msg_signature`` over the ciphertext counts; plaintext posts
are refused. Format: AES-256-CBC, iv = key[:16], PKCS#7 with block 32, plaintext = 16 random bytes + length (4 bytes,
big endian) + message + AppID. Source: WeChat's "message encryption" guide and its own worked examples.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels.wechat.text import cdata
from bot.channels.wechat.xmlread import XmlError, read

MAX_BODY = 64 * 1024  # bytes
MAX_ECHO = 512  # characters; WeChat sends about twenty digits
_PAD_BLOCK = 32
_AES_BLOCK = 16
_SALT = 16
_HEAD = _SALT + 4


class Refused(Exception):
    """Not from WeChat, or not the way it must come: answer 403, store nothing. ``reason`` is one word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(Exception):
    """From WeChat, but past understanding: answer ``success`` and record it under ``digest`` (SHA-256, hex)."""

    def __init__(self, reason: str, digest: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.digest = digest


@dataclass(frozen=True, slots=True)
class Keys:
    """What the account's server configuration holds, current first, then previous; blank entries are dropped.

    Raises ``ValueError`` when the AppID or every token or key is blank, or a key is not 43 characters of base64:
    an empty token would let anyone sign.
    """

    app_id: str
    tokens: tuple[str, ...] = field(repr=False)
    aes_keys: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "app_id", self.app_id.strip())
        object.__setattr__(self, "tokens", tuple(token.strip() for token in self.tokens if token.strip()))
        object.__setattr__(self, "aes_keys", tuple(key.strip() for key in self.aes_keys if key.strip()))
        if not (self.app_id and self.tokens and self.aes_keys):
            raise ValueError("WeChat needs an AppID, a Token and an EncodingAESKey")
        for key in self.aes_keys:
            _raw_key(key)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """One token and one key of an account: what a delivery was opened with and its reply is sealed with."""

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)

    def seal(self, xml: str, timestamp: int, nonce: str) -> str:
        """``xml`` as the encrypted, signed XML of a passive reply. ``success`` and an empty body are never sealed."""
        encrypted = self.encrypt(xml.encode(), os.urandom(_SALT))
        signed = signature(self.token, str(timestamp), nonce, encrypted)
        return (
            f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signed)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
        )

    def encrypt(self, message: bytes, salt: bytes) -> str:
        """Base64 of the ciphertext of ``message``; ``salt`` is 16 random bytes."""
        plain = salt + struct.pack(">I", len(message)) + message + self.app_id.encode()
        pad = _PAD_BLOCK - len(plain) % _PAD_BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def decrypt(self, ciphertext: bytes) -> tuple[bytes, str]:
        """The message and the AppID inside, the latter not yet checked. Raises ``ValueError`` naming what is wrong."""
        if not ciphertext or len(ciphertext) % _AES_BLOCK:
            raise ValueError("ciphertext_length")
        decryptor = self._cipher().decryptor()
        plain = _unpad(decryptor.update(ciphertext) + decryptor.finalize())
        if len(plain) < _HEAD:
            raise ValueError("too_short")
        (length,) = struct.unpack(">I", plain[_SALT:_HEAD])
        if length > len(plain) - _HEAD:
            raise ValueError("message_length")
        return plain[_HEAD : _HEAD + length], plain[_HEAD + length :].decode("utf-8", "replace")

    def _cipher(self) -> Cipher[modes.CBC]:
        key = _raw_key(self.aes_key)
        return Cipher(algorithms.AES(key), modes.CBC(key[:_AES_BLOCK]))


@dataclass(frozen=True, slots=True)
class Opened:
    """An authentic delivery. ``fresh`` is false when its timestamp is too far from our clock: still a repeat to be
    answered as one when we know the message, to be refused when we do not. Reply with ``keys_used.seal``."""

    xml: bytes
    keys_used: KeyPair
    timestamp: int
    fresh: bool


class Envelope:
    """Opens what WeChat posts. ``freshness``: seconds a signed timestamp may differ from our clock."""

    def __init__(self, keys: Keys, freshness: int = 600) -> None:
        self._keys = keys
        self._freshness = freshness

    @property
    def current(self) -> KeyPair:
        """The pair in force, for sealing where no delivery chose one."""
        return KeyPair(self._keys.app_id, self._keys.tokens[0], self._keys.aes_keys[0])

    def handshake(self, query: Mapping[str, str], now: datetime) -> str:
        """The ``echostr`` of a signed and fresh ``GET``, to be sent back as text/plain. Raises :class:`Refused`."""
        timestamp, nonce, echo = query.get("timestamp", ""), query.get("nonce", ""), query.get("echostr", "")
        self._token_that_signed(query.get("signature", ""), timestamp, nonce)
        if not self._is_fresh(_seconds(timestamp), now):
            raise Refused("stale")
        # The signature does not cover echostr, so nothing but a short printable word is echoed.
        if not echo or len(echo) > MAX_ECHO or not echo.isascii() or not echo.isprintable():
            raise Refused("bad_echostr")
        return echo

    def open(self, query: Mapping[str, str], body: bytes, now: datetime) -> Opened:
        """Verify and decrypt one ``POST``. Raises :class:`Refused` or :class:`Unreadable`, nothing else."""
        if query.get("encrypt_type", "aes") != "aes":
            raise Refused("plaintext")
        encrypted = _encrypted(body)
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        token = self._token_that_signed(query.get("msg_signature", ""), timestamp, nonce, encrypted)
        seconds = _seconds(timestamp)
        xml, pair = self._decrypt(encrypted, token)
        return Opened(xml, pair, seconds, self._is_fresh(seconds, now))

    def _token_that_signed(self, given: str, *parts: str) -> str:
        if not given:
            raise Refused("unsigned")
        found = ""
        for token in self._keys.tokens:
            if hmac.compare_digest(_bytes(signature(token, *parts)), _bytes(given)):
                found = token
        if not found:
            raise Refused("wrong_signature")
        return found

    def _decrypt(self, encrypted: str, token: str) -> tuple[bytes, KeyPair]:
        digest = hashlib.sha256(_bytes(encrypted)).hexdigest()
        try:
            ciphertext = base64.b64decode(encrypted, validate=True)
        except ValueError as error:
            raise Unreadable("not_base64", digest) from error
        reason = ""
        for aes_key in self._keys.aes_keys:
            pair = KeyPair(self._keys.app_id, token, aes_key)
            try:
                message, app_id = pair.decrypt(ciphertext)
            except ValueError as error:
                reason = reason or str(error)
                continue
            if not hmac.compare_digest(_bytes(app_id), _bytes(self._keys.app_id)):
                raise Refused("wrong_app_id")
            return message, pair
        raise Unreadable(reason, digest)

    def _is_fresh(self, seconds: int, now: datetime) -> bool:
        return abs(now.timestamp() - seconds) <= self._freshness


def signature(*parts: str) -> str:
    """Lower-case hex SHA-1 of the sorted, joined parts, as WeChat signs."""
    # SHA-1 is the platform's choice, not ours.
    return hashlib.sha1(b"".join(sorted(_bytes(part) for part in parts)), usedforsecurity=False).hexdigest()


def _encrypted(body: bytes) -> str:
    if len(body) > MAX_BODY:
        raise Refused("oversized")
    try:
        encrypted = read(body).get("Encrypt", "").strip()
    except XmlError as error:
        raise Refused(str(error)) from error
    if not encrypted:
        raise Refused("plaintext")
    return encrypted


def _seconds(timestamp: str) -> int:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Refused("bad_timestamp")
    return int(timestamp)


def _unpad(plain: bytes) -> bytes:
    pad = plain[-1]
    if not 1 <= pad <= _PAD_BLOCK or len(plain) < pad or plain[-pad:] != bytes([pad]) * pad:
        raise ValueError("padding")
    return plain[:-pad]


def _raw_key(aes_key: str) -> bytes:
    try:
        raw = base64.b64decode(aes_key + "=", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ValueError("an EncodingAESKey has 43 characters of base64")
    return raw


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
