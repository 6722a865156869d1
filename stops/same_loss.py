"""Two cards that tell of one loss: found by the payee's account, shown, and merged by a person."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from conversations.models import Staff
from stops import events, tasks, timers
from stops.models import CardState, StopCard, StopTransfer, blank_transfer
from stops.record import CardError, Change, locked, note, refresh

REPORTED_WITHIN = timedelta(hours=48)
TIMES_DIFFER = timedelta(hours=2)
ABOUT = 0.25  # how far an amount said roughly may be off
# What a merge takes over where the card that stays knows nothing.
CARD_FIELDS = ("victim_name", "callback_phone", "fraud_type", "story")
TRANSFER_FIELDS = (
    "amount_fen", "amount_said", "transferred_at", "time_said", "method", "payer_bank", "payer_account",
    "payee_name", "payee_account", "payee_bank", "payee_kind", "order_number", "evidence_id",
)  # fmt: skip
EARLY = frozenset({CardState.NEW, CardState.ACCEPTED, CardState.FORWARDED})


def similar(session: Session, card: StopCard) -> list[StopCard]:
    """Other cards that are probably of the same loss: same account, near amount, near time. Newest first."""
    accounts = [t.account_index for t in card.transfers if t.account_index is not None]
    if not accounts:
        return []
    found = session.scalars(
        select(StopCard)
        .join(StopTransfer, StopTransfer.card_id == StopCard.id)
        .where(
            StopTransfer.account_index.in_(accounts),
            StopCard.id != card.id,
            StopCard.drill == card.drill,
            StopCard.merged_into.is_(None),
            StopCard.reported_at.between(card.reported_at - REPORTED_WITHIN, card.reported_at + REPORTED_WITHIN),
        )
        .options(selectinload(StopCard.transfers))
        .order_by(StopCard.reported_at.desc())
        .distinct()
    )
    return [other for other in found if any(_same(a, b) for a in card.transfers for b in other.transfers)]


def _same(one: StopTransfer, other: StopTransfer) -> bool:
    if one.account_index is None or one.account_index != other.account_index:
        return False
    if one.transferred_at and other.transferred_at and abs(one.transferred_at - other.transferred_at) > TIMES_DIFFER:
        return False
    if not one.amount_fen or not other.amount_fen or one.amount_fen == other.amount_fen:
        return True
    vague = one.approximate or other.approximate
    larger = max(one.amount_fen, other.amount_fen)
    return vague and abs(one.amount_fen - other.amount_fen) <= ABOUT * larger


def merge(session: Session, into_id: uuid.UUID, other_id: uuid.UUID, officer: Staff, now: datetime) -> StopCard:
    """Put one card into another; both histories stay, and what the first did not know comes over.

    Raises :class:`CardError` where the other card has gone too far on its own, or one of them is closed.
    """
    if into_id == other_id:
        raise CardError("不能和自己合并。")
    cards = {card_id: locked(session, card_id) for card_id in sorted((into_id, other_id))}
    into, other = cards[into_id], cards[other_id]
    if into.drill or other.drill:
        raise CardError("演练单不能合并。")
    if other.merged_into is not None or into.merged_into is not None:
        raise CardError("其中一张已经合并过了，请刷新页面。")
    if CardState(into.state) is CardState.CLOSED or CardState(other.state) not in EARLY:
        raise CardError("已经发起止付或结案的单子不能并入别的单子。")
    changes = _take_over(session, into, other)
    other.merged_into = into.id
    other.state, other.state_by, other.state_at = CardState.CLOSED.value, officer.id, now
    other.closed_at = now
    timers.drop(session, other, (timers.REMIND,))
    tasks.settle(session, other, (tasks.TELL, tasks.DOUBT), officer, now)
    note(session, other, now, "merged_away", staff_id=officer.id, state=CardState.CLOSED.value, detail=into.number)
    note(session, into, now, "merged", staff_id=officer.id, detail=other.number, changes=changes)
    into.doubted = into.doubted or other.doubted
    refresh(session, into, now)
    for card in (into, other):
        events.card_changed(session, card, "merged", now)
    return into


def _take_over(session: Session, into: StopCard, other: StopCard) -> list[Change]:
    changes = []
    for name in CARD_FIELDS:
        if getattr(other, name) and not getattr(into, name):
            changes.append(Change(name, "", getattr(other, name)))
            setattr(into, name, getattr(other, name))
    for told in other.transfers:
        row = next((own for own in into.transfers if _may_be(own, told)), None)
        if row is None:
            ordinal = max((t.ordinal for t in into.transfers), default=0) + 1
            row = blank_transfer(into.id, ordinal)
            row.approximate = told.approximate
            into.transfers.append(row)
        for name in TRANSFER_FIELDS:
            value = getattr(told, name)
            if value not in (None, "") and getattr(row, name) in (None, ""):
                changes.append(Change(f"{row.ordinal}.{name}", "", plain(value)))
                setattr(row, name, value)
    return changes


def _may_be(own: StopTransfer, told: StopTransfer) -> bool:
    """Whether both may be one transfer: nothing that both know speaks against it."""
    if own.account_index and told.account_index:
        return _same(own, told)
    return own.amount_fen is None or told.amount_fen is None or own.amount_fen == told.amount_fen


def plain(value: object) -> object:
    """A field's value as the history keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)
