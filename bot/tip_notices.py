"""Telling reporters of the steps of their tips: each notice in a transaction of its own, lost jobs found again."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime

from bot import metrics
from storage.engine import Database
from storage.logs import fault
from tips import telling

log = logging.getLogger(__name__)


class TipNotices:
    """Settles the notices of tips; running it twice, or at once in two workers, tells once."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def run(self) -> None:
        """One round: notices whose job was lost."""
        with self._database.transaction() as session:
            waiting = telling.unsettled(session)
        for notice_id in waiting:
            try:
                self.tell(notice_id)
            except Exception as error:  # noqa: BLE001 one that cannot be told must not keep the others waiting
                metrics.faults.labels("tip_notice").inc()
                log.error("not told this round", extra={"notice": str(notice_id), **fault(error)})

    def tell(self, notice_id: uuid.UUID) -> None:
        """Tell one."""
        with self._database.transaction() as session:
            telling.tell(session, notice_id, self._clock())
