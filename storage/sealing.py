"""Encryption of personal data, bound to the row and column it belongs to.

AES-256-GCM with a random 96-bit nonce; the associated data is ``table.column:row id``, so a value copied into
another row or column does not open. A blind index (keyed HMAC-SHA256) allows looking up an exact value.
Layout of a sealed value: 1 byte format (1), 12 bytes nonce, ciphertext with its 16-byte tag.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import uuid
from typing import Any, Generic, TypeVar, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlalchemy.orm import InstrumentedAttribute

FORMAT = b"\x01"


class SealingError(Exception):
    """A sealed value does not open: wrong key, altered, or moved from another row."""


class Sealer:
    """Seals and opens byte strings; one per data key."""

    def __init__(self, data_key: str) -> None:
        root = base64.b64decode(data_key, validate=True)
        if len(root) != 32:
            raise SealingError("the data key must be base64 of exactly 32 bytes")
        self._aead = AESGCM(_derive(root, b"seal"))
        self._index = _derive(root, b"index")
        self._code = _derive(root, b"code")

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt; ``context`` must be given again to open."""
        nonce = os.urandom(12)
        return FORMAT + nonce + self._aead.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt; raises :class:`SealingError`."""
        if sealed[:1] != FORMAT:
            raise SealingError(f"unknown format of a sealed value at {context}")
        try:
            return self._aead.decrypt(sealed[1:13], sealed[13:], context.encode())
        except InvalidTag:
            raise SealingError(f"a sealed value at {context} does not open") from None

    def blind(self, domain: str, value: str) -> bytes:
        """The 32-byte blind index of a value; equal values of one domain give equal indexes."""
        return hmac.new(self._index, f"{domain}\x00{value}".encode(), hashlib.sha256).digest()

    @property
    def code_key(self) -> bytes:
        """Secret mixed into the hash of query codes."""
        return self._code


def _derive(root: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(algorithm=hashes.SHA256(), length=32, info=b"hotline " + purpose).derive(root)


class _Installed:
    sealer: Sealer | None = None


def install(sealer: Sealer) -> None:
    """Make a sealer the one this process uses."""
    _Installed.sealer = sealer


def installed() -> Sealer:
    """The sealer of this process; raises :class:`SealingError` when none was installed."""
    if _Installed.sealer is None:
        raise SealingError("no sealer installed in this process")
    return _Installed.sealer


T = TypeVar("T")


class _SealedBase(Generic[T]):
    """Descriptor over a ``bytea`` column: reads and writes the plain value, stores it sealed."""

    empty: T

    def __init__(self, column: str) -> None:
        self._column = column

    def _encode(self, value: T) -> bytes:
        raise NotImplementedError

    def _decode(self, raw: bytes) -> T:
        raise NotImplementedError

    def _context(self, row: Any) -> str:
        row_id = row.id
        if not isinstance(row_id, uuid.UUID):
            raise SealingError("a row needs its id before a value is sealed into it")
        return f"{row.__tablename__}.{self._column}:{row_id}"

    @overload
    def __get__(self, row: None, owner: Any) -> InstrumentedAttribute[bytes | None]: ...
    @overload
    def __get__(self, row: object, owner: Any) -> T: ...
    def __get__(self, row: Any, owner: Any) -> Any:
        if row is None:
            return getattr(owner, self._column)
        sealed = getattr(row, self._column)
        if sealed is None:
            return self.empty
        return self._decode(installed().open(bytes(sealed), self._context(row)))

    def __set__(self, row: Any, value: T) -> None:
        if not value:
            setattr(row, self._column, None)
        else:
            setattr(row, self._column, installed().seal(self._encode(value), self._context(row)))


class SealedText(_SealedBase[str]):
    """A sealed string; NULL reads as the empty string."""

    empty = ""

    def _encode(self, value: str) -> bytes:
        return value.encode("utf-8", "surrogatepass")

    def _decode(self, raw: bytes) -> str:
        return raw.decode("utf-8", "surrogatepass")


class SealedJson(_SealedBase[dict[str, Any]]):
    """A sealed JSON object; NULL reads as ``{}``. Assign a new dict to change it."""

    @property
    def empty(self) -> dict[str, Any]:  # type: ignore[override]
        return {}

    def _encode(self, value: dict[str, Any]) -> bytes:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def _decode(self, raw: bytes) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(raw.decode("utf-8", "surrogatepass"))
        return decoded
