"""WeChat's limit on customer-service messages, as published in June 2023.

A resident's message allows 5 within 48 hours; a follow, a menu click or a scan 3 within 1 minute. A newer message or
event opens its window afresh, it does not add up. What an event allows is used first: it ends first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW_CLOSED = 45015
COUNT_USED_UP = 45047
MESSAGE = (5, timedelta(hours=48))
EVENT = (3, timedelta(minutes=1))
EVENTS_THAT_OPEN = frozenset({"subscribe", "SCAN", "CLICK"})


@dataclass(slots=True)
class Window:
    """So many messages until a moment; at that moment it is over."""

    left: int = 0
    until: datetime | None = None

    def open(self, now: datetime) -> bool:
        """Whether time is left."""
        return self.until is not None and now < self.until

    def view(self, now: datetime) -> dict[str, object]:
        """As JSON; closed: 0 left."""
        if self.until is None or not self.open(now):
            return {"left": 0, "until": None}
        return {"left": self.left, "until": self.until.isoformat(timespec="seconds")}


@dataclass(slots=True)
class Budget:
    """Both windows of one resident."""

    message: Window = field(default_factory=Window)
    event: Window = field(default_factory=Window)

    def resident_acts(self, event: str | None, now: datetime) -> None:
        """A message (``event`` None) or an event of the resident."""
        if event is None:
            self.message = Window(MESSAGE[0], now + MESSAGE[1])
        elif event in EVENTS_THAT_OPEN:
            self.event = Window(EVENT[0], now + EVENT[1])

    def spend(self, now: datetime) -> int:
        """Take one; returns 0, 45015 (no window is open) or 45047 (nothing left in it)."""
        open_windows = [window for window in (self.event, self.message) if window.open(now)]
        if not open_windows:
            return WINDOW_CLOSED
        for window in open_windows:
            if window.left:
                window.left -= 1
                return 0
        return COUNT_USED_UP

    def view(self, now: datetime) -> dict[str, object]:
        """As JSON."""
        return {"message": self.message.view(now), "event": self.event.view(now)}
