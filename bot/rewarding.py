"""What falls due on claims while nobody looks: telling the reporter, deadlines, erasing payees on time."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from bot.rounds import alone
from conversations.staffing import record
from rewards import notices, rounds, timers
from storage.engine import Database


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
            with alone("claims", "timer", timer_id), self._database.transaction() as session:
                rounds.fire(session, timer_id, now)
        for notice_id in owed:
            with alone("claims", "notice", notice_id):
                self.tell(notice_id)
        with self._database.transaction() as session:
            for payment_id in rounds.erase_payees(session, now, self._keep_days):
                record(session, None, "payee_erased", now, "payment", payment_id)

    def tell(self, notice_id: uuid.UUID) -> None:
        """Take one notice as far as it goes."""
        with self._database.transaction() as session:
            rounds.tell(session, notice_id, self._clock(), free_text=self._free_text)
