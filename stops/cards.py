"""Opening, enriching and working stop cards.

The bot may only open and enrich. Whether a payment is stopped is a named officer's word (``set_state``).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from conversations.models import Contact, Conversation, Staff
from stops import events
from stops.facts import LossFacts, TransferFacts, deadline, missing, payee_kind
from stops.models import CardKind, CardState, StopCard, StopEvent, StopTransfer, card_numbers
from storage import live

SAME_LOSS = timedelta(hours=24)  # a further story within this time belongs to the open card
# Which state an officer may set after which. Time and reference go into the history.
NEXT: dict[CardState, tuple[CardState, ...]] = {
    CardState.NEW: (CardState.ACCEPTED,),
    CardState.ACCEPTED: (CardState.FORWARDED, CardState.INITIATED, CardState.CLOSED),
    CardState.FORWARDED: (CardState.INITIATED, CardState.CLOSED),
    CardState.INITIATED: (CardState.SUCCEEDED, CardState.PARTIAL, CardState.FAILED),
    CardState.SUCCEEDED: (CardState.EXTENDED, CardState.FROZEN, CardState.LAPSED),
    CardState.PARTIAL: (CardState.EXTENDED, CardState.FROZEN, CardState.LAPSED),
    CardState.FAILED: (CardState.INITIATED, CardState.CLOSED),
    CardState.EXTENDED: (CardState.FROZEN, CardState.LAPSED),
    CardState.FROZEN: (CardState.RETURNED, CardState.LAPSED, CardState.CLOSED),
    CardState.LAPSED: (CardState.CLOSED,),
    CardState.RETURNED: (CardState.CLOSED,),
    CardState.CLOSED: (),
}


class CardError(Exception):
    """What an officer tried is not possible; the text is for their screen."""


def open_card_of(session: Session, conversation: Conversation, now: datetime) -> StopCard | None:
    """The card that a further story of this conversation belongs to."""
    return session.scalar(
        select(StopCard)
        .where(
            StopCard.conversation_id == conversation.id,
            StopCard.state != CardState.CLOSED,
            StopCard.reported_at > now - SAME_LOSS,
        )
        .options(selectinload(StopCard.transfers))
        .order_by(StopCard.reported_at.desc())
        .limit(1)
    )


def latest_of(session: Session, contact: Contact) -> StopCard | None:
    """The newest card this contact reported."""
    return session.scalar(
        select(StopCard).where(StopCard.contact_id == contact.id).order_by(StopCard.reported_at.desc()).limit(1)
    )


def load(session: Session, card_id: uuid.UUID) -> StopCard | None:
    """A card with its transfers."""
    return session.scalar(select(StopCard).where(StopCard.id == card_id).options(selectinload(StopCard.transfers)))


def open_card(session: Session, conversation: Conversation, now: datetime, *, about_to_pay: bool = False) -> StopCard:
    """A new card in the queue, before anything is asked."""
    number = session.scalar(card_numbers)
    card = StopCard(
        number=f"ZF{number}",
        kind=(CardKind.DISSUADE if about_to_pay else CardKind.LOSS).value,
        state=CardState.NEW.value,
        conversation_id=conversation.id,
        contact_id=conversation.contact_id,
        reported_at=now,
        deadline=deadline(now, None, about_to_pay=about_to_pay),
        third_party=False,
        doubted=False,
        confirmed=False,
        complete=False,
        fraud_type="",
        transfers=[],
    )
    session.add(card)
    session.flush()
    _note(session, card, now, "opened", state=CardState.NEW)
    live.touch(session, "card", card.id, "new")
    events.card_opened(session, card, now)
    return card


def money_has_gone(session: Session, card: StopCard, now: datetime) -> None:
    """A card of somebody about to pay becomes a loss: they have paid."""
    if card.kind == CardKind.DISSUADE:
        card.kind = CardKind.LOSS.value
        _note(session, card, now, "became_loss")
        live.touch(session, "card", card.id, "new")
        events.card_changed(session, card, "became_loss", now)


def enrich(session: Session, card: StopCard, facts: LossFacts, now: datetime) -> None:
    """Write what is known onto the card. What an officer typed stays where the facts are silent."""
    for name in ("callback_phone", "victim_name", "fraud_type", "story"):
        value = getattr(facts, name)
        if value and getattr(card, name) != value:
            setattr(card, name, value)
    card.third_party = card.third_party or facts.third_party
    card.confirmed = facts.confirmed
    for ordinal, told in enumerate(facts.transfers, start=1):
        row = next((t for t in card.transfers if t.ordinal == ordinal), None)
        if row is None:
            row = StopTransfer(card_id=card.id, ordinal=ordinal, approximate=False, payee_account_valid=True)
            card.transfers.append(row)
        _fill(row, told)
    if facts.evidence_id and card.transfers:
        card.transfers[0].evidence_id = uuid.UUID(facts.evidence_id)
    _refresh(card, now)
    live.touch(session, "card", card.id)


def _fill(row: StopTransfer, told: TransferFacts) -> None:
    for name in TransferFacts.__dataclass_fields__:
        value = getattr(told, name)
        if value not in (None, "") and getattr(row, name) != value:
            setattr(row, name, value)
    row.payee_kind = payee_kind(row.payee_name) or row.payee_kind


def _refresh(card: StopCard, now: datetime) -> None:
    times = [t.transferred_at for t in card.transfers if t.transferred_at is not None]
    card.deadline = deadline(
        card.reported_at, min(times) if times else None, about_to_pay=card.kind == CardKind.DISSUADE
    )
    card.complete = not missing(card, now)


def doubt(session: Session, card: StopCard, now: datetime) -> None:
    """The resident says it was a misunderstanding: the card stays open and an officer phones."""
    if not card.doubted:
        card.doubted = True
        _note(session, card, now, "doubted")
        live.touch(session, "card", card.id, "doubted")


def _locked(session: Session, card_id: uuid.UUID) -> StopCard:
    card = session.scalar(
        select(StopCard)
        .where(StopCard.id == card_id)
        .with_for_update()
        .options(selectinload(StopCard.transfers))
        .execution_options(populate_existing=True)
    )
    if card is None:
        raise CardError("没有这张止付单。")
    return card


def set_state(
    session: Session, card_id: uuid.UUID, to: CardState, officer: Staff, now: datetime, note: str = ""
) -> StopCard:
    """An officer moves a card on. Raises :class:`CardError` when that step does not follow or another has it."""
    card = _locked(session, card_id)
    if to not in NEXT[CardState(card.state)]:
        raise CardError("当前状态下不能这样操作，请刷新页面再看。")
    if card.officer_id not in (None, officer.id):
        other = session.get_one(Staff, card.officer_id)
        raise CardError(f"这张止付单由{other.name}在办理。")
    if to not in (CardState.ACCEPTED, CardState.FORWARDED) and not note.strip():
        raise CardError("请填写办理时间、文号或原因。")
    card.officer_id = officer.id
    card.state = to.value
    _note(session, card, now, "state", state=to, staff_id=officer.id, detail=note.strip())
    live.touch(session, "card", card.id)
    events.card_changed(session, card, "state", now)
    return card


def _note(
    session: Session,
    card: StopCard,
    now: datetime,
    what: str,
    *,
    state: CardState | None = None,
    staff_id: uuid.UUID | None = None,
    detail: str = "",
) -> None:
    session.add(
        StopEvent(
            card_id=card.id,
            at=now,
            actor="staff" if staff_id else "bot",
            staff_id=staff_id,
            what=what,
            state=state.value if state else "",
            detail=detail,
        )
    )


def history(session: Session, card_id: uuid.UUID) -> list[StopEvent]:
    """Everything that happened to a card, oldest first."""
    return list(session.scalars(select(StopEvent).where(StopEvent.card_id == card_id).order_by(StopEvent.at)))


def list_cards(session: Session, *, open_only: bool = False, limit: int = 200) -> list[StopCard]:
    """Cards by deadline (open ones), else the newest first."""
    query = select(StopCard).options(selectinload(StopCard.transfers)).limit(limit)
    if open_only:
        query = query.where(StopCard.state != CardState.CLOSED).order_by(StopCard.deadline)
    else:
        query = query.order_by(StopCard.reported_at.desc())
    return list(session.scalars(query))
