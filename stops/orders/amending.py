"""Correcting an order whose number or address turned out to be wrong: with a reason, over nobody's unseen change."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import staffing
from conversations.contacts import sender_index
from conversations.inbound import Channel
from conversations.models import Staff
from stops.orders import words
from stops.orders.models import OrderEvent, OrderState, WarningOrder
from stops.orders.reading import read_row
from stops.orders.register import OrderError, locked, note
from stops.record import Change
from storage import live

FIELDS = ("name", "phone", "village", "address")


def amend(
    session: Session,
    order_id: uuid.UUID,
    staff: Staff,
    version: int,
    typed: Mapping[str, str],
    reason: str,
    now: datetime,
) -> list[Change]:
    """Write what an officer typed; returns what is new. ``typed``: some of :data:`FIELDS`; ``version``: of the order
    they saw. Raises :class:`OrderError`, also where somebody else changed one of the same fields since.
    """
    order = locked(session, order_id)
    if order.state == OrderState.REVIEWED:
        raise OrderError(words.CLOSED)
    changes = _changes(order, typed, now)
    if not changes:
        return []
    if not reason.strip():
        raise OrderError(words.REASON_NEEDED)
    _refuse_unseen(session, order, version, changes)
    for change in changes:
        setattr(order, change.field, change.after)
    order.phone_index = sender_index(Channel.SMS, order.phone) if order.phone else None
    note(session, order.id, now, "amended", staff=staff, detail=reason, changes=changes, version=order.version)
    order.version += 1
    staffing.record(session, staff, "order_amend", now, "order", order.id)
    live.touch(session, "order", order.id)
    return changes


def _changes(order: WarningOrder, typed: Mapping[str, str], now: datetime) -> list[Change]:
    wanted = {name: typed.get(name, getattr(order, name)) for name in FIELDS}
    draft = read_row(wanted, now, numbered=False)
    if isinstance(draft, list):
        said = [
            words.WRONG_FIELD.format(field=words.COLUMNS[one.column][0], problem=one.text) if one.column else one.text
            for one in draft
        ]
        raise OrderError("；".join(said) + "。")
    pairs = [(name, getattr(order, name) or "", getattr(draft, name)) for name in FIELDS]
    return [Change(name, before, after) for name, before, after in pairs if before != after]


def _refuse_unseen(session: Session, order: WarningOrder, version: int, changes: list[Change]) -> None:
    since = session.scalars(
        select(OrderEvent).where(
            OrderEvent.order_id == order.id, OrderEvent.what == "amended", OrderEvent.version >= version
        )
    )
    unseen = {change.field for event in since for change in changes_of(event)}
    for change in changes:
        if change.field in unseen:
            field = words.COLUMNS[change.field][0]
            raise OrderError(words.CHANGED_MEANWHILE.format(field=field, value=change.before or words.EMPTY))


def changes_of(event: OrderEvent) -> list[Change]:
    """What an event changed, field by field."""
    return [Change(item["field"], item["before"], item["after"]) for item in event.changes.get("changes", ())]
