"""An officer's work on an order: sign it, dissuade, report back, and the review that ends it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import contacts, staffing
from conversations.inbound import Channel
from conversations.models import Contact, Staff
from stops import cards
from stops.facts import LossFacts
from stops.models import StopCard
from stops.orders import words
from stops.orders.models import (
    AFTER,
    CONCLUSIVE,
    OrderEvent,
    OrderState,
    Outcome,
    Rating,
    Step,
    WarningOrder,
    Way,
)
from stops.orders.phones import is_mobile
from stops.orders.register import PLACES, REACHED, OrderError, earliest, locked, note, waiting_steps
from storage import live

TYPED_TO_THE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to dissuade somebody. ``happened_at``: None for just now."""

    way: Way
    outcome: Outcome
    text: str
    happened_at: datetime | None = None


def sign(session: Session, order_id: uuid.UUID, staff: Staff, now: datetime) -> WarningOrder:
    """签收: an officer has read the order and is on it."""
    order = locked(session, order_id)
    if order.state != OrderState.RECEIVED:
        raise OrderError(words.NOT_NOW)
    _done(order, Step.SIGN, staff, now)
    note(session, order.id, now, "signed", staff=staff)
    _touched(session, order, staff, "order_sign", now)
    return order


def attempt(session: Session, order_id: uuid.UUID, staff: Staff, tried: Attempt, now: datetime) -> StopCard | None:
    """劝阻: what came of a try. The money has gone: a stop card is opened, if there is a mobile number to open it for.

    Returns that card. Raises :class:`OrderError`.
    """
    contact = _contact_of(session, order_id, now) if tried.outcome is Outcome.PAID else None
    order = locked(session, order_id)
    workable(order)
    if not order.received_at - TYPED_TO_THE_MINUTE <= (tried.happened_at or now) <= now:
        raise OrderError(words.TIME_WRONG)
    if not tried.text.strip():
        raise OrderError(words.NOTE_NEEDED)
    if tried.outcome in CONCLUSIVE:
        order.outcome = tried.outcome.value
        if order.steps[PLACES[Step.DISSUADE] - 1].done_at is None:
            _done(order, Step.DISSUADE, staff, tried.happened_at or now)
    note(
        session,
        order.id,
        now,
        "attempt",
        staff=staff,
        way=tried.way.value,
        outcome=tried.outcome.value,
        happened_at=tried.happened_at,
        detail=tried.text,
    )
    _touched(session, order, staff, "order_attempt", now)
    return _card_for(session, order, contact, now) if contact else None


def _contact_of(session: Session, order_id: uuid.UUID, now: datetime) -> Contact | None:
    """The contact of an order's number, locked: before the order, as by an incoming message."""
    order = session.get(WarningOrder, order_id)
    if order is None or not is_mobile(order.phone):
        return None
    return contacts.lock_contact(session, Channel.SMS, order.phone, now)


def _card_for(session: Session, order: WarningOrder, contact: Contact, now: datetime) -> StopCard:
    conversation = contacts.open_conversation(session, contact, now)
    card = cards.open_card_of(session, conversation, now)
    if card is None:
        card = cards.open_card(session, conversation, now)
        told = LossFacts(callback_phone=order.phone.removeprefix("+86"), victim_name=order.name)
        cards.enrich(session, card, told, now)
    order.card_id = card.id
    return card


def feed_back(session: Session, order_id: uuid.UUID, staff: Staff, text: str, now: datetime) -> WarningOrder:
    """反馈: what was reported to the authority above; after a try at least, where nobody could be dissuaded."""
    order = locked(session, order_id)
    workable(order)
    if order.state == OrderState.FED_BACK:
        raise OrderError(words.NOT_NOW)
    if order.state == OrderState.SIGNED and not _tried(session, order):
        raise OrderError(words.NO_ATTEMPT)
    if not text.strip():
        raise OrderError(words.NOTE_NEEDED)
    _done(order, Step.FEEDBACK, staff, now)
    note(session, order.id, now, "fed_back", staff=staff, detail=text)
    _touched(session, order, staff, "order_feedback", now)
    return order


def review(
    session: Session, order_id: uuid.UUID, staff: Staff, rating: Rating, text: str, now: datetime
) -> WarningOrder:
    """评价: how well the dissuasion went. It ends the order."""
    order = locked(session, order_id)
    if order.state == OrderState.REVIEWED:
        raise OrderError(words.CLOSED)
    if order.state != OrderState.FED_BACK:
        raise OrderError(words.NOT_NOW)
    order.rating = rating.value
    _done(order, Step.REVIEW, staff, now)
    note(session, order.id, now, "reviewed", staff=staff, outcome=rating.value, detail=text)
    _touched(session, order, staff, "order_review", now)
    return order


def workable(order: WarningOrder) -> None:
    """Raises :class:`OrderError` for an order nobody has signed yet, or that is closed."""
    if order.state == OrderState.RECEIVED:
        raise OrderError(words.SIGN_FIRST)
    if order.state == OrderState.REVIEWED:
        raise OrderError(words.CLOSED)


def _tried(session: Session, order: WarningOrder) -> bool:
    query = select(OrderEvent.id).where(OrderEvent.order_id == order.id, OrderEvent.what == "attempt").limit(1)
    return session.scalar(query) is not None


def _done(order: WarningOrder, step: Step, staff: Staff, at: datetime) -> None:
    row = order.steps[PLACES[step] - 1]
    row.done_at, row.staff_id = at, staff.id
    if REACHED[AFTER[step]] > REACHED[OrderState(order.state)]:
        order.state = AFTER[step].value
    next_due = earliest(waiting_steps(order))
    order.due_at = next_due.due_at if next_due else None


def _touched(session: Session, order: WarningOrder, staff: Staff, action: str, now: datetime) -> None:
    order.acted_at = now
    staffing.record(session, staff, action, now, "order", order.id)
    live.touch(session, "order", order.id)
