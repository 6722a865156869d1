"""Query codes: the identity of an anonymous reporter.

13 characters of Crockford's base 32 (65 random bits) and a check character, in groups that can be read over the
phone. Stored as Argon2id over a keyed digest, so that a stolen table alone cannot be searched.
"""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from storage.sealing import installed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
# Codes carry 65 random bits, so the hash need not be slow; it must not hold up a conversation.
_hasher = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
_CHAR = "[0-9A-Za-z]"
_GAP = r"[-—–_ \s]?"
CODE = re.compile(rf"(?<!{_CHAR})(?:{_CHAR}{{4}}{_GAP}){{2}}{_CHAR}{{3}}{_GAP}{_CHAR}{{3}}(?!{_CHAR})")


def _check(body: str) -> str:
    """The check character. Odd weights modulo 32: every single wrong character is noticed, and most swaps."""
    total = sum((2 * index + 1) * ALPHABET.index(char) for index, char in enumerate(body))
    return ALPHABET[total % 32]


def new_code() -> str:
    """A fresh code, e.g. ``XXXX-XXXX-XXX-XXX`` (the last character checks the others)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    whole = body + _check(body)
    return f"{whole[:4]}-{whole[4:8]}-{whole[8:11]}-{whole[11:]}"


def normalise(said: str) -> str | None:
    """The 14 characters of a code as somebody wrote it, or None where the check character does not fit."""
    whole = re.sub(r"[^0-9A-Z]", "", said.upper()).translate(READ_AS)
    if len(whole) != LENGTH + 1 or any(char not in ALPHABET for char in whole):
        return None
    return whole if _check(whole[:LENGTH]) == whole[LENGTH] else None


def find(text: str) -> str | None:
    """What looks like a code in a text, right or wrong."""
    found = CODE.search(text)
    return found.group().strip() if found else None


def _keyed(whole: str) -> str:
    return hmac.new(installed().code_key, whole.encode(), sha256).hexdigest()


def hash_code(code: str) -> str:
    """What is stored of a code."""
    whole = normalise(code)
    if whole is None:
        raise ValueError("not a code")
    return _hasher.hash(_keyed(whole))


def verify(stored: str, code: str) -> bool:
    """Whether a code as somebody wrote it is the stored one."""
    whole = normalise(code)
    if whole is None or not stored:
        return False
    try:
        return _hasher.verify(stored, _keyed(whole))
    except (VerifyMismatchError, InvalidHashError):
        return False
