"""What comes back by SMS: a text of the person an open order is about is noted on that order as well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Contact, Message
from stops.orders.models import OrderState, WarningOrder
from stops.orders.register import note
from storage import live


def link(session: Session, contact: Contact, message: Message, now: datetime) -> None:
    """Note a text on the newest open order of its sender's number, if there is one.

    Called under the contact's lock, once for a message. It changes nothing in how the text is answered.
    """
    order = session.scalar(
        select(WarningOrder)
        .where(WarningOrder.phone_index == contact.sender_index, WarningOrder.state != OrderState.REVIEWED)
        .order_by(WarningOrder.received_at.desc())
        .limit(1)
        .with_for_update()
    )
    if order is None:
        return
    order.answered_at = now
    note(session, order.id, now, "answered", by_resident=True, message_id=message.id)
    live.touch(session, "order", order.id, "answered")
