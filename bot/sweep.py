"""The safety net behind the jobs: what got stuck is found in the records themselves and set going again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from conversations.messages import SECRET
from conversations.models import Delivery, Direction, Evidence, EvidenceState, Message, SmsPart
from rewards.paying import COLLECTION
from stops import holding
from stops.orders import reminders
from storage.clock import Stopwatch
from storage.engine import Database
from storage.jobs import Priority, Task, defer
from tips.codes import CODE

STUCK = timedelta(seconds=5)  # an untouched message this old has lost its job
PASSIVE_LOST = timedelta(seconds=20)  # three deliveries of WeChat's and a margin
CLAIM_LOST = timedelta(seconds=20)
SECRET_SHOWN = timedelta(minutes=10)  # a delivery may be repeated for a while; then the code is wiped
HIDDEN = "••••"
BATCH = 500


class Sweep:
    """Looks for what is stuck; running it twice, or at once in two workers, does no harm."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._since = Stopwatch()

    def run(self) -> None:
        """One round."""
        now = self._clock()
        with self._database.transaction() as session:
            self._unanswered(session, now)
            self._lost_passive(session, now)
            self._unsent(session, now)
            self._media(session, now)
            self._late_parts(session, now)
        with self._database.transaction() as session:
            self._wipe_secrets(session, now)
        with self._database.transaction() as session:
            holding.lose_silent(session, now, self._since)
        with self._database.transaction() as session:
            reminders.fire(session, now)

    @staticmethod
    def _unanswered(session: Session, now: datetime) -> None:
        for contact_id in session.scalars(
            select(Message.contact_id)
            .where(Message.direction == Direction.IN, Message.decided_by == "", Message.created_at < now - STUCK)
            .distinct()
            .limit(BATCH)
        ):
            defer(
                session,
                Task.ANSWER,
                priority=Priority.URGENT,
                queueing_lock=f"answer:{contact_id}",
                contact_id=str(contact_id),
            )

    @staticmethod
    def _lost_passive(session: Session, now: datetime) -> None:
        session.execute(
            update(Message)
            .where(Message.delivery == Delivery.PASSIVE, Message.created_at < now - PASSIVE_LOST)
            .values(delivery=Delivery.QUEUED.value)
        )

    @staticmethod
    def _unsent(session: Session, now: datetime) -> None:
        waiting = (Message.delivery == Delivery.QUEUED) & (Message.created_at < now - STUCK)
        due = (Message.due_at.is_(None)) | (Message.due_at < now - STUCK)
        abandoned = (Message.delivery == Delivery.SENDING) & (Message.attempted_at < now - CLAIM_LOST)
        for contact_id in session.scalars(
            select(Message.contact_id).where((waiting & due) | abandoned).distinct().limit(BATCH)
        ):
            defer(session, Task.SEND, queueing_lock=f"send:{contact_id}", contact_id=str(contact_id))

    @staticmethod
    def _media(session: Session, now: datetime) -> None:
        for evidence_id in session.scalars(
            select(Evidence.id)
            .where(Evidence.state == EvidenceState.PENDING, Evidence.created_at < now - timedelta(minutes=2))
            .limit(BATCH)
        ):
            defer(session, Task.FETCH_MEDIA, queueing_lock=f"media:{evidence_id}", evidence_id=str(evidence_id))

    @staticmethod
    def _late_parts(session: Session, now: datetime) -> None:
        for contact_id, reference in session.execute(
            select(SmsPart.contact_id, SmsPart.reference)
            .where(SmsPart.received_at < now - timedelta(minutes=2))
            .distinct()
            .limit(BATCH)
        ):
            defer(
                session,
                Task.JOIN_PARTS,
                queueing_lock=f"parts:{contact_id}:{reference}",
                contact_id=str(contact_id),
                reference=reference,
            )

    @staticmethod
    def _wipe_secrets(session: Session, now: datetime) -> None:
        for message in session.scalars(
            select(Message)
            .where(
                Message.kind == SECRET,
                Message.delivery.not_in((Delivery.PASSIVE, Delivery.QUEUED, Delivery.SENDING, Delivery.HELD)),
                Message.created_at < now - SECRET_SHOWN,
            )
            .limit(BATCH)
        ):
            message.text = COLLECTION.sub(HIDDEN, CODE.sub(HIDDEN, message.text))
            message.kind = "text"
