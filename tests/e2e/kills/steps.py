"""The steps of a loss, as threads reach them; the killer strikes while somebody is in one."""

from __future__ import annotations

import threading

TOLD = ("told", "phone", "payee", "payment", "payer", "story", "name", "read back")  # by a resident
WORKED = ("taken", "released", "forwarded", "initiated", "succeeded")  # by an officer
STEPS = TOLD + WORKED
BETWEEN = "(any)"


class Steps:
    """Where the losses are. Several threads report, one waits."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._entered: list[str] = []

    def enter(self, step: str) -> None:
        """Somebody is about to take a step."""
        with self._changed:
            self._entered.append(step)
            self._changed.notify_all()

    def wait_for(self, wanted: set[str], seconds: float) -> str:
        """The first of the wanted steps that is entered from now on; ``BETWEEN`` when none is."""
        with self._changed:
            self._entered.clear()
            self._changed.wait_for(lambda: wanted.intersection(self._entered), seconds)
            return next((step for step in self._entered if step in wanted), BETWEEN)
