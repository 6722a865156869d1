"""A circuit breaker: after several failures in a row a server is left alone, then tried by one message."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Breaker:
    """Thread-safe. ``allow`` asks, ``succeeded`` and ``failed`` tell."""

    def __init__(self, failures: int = 3, rest: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._retry_at = 0.0

    @property
    def open(self) -> bool:
        """Whether the server is being left alone."""
        return self._failures >= self._limit

    def allow(self) -> bool:
        """Whether to try now; of an open circuit whose rest is over, one caller gets a yes."""
        with self._lock:
            if self._failures < self._limit:
                return True
            now = self._clock()
            if now < self._retry_at:
                return False
            self._retry_at = now + self._rest
            return True

    def succeeded(self) -> None:
        """The server answered."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """The server did not answer, or answered nonsense."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._retry_at = self._clock() + self._rest
