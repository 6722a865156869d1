"""What falls due on claims while nobody looks: telling the reporter, deadlines, erasing payees on time."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from bot import metrics
from conversations.staffing import record
from rewards import notices, rounds, timers
from storage.engine import Database
from storage.logs import fault

log = logging.getLogger(__name__)


class Rewarding:
    """Rounds over claims. ``free_text``: the SMS operator sends our own words; ``keep_days``: of payees, or None."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, free_text: bool, keep_days: int | None
    ) -> None:
        self._database = database
        self._clock = clock
        self._free_text = free_text
        self._keep_days = keep_days

    def run(self) -> None:
        """One round. Each row is a transaction of its own and keeps no other waiting."""
        now = self._clock()
        with self._database.transaction() as session:
            due, owed = timers.due(session, now), notices.unsettled(session)
        for timer_id in due:
            with _alone("timer", timer_id), self._database.transaction() as session:
                rounds.fire(session, timer_id, now)
        for notice_id in owed:
            with _alone("notice", notice_id):
                self.tell(notice_id)
        with self._database.transaction() as session:
            for payment_id in rounds.erase_payees(session, now, self._keep_days):
                record(session, None, "payee_erased", now, "payment", payment_id)

    def tell(self, notice_id: uuid.UUID) -> None:
        """Take one notice as far as it goes."""
        with self._database.transaction() as session:
            rounds.tell(session, notice_id, self._clock(), free_text=self._free_text)


@contextmanager
def _alone(kind: str, row_id: uuid.UUID) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 whatever it is, the other claims must go on
        metrics.faults.labels("claims").inc()
        log.error("not done this round", extra={"kind": kind, "row": str(row_id), **fault(error)})
