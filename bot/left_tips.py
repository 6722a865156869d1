"""Tips whose reporter fell silent before the last question: registered as they were told, so that none is lost."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import metrics
from conversations import contacts, messages
from conversations.models import Conversation, FormRecord, FormState, Holder
from handlers import report_tip
from storage.engine import Database
from storage.logs import fault
from tips.villages import Villages

SILENT = timedelta(minutes=15)  # time enough to look for a picture
BATCH = 100
_UNFINISHED = (FormState.OPEN.value, FormState.SUSPENDED.value)
log = logging.getLogger(__name__)


class LeftTips:
    """Running it twice, or at once in two workers, registers a tip once."""

    def __init__(self, database: Database, clock: Callable[[], datetime], villages: Villages) -> None:
        self._database = database
        self._clock = clock
        self._villages = villages

    def run(self) -> None:
        """One round over what was left. Where a person holds the conversation it is left to them."""
        now = self._clock()
        with self._database.transaction() as session:
            found = list(
                session.scalars(
                    select(FormRecord.id)
                    .join(Conversation, Conversation.id == FormRecord.conversation_id)
                    .where(FormRecord.name == report_tip.NAME, FormRecord.state.in_(_UNFINISHED))
                    .where(FormRecord.touched_at < now - SILENT, Conversation.holder != Holder.STAFF)
                    .order_by(FormRecord.touched_at)
                    .limit(BATCH)
                )
            )
        for form_id in found:
            try:
                with self._database.transaction() as session:
                    self._leave(session, form_id, now)
            except Exception as error:  # noqa: BLE001 one that cannot be registered must not keep the others waiting
                metrics.faults.labels("left_tip").inc()
                log.error("a tip that was left is not registered", extra={"form": str(form_id), **fault(error)})

    def _leave(self, session: Session, form_id: uuid.UUID, now: datetime) -> None:
        record = session.get_one(FormRecord, form_id)
        conversation = session.get_one(Conversation, record.conversation_id)
        contacts.lock_by_id(session, conversation.contact_id)
        session.refresh(record)
        session.refresh(conversation)
        silent = record.state in _UNFINISHED and record.touched_at < now - SILENT
        if silent and conversation.holder != Holder.STAFF:
            replies = report_tip.leave(session, conversation, record, self._villages, now)
            messages.say(session, conversation, replies, now)
