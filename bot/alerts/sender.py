"""Sending one alert: claimed, sent outside any transaction, its outcome recorded."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime

from bot import metrics
from bot.alerts.robots import Robot
from bot.channels.outcome import SendOutcome
from bot.channels.sms.adapter import Adapter, OutgoingSms
from stops.duty import reach
from stops.duty.plan import Way
from storage.engine import Database

log = logging.getLogger(__name__)
NOT_SET = SendOutcome("failed", "not_set", "")


class AlertSender:
    """``robots``: those that are set up."""

    def __init__(
        self,
        database: Database,
        sms: Adapter | None,
        robots: Mapping[Way, Robot],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sms = sms
        self._robots = robots
        self._clock = clock

    def send(self, reach_id: uuid.UUID) -> None:
        """Send one alert, if it still waits to be sent."""
        with self._database.transaction() as session:
            claimed = reach.claim(session, reach_id, self._clock())
        if claimed is None:
            return
        outcome = self._hand_over(claimed)
        metrics.sent.labels(f"alert_{claimed.way}", outcome.status).inc()
        if outcome.status != "sent":
            log.warning("alert not sent", extra={"reach_id": str(reach_id), "way": claimed.way, "code": outcome.code})
        with self._database.transaction() as session:
            reach.settle(session, reach_id, outcome.status, outcome.code, outcome.reason, self._clock())

    def _hand_over(self, claimed: reach.Sending) -> SendOutcome:
        if claimed.way is Way.SMS:
            return self._text(claimed)
        robot = self._robots.get(claimed.way)
        return NOT_SET if robot is None else robot(claimed.text, claimed.loud)

    def _text(self, claimed: reach.Sending) -> SendOutcome:
        if self._sms is None:
            return NOT_SET
        if claimed.drill and not self._sms.conversational:
            return SendOutcome("failed", "drill_template", "")  # its template cannot say that it is a drill
        return self._sms.send(
            OutgoingSms(
                id=str(claimed.reach_id), to=claimed.to, text=claimed.text, conversation="", code=claimed.number
            )
        )
