"""Passwords of staff: Argon2id, at most two at a time, the same effort whether or not the login exists."""

from __future__ import annotations

import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 10, 200  # characters
_hasher = PasswordHasher()  # RFC 9106, second recommended set: 64 MiB, 3 passes, 4 lanes
# Each takes 64 MiB and a processor: a crowd at the sign-in page waits in line instead of taking the machine down.
_turn = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """What is stored of a password."""
    with _turn:
        return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return hash_password(secrets.token_urlsafe(16))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one. ``None`` (nobody has this login) takes as long and is always wrong."""
    against = stored or _nobodys()
    with _turn:
        try:
            return _hasher.verify(against, password[:LONGEST]) and stored is not None
        except (VerifyMismatchError, InvalidHashError):
            return False


def new_password() -> str:
    """A random password to hand to somebody, without characters that are easily confused."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))
