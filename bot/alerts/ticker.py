"""The look at the ladders, once a second in every worker."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime

from stops.duty import firing, reach
from storage.engine import Database
from storage.logs import fault

SEARCH = 10  # looks between two searches for cards without a ladder
log = logging.getLogger(__name__)


class Ticker:
    """Several may run at once."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._looks = 0

    def look(self) -> None:
        """One round: fire what is due, set going again what got stuck."""
        if self._looks % SEARCH == 0:
            self.search()
        self._looks += 1
        with self._database.transaction() as session:
            runs = firing.due(session, self._clock())
        for run_id in runs:
            try:
                self.advance(run_id)
            except Exception as error:  # noqa: BLE001 one card's fault must not keep the others waiting
                log.error("a ladder could not be advanced", extra={"run_id": str(run_id), **fault(error)})
        with self._database.transaction() as session:
            reach.requeue(session, self._clock())

    def advance(self, run_id: uuid.UUID) -> None:
        """Fire what is due of one run."""
        with self._database.transaction() as session:
            firing.advance(session, run_id, self._clock())

    def search(self) -> None:
        """Cards that wait without a ladder get one."""
        with self._database.transaction() as session:
            found = firing.forgotten(session, self._clock())
        for card_id in found:
            log.error("a waiting card had no ladder", extra={"card_id": str(card_id)})
