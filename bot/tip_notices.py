"""Telling reporters of the steps of their tips: each notice in a transaction of its own, lost jobs found again."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import and_, exists, select

from bot import metrics
from conversations.models import Staff
from rewards.models import Act, Claim, ClaimEvent, ClaimState
from storage.engine import Database
from storage.logs import fault
from tips import telling
from tips.models import Tip, TipNotice
from tips.record import locked
from tips.telling import Step

# Rewards that can be claimed: found in the records, so that a worker or console killed after the step forgets nobody.
_CLAIMABLE = (
    select(Claim.tip_id, ClaimEvent.staff_id)
    .join(ClaimEvent, and_(ClaimEvent.claim_id == Claim.id, ClaimEvent.act == Act.NOTIFY.value))
    .join(Tip, Tip.id == Claim.tip_id)
    .where(
        Claim.state == ClaimState.NOTIFIED.value,
        Tip.contact_id.is_not(None),
        ~exists().where(TipNotice.tip_id == Claim.tip_id, TipNotice.step == Step.CLAIMABLE.value),
    )
    .limit(telling.BATCH)
)
log = logging.getLogger(__name__)


class TipNotices:
    """Settles the notices of tips; running it twice, or at once in two workers, tells once."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def run(self) -> None:
        """One round: rewards nobody has heard of, and notices whose job was lost."""
        with self._database.transaction() as session:
            claimable = session.execute(_CLAIMABLE).all()
        for tip_id, staff_id in claimable:
            self._owe(tip_id, staff_id)
        with self._database.transaction() as session:
            waiting = telling.unsettled(session)
        for notice_id in waiting:
            try:
                self.tell(notice_id)
            except Exception as error:  # noqa: BLE001 one that cannot be told must not keep the others waiting
                metrics.faults.labels("tip_notice").inc()
                log.error("not told this round", extra={"notice": str(notice_id), **fault(error)})

    def _owe(self, tip_id: uuid.UUID, staff_id: uuid.UUID | None) -> None:
        with self._database.transaction() as session:
            tip = locked(session, tip_id)
            if telling.is_owed(session, tip, Step.CLAIMABLE):
                return  # another worker was quicker
            telling.owe(session, tip, Step.CLAIMABLE, session.get_one(Staff, staff_id), self._clock())

    def tell(self, notice_id: uuid.UUID) -> None:
        """Tell one."""
        with self._database.transaction() as session:
            telling.tell(session, notice_id, self._clock())
