"""HTTP from the pretend outside world to the hotline, with one hard time limit for the whole exchange."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlencode

HOST = "127.0.0.1"
MAX_ANSWER = 256 * 1024


class UnreachableError(Exception):
    """Nobody answered, or the connection broke before the answer was complete."""


class CutOffError(Exception):
    """The time limit passed before the answer was complete; the connection was closed by us."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hotline answered; ``seconds`` from connect to last byte."""

    status: int
    body: bytes
    seconds: float


def call(
    port: int,
    path: str,
    *,
    method: str = "POST",
    query: dict[str, str] | None = None,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    limit: float = 5.0,
) -> Answer:
    """One request to a loopback port; raises :class:`UnreachableError` or :class:`CutOffError`.

    http.client rather than requests: no proxy from the environment, and a limit on the whole, not on each read.
    """
    started = time.monotonic()
    connection = http.client.HTTPConnection(HOST, port, timeout=limit)
    try:
        connection.request(method, path + ("?" + urlencode(query) if query else ""), body or None, headers or {})
        sock = connection.sock  # getresponse() forgets it on `Connection: close`
        sock.settimeout(_left(started, limit))
        response = connection.getresponse()
        received = b""
        while len(received) < MAX_ANSWER:
            sock.settimeout(_left(started, limit))
            chunk = response.read1(16384)
            if not chunk:
                break
            received += chunk
    except TimeoutError as error:
        raise CutOffError(f"no answer within {limit:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(type(error).__name__) from error
    finally:
        connection.close()
    return Answer(response.status, received, time.monotonic() - started)


def _left(started: float, limit: float) -> float:
    left = started + limit - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
