"""An officer types on a card: what they did not see is not overwritten, and who changed what stays on record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops import events
from stops.models import CardState, StopCard, StopEvent, StopTransfer, blank_transfer
from stops.plausible import payee_kind
from stops.record import CardError, Change, changes_of, locked, note, refresh
from stops.same_loss import plain

Value = str | int | bool | datetime | uuid.UUID | None
# What may be typed, and how long it may be (None: no text).
CARD_FIELDS: dict[str, int | None] = {
    "victim_name": 64, "callback_phone": 32, "fraud_type": 32, "story": 2000, "third_party": None,
}  # fmt: skip
TRANSFER_FIELDS: dict[str, int | None] = {
    "amount_fen": None, "approximate": None, "transferred_at": None, "time_approximate": None, "method": 16,
    "payer_bank": 64, "payer_account": 64, "payee_name": 64, "payee_account": 64, "payee_bank": 64, "payee_kind": 16,
    "order_number": 64, "evidence_id": None,
}  # fmt: skip
MOST_TRANSFERS = 30


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Something that changed since the officer's page was drawn. ``by``: None: the resident or the bot."""

    at: datetime
    by: uuid.UUID | None
    what: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Amended:
    """``saved``: all of it, or nothing because somebody else changed one of the same fields.

    ``meanwhile``: what the officer had not seen, to be shown either way.
    """

    card: StopCard
    saved: bool
    changes: tuple[Change, ...]
    meanwhile: tuple[Meanwhile, ...]


def amend(
    session: Session, card_id: uuid.UUID, officer: Staff, version: int, values: Mapping[str, Value], now: datetime
) -> Amended:
    """Write what an officer typed. ``version``: of the card they saw.

    Keys as in the history: ``victim_name``, or ``2.payee_account`` for the second transfer; the number after the last
    adds a transfer. Raises :class:`CardError` for a field nobody may type, and on a closed card.
    """
    card = locked(session, card_id)
    if card.state == CardState.CLOSED:
        raise CardError("这张单子已经结案，不能再改。")
    meanwhile = _since(session, card, version)
    wanted = {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}
    for key, value in wanted.items():
        _check(card, key, value)
    touched = {change.field for item in meanwhile for change in item.changes}
    if touched & set(wanted):
        return Amended(card, False, (), meanwhile)
    changes = _write(card, wanted)
    if changes:
        note(session, card, now, "amended", staff_id=officer.id, changes=changes)
        refresh(session, card, now)
        events.card_changed(session, card, "amended", now)
    return Amended(card, True, tuple(changes), meanwhile)


def _since(session: Session, card: StopCard, version: int) -> tuple[Meanwhile, ...]:
    if version >= card.version:
        return ()
    rows = session.scalars(
        select(StopEvent)
        .where(StopEvent.card_id == card.id, StopEvent.version >= version)
        .order_by(StopEvent.at, StopEvent.id)
    )
    return tuple(Meanwhile(row.at, row.staff_id, row.what, tuple(changes_of(row))) for row in rows)


def _check(card: StopCard, key: str, value: Value) -> None:
    ordinal, _, name = key.rpartition(".")
    fields = TRANSFER_FIELDS if ordinal else CARD_FIELDS
    if name not in fields or (ordinal and not 1 <= _number(ordinal) <= min(len(card.transfers) + 1, MOST_TRANSFERS)):
        raise CardError("没有这一项。")
    limit = fields[name]
    if limit is not None and len(str(value or "")) > limit:
        raise CardError(f"太长了：最多{limit}个字。")
    if name == "amount_fen" and value is not None and not -1 < int(str(value)) < 10**17:
        raise CardError("金额不对。")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _write(card: StopCard, wanted: Mapping[str, Value]) -> list[Change]:
    changes: list[Change] = []
    amended = dict(card.amended)
    for key, value in wanted.items():
        ordinal, _, name = key.rpartition(".")
        row = _transfer(card, _number(ordinal)) if ordinal else card
        _put(row, key, name, value, changes, amended)
        if isinstance(row, StopTransfer):
            _follow(row, name, value, set(wanted), changes, amended)
    card.amended = amended
    return changes


def _put(
    row: StopCard | StopTransfer, key: str, name: str, value: Value, changes: list[Change], amended: dict[str, object]
) -> None:
    before = getattr(row, name)
    if before == value or (before in (None, "") and value in (None, "")):
        return
    amended.setdefault(key, plain(before))
    changes.append(Change(key, plain(before), plain(value)))
    setattr(row, name, value)


def _follow(
    row: StopTransfer, name: str, value: Value, wanted: set[str], changes: list[Change], amended: dict[str, object]
) -> None:
    """An amount or time that is typed is exact; a name tells what kind of payee it is. Unless typed, too."""
    follows: dict[str, tuple[str, Value]] = {
        "amount_fen": ("approximate", False),
        "transferred_at": ("time_approximate", False),
        "payee_name": ("payee_kind", payee_kind(str(value or ""))),
    }
    if name in follows:
        other, its = follows[name]
        key = f"{row.ordinal}.{other}"
        if key not in wanted:
            _put(row, key, other, its, changes, amended)


def _transfer(card: StopCard, ordinal: int) -> StopTransfer:
    found = next((t for t in card.transfers if t.ordinal == ordinal), None)
    if found is None:
        found = blank_transfer(card.id, ordinal)
        card.transfers.append(found)
    return found
