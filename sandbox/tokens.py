"""Access tokens as `stable_token` gives them out.

Source: Tencent's "获取稳定版接口调用凭据": the same token for every caller; a forced refresh leaves the one
before valid for 5 minutes, 20 times a day.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

LIFETIME = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
FORCED_A_DAY = 20


class Tokens:
    """Tokens of one account; safe for threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._valid_until: dict[str, datetime] = {}
        self._current = ""
        self._forced: list[datetime] = []

    def issue(self, *, force: bool) -> tuple[str, int] | None:
        """Token and seconds left; None when the day's forced refreshes are used up."""
        now = self._clock()
        with self._lock:
            left = self._valid_until.get(self._current, now) - now
            if force:
                self._forced = [moment for moment in self._forced if now - moment < timedelta(days=1)]
                if len(self._forced) >= FORCED_A_DAY:
                    return None
                self._forced.append(now)
            if force or left <= OVERLAP:
                self._renew(now)
                left = LIFETIME
            return self._current, int(left.total_seconds())

    def check(self, token: str) -> int:
        """0, or WeChat's error code for this token."""
        if not token:
            return 41001
        with self._lock:
            until = self._valid_until.get(token)
            if until is None:
                return 40001
            return 0 if self._clock() < until else 42001

    def revoke(self) -> None:
        """Every token given out stops working at once."""
        with self._lock:
            self._valid_until.clear()
            self._current = ""

    def _renew(self, now: datetime) -> None:
        if self._current in self._valid_until:
            self._valid_until[self._current] = min(self._valid_until[self._current], now + OVERLAP)
        # yesterday's are forgotten: they answer 40001 like one never issued
        self._valid_until = {
            token: until for token, until in self._valid_until.items() if now - until < timedelta(days=1)
        }
        self._current = secrets.token_urlsafe(96)
        self._valid_until[self._current] = now + LIFETIME
