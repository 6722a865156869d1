"""Stop cards: opening, finding and enriching them. Officers' work on them is gathered here by name.

The bot may only open and enrich. Whether a payment is stopped is a named officer's word (``set_state``).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from conversations.models import Contact, Conversation
from stops import events, tasks
from stops.acts import Act
from stops.amending import Amended, Meanwhile, amend
from stops.facts import LossFacts, TransferFacts, deadline
from stops.models import CardKind, CardState, StopCard, StopTransfer, blank_transfer, card_numbers
from stops.plausible import payee_kind
from stops.record import CardError, Change, changes_of, history, locked, note, refresh
from stops.same_loss import merge, plain, similar
from stops.states import DEMANDS, NEXT, reported_fen, set_state

__all__ = [
    "DEMANDS",
    "NEXT",
    "Act",
    "Amended",
    "CardError",
    "Change",
    "Meanwhile",
    "amend",
    "changes_of",
    "doubt",
    "enrich",
    "history",
    "latest_of",
    "list_cards",
    "load",
    "locked",
    "merge",
    "money_has_gone",
    "open_card",
    "open_card_of",
    "reported_fen",
    "set_state",
    "similar",
]

SAME_LOSS = timedelta(hours=24)  # a further story within this time belongs to the open card


def open_card_of(session: Session, conversation: Conversation, now: datetime) -> StopCard | None:
    """The card a further story of this person belongs to, its row locked; a merged one leads to the other."""
    found = session.scalar(
        select(StopCard)
        .where(
            StopCard.contact_id == conversation.contact_id,
            or_(StopCard.state != CardState.CLOSED, StopCard.merged_into.is_not(None)),
            StopCard.reported_at > now - SAME_LOSS,
        )
        .order_by(StopCard.reported_at.desc())
        .limit(1)
    )
    found = _followed(session, found)
    if found is None or found.state == CardState.CLOSED:
        return None
    return locked(session, found.id)


def latest_of(session: Session, contact: Contact) -> StopCard | None:
    """The newest card this contact reported, or the one it was merged into."""
    found = session.scalar(
        select(StopCard).where(StopCard.contact_id == contact.id).order_by(StopCard.reported_at.desc()).limit(1)
    )
    return _followed(session, found)


def _followed(session: Session, card: StopCard | None) -> StopCard | None:
    while card is not None and card.merged_into is not None:
        card = session.get_one(StopCard, card.merged_into)
    return card


def load(session: Session, card_id: uuid.UUID) -> StopCard | None:
    """A card with its transfers, to be read."""
    return session.scalar(select(StopCard).where(StopCard.id == card_id).options(selectinload(StopCard.transfers)))


def open_card(
    session: Session,
    conversation: Conversation,
    now: datetime,
    *,
    about_to_pay: bool = False,
    first_urgent_at: datetime | None = None,
) -> StopCard:
    """A new card in the queue, before anything is asked. ``first_urgent_at``: when its first words were received."""
    number = session.scalar(card_numbers)
    drill = session.get_one(Contact, conversation.contact_id).drill
    card = StopCard(
        number=f"{'YL' if drill else 'ZF'}{number}",
        drill=drill,
        kind=(CardKind.DISSUADE if about_to_pay else CardKind.LOSS).value,
        state=CardState.NEW.value,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        reported_at=now,
        first_urgent_at=first_urgent_at or now,
        deadline=deadline(now, about_to_pay=about_to_pay),
        stop_round=0,
        third_party=False,
        doubted=False,
        confirmed=False,
        complete=False,
        fraud_type="",
        transfers=[],
    )
    session.add(card)
    session.flush()
    note(session, card, now, "opened", state=CardState.NEW.value)
    events.card_opened(session, card, now)
    return card


def money_has_gone(session: Session, card: StopCard, now: datetime) -> None:
    """A card of somebody about to pay becomes a loss: they have paid, and their half hour begins."""
    if card.kind == CardKind.DISSUADE:
        card.kind = CardKind.LOSS.value
        note(session, card, now, "became_loss", actor="resident")
        refresh(session, card, now)
        events.card_changed(session, card, "became_loss", now)


def enrich(session: Session, card: StopCard, facts: LossFacts, now: datetime) -> list[Change]:
    """Write what the resident told onto the card; returns what is new. The card must be locked.

    Where the facts are silent nothing changes, and what an officer typed stays: a different word of the resident's
    is noted beside it.
    """
    telling = _Telling(card)
    for name in ("callback_phone", "victim_name", "fraud_type", "story"):
        telling.put(card, name, name, getattr(facts, name))
    telling.put(card, "third_party", "third_party", card.third_party or facts.third_party)
    telling.put(card, "confirmed", "confirmed", card.confirmed or facts.confirmed)
    for ordinal, told in enumerate(facts.transfers, start=1):
        _fill(telling, card, ordinal, told)
    card.amended = telling.amended
    if telling.changes:
        note(session, card, now, "told", actor="resident", changes=telling.changes)
    if telling.otherwise:
        note(session, card, now, "told_otherwise", actor="resident", changes=telling.otherwise)
    refresh(session, card, now)
    if telling.changes or telling.otherwise:
        events.card_changed(session, card, "told", now)
    return telling.changes


class _Telling:
    """Puts values on rows, keeping account; fields an officer typed are only compared."""

    def __init__(self, card: StopCard) -> None:
        self.amended: dict[str, Any] = dict(card.amended)
        self.changes: list[Change] = []
        self.otherwise: list[Change] = []

    def put(self, row: StopCard | StopTransfer, key: str, name: str, value: Any) -> None:
        before = getattr(row, name)
        if value in (None, "") or before == value:
            return
        if key in self.amended:
            if self.amended[key] != plain(value):
                self.amended[key] = plain(value)
                self.otherwise.append(Change(key, plain(before), plain(value)))
            return
        self.changes.append(Change(key, plain(before), plain(value)))
        setattr(row, name, value)


def _fill(telling: _Telling, card: StopCard, ordinal: int, told: TransferFacts) -> None:
    row = next((t for t in card.transfers if t.ordinal == ordinal), None)
    if row is None:
        row = blank_transfer(card.id, ordinal)
        card.transfers.append(row)
    for name in TransferFacts.__dataclass_fields__:
        value: Any = getattr(told, name)
        if name == "evidence_id":
            value = uuid.UUID(value) if value else None
        if name == "approximate" and told.amount_fen is None:
            continue
        if name == "time_approximate" and told.transferred_at is None:
            continue
        telling.put(row, f"{ordinal}.{name}", name, value)
    telling.put(row, f"{ordinal}.payee_kind", "payee_kind", payee_kind(row.payee_name))


def doubt(session: Session, card: StopCard, now: datetime) -> None:
    """The resident says it was a misunderstanding: the card stays open and an officer phones."""
    if card.doubted and any(task.kind == tasks.DOUBT for task in tasks.open_of(session, [card.id])):
        return
    earlier = sum(event.what == "doubted" for event in history(session, card.id))
    card.doubted = True
    note(session, card, now, "doubted", actor="resident")
    tasks.add(session, card, tasks.DOUBT, now, round_=earlier)
    events.card_changed(session, card, "doubted", now)


def list_cards(session: Session, *, open_only: bool = False, limit: int = 200) -> list[StopCard]:
    """Cards by deadline (open ones), else the newest first."""
    query = select(StopCard).options(selectinload(StopCard.transfers)).limit(limit)
    if open_only:
        query = query.where(StopCard.state != CardState.CLOSED).order_by(StopCard.deadline)
    else:
        query = query.order_by(StopCard.reported_at.desc())
    return list(session.scalars(query))
