"""Texts from an operator: stored at once, long ones joined, receipts noted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot import metrics
from bot.channels.sms import joining
from bot.channels.sms.adapter import Receipt
from bot.intake import Intake
from conversations import contacts
from conversations.inbound import Channel, Inbound, Kind
from conversations.models import Contact, Delivery, Direction, Message, SmsPart
from stops.duty import reach
from storage import live
from storage.engine import Database
from storage.jobs import Task, defer
from storage.settings import Settings


class SmsReception:
    """The database side of SMS."""

    def __init__(self, database: Database, intake: Intake, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._intake = intake
        self._wait = timedelta(seconds=settings.sms_join_timeout)
        self._clock = clock

    def store(self, provider: str, inbound: Inbound) -> None:
        """Store one text, or one part of a long one, in a transaction of its own."""
        with self._database.transaction() as session:
            part = joining.part_of(inbound)
            if part is None:
                stored = self._intake.store_unanswered(session, inbound)
                metrics.messages.labels(Channel.SMS, "new" if stored else "duplicate").inc()
                return
            contact = contacts.lock_contact(session, Channel.SMS, inbound.sender, self._clock())
            self._keep_part(session, provider, contact, part, inbound)
            self._join(session, contact, part.reference)

    def _keep_part(
        self, session: Session, provider: str, contact: Contact, part: joining.Part, inbound: Inbound
    ) -> None:
        row = SmsPart(
            contact_id=contact.id,
            provider=provider,
            recipient=part.recipient,
            reference=part.reference,
            part_total=part.total,
            part_index=part.index,
            text=part.text,
            sent_at=inbound.sent_at,
            received_at=part.received_at,
        )
        columns = {column.name: getattr(row, column.name) for column in SmsPart.__table__.columns}
        session.execute(insert(SmsPart).values(**columns).on_conflict_do_nothing())
        defer(
            session,
            Task.JOIN_PARTS,
            at=part.received_at + self._wait,
            contact_id=str(contact.id),
            reference=part.reference,
        )

    def join_late(self, contact_id: uuid.UUID, reference: str) -> None:
        """The time for missing parts is over: hand on what is there."""
        with self._database.transaction() as session:
            contact = contacts.lock_by_id(session, contact_id)
            self._join(session, contact, reference)

    def _join(self, session: Session, contact: Contact, reference: str) -> None:
        query = select(SmsPart).where(SmsPart.contact_id == contact.id, SmsPart.reference == reference)
        rows = list(session.scalars(query))
        if not rows:
            return
        known = [
            joining.Part(
                contact.sender, row.recipient, reference, row.part_total, row.part_index, row.text, row.received_at
            )
            for row in rows
        ]
        joined = joining.join(known, self._clock(), self._wait)
        if joined is None:
            return
        first = min(rows, key=lambda row: row.received_at)
        whole = Inbound(
            channel=Channel.SMS,
            sender=contact.sender,
            # The operator may use a reference again another day, so the first part's own row makes the key unique.
            external_id=f"joined:{first.id}",
            kind=Kind.TEXT,
            received_at=first.received_at,
            sent_at=first.sent_at,
            recipient=first.recipient,
            text=joined.text,
            partial=bool(joined.missing),
        )
        self._intake.store_unanswered(session, replace(whole, received_at=self._clock()))
        session.execute(delete(SmsPart).where(SmsPart.id.in_([row.id for row in rows])))

    def receipts(self, receipts: Iterable[Receipt]) -> None:
        """Note what the operator says became of our texts."""
        for receipt in receipts:
            with self._database.transaction() as session:
                message = _find(session, receipt)
                if message is None and self._alert(session, receipt):
                    continue
                if message is None or message.delivery == Delivery.DELIVERED:
                    continue
                delivered = receipt.status == "delivered"
                session.execute(
                    update(Message)
                    .where(Message.id == message.id)
                    .values(
                        delivery=(Delivery.DELIVERED if delivered else Delivery.FAILED).value,
                        reason="" if delivered else receipt.reason[:255],
                    )
                )
                metrics.sent.labels(Channel.SMS, receipt.status).inc()
                live.touch(session, "conversation", message.conversation_id, "message")

    def _alert(self, session: Session, receipt: Receipt) -> bool:
        """Whether it was for an alert to staff, which is then noted."""
        ours = _uuid(receipt.id)
        return ours is not None and reach.receipt(
            session, ours, receipt.status == "delivered", receipt.reason, self._clock()
        )


def _find(session: Session, receipt: Receipt) -> Message | None:
    ours = _uuid(receipt.id)
    if ours is not None:
        found = session.get(Message, ours)
        return found if found is not None and found.direction == Direction.OUT else None
    if not receipt.reference:
        return None
    return session.scalar(
        select(Message).where(Message.provider_id == receipt.reference, Message.channel == Channel.SMS).limit(1)
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
