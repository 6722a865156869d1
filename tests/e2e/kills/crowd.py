"""So many losses at once, for as long as processes are killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tests.e2e.kills.losses import Loss


class Crowd:
    """Keeps so many losses going at once."""

    def __init__(self, make: Callable[[], Loss], at_once: int) -> None:
        self._make = make
        self._at_once = at_once
        self._running: list[Loss] = []
        self._growing = True
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._keeper.start()

    def stop_growing(self) -> None:
        """No new losses."""
        self._growing = False

    def wait(self) -> None:
        """Return when every loss has been told to the end."""
        self._keeper.join()
        for loss in self._running:
            loss.join()

    def _keep(self) -> None:
        while self._growing:
            self._running = [loss for loss in self._running if loss.is_alive()]
            if len(self._running) < self._at_once:
                self._running.append(loss := self._make())
                loss.start()
            time.sleep(0.5)
