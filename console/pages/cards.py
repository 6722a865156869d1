"""Stop cards: the list by deadline, and one card with everything on it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, moments, words
from console.pages.history import Entry, people
from console.pages.media import Media, media_of
from conversations.models import Evidence, Staff
from stops import cards
from stops.facts import missing, yuan
from stops.models import CardState, StopCard, StopTransfer

# Until a stop is asked for, the clock runs.
RUNNING = frozenset({CardState.NEW, CardState.ACCEPTED, CardState.FORWARDED})
SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Clock:
    """The deadline. ``mood``: calm, soon, over; ``iso`` is what the page counts down to."""

    iso: str
    words: str
    mood: str


@dataclass(frozen=True, slots=True)
class Row:
    """One card in the list."""

    id: uuid.UUID
    number: str
    kind: str
    state: str
    state_word: str
    clock: Clock | None
    reported: str
    amount: str
    payee: str
    phone: str
    lacking: int
    doubted: bool
    officer: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a card. ``copy``: what the copy button takes; ``note``: a caution beside it."""

    label: str
    value: str
    copy: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A state that may follow. ``note``: a note must be given."""

    state: str
    label: str
    note: bool


@dataclass(frozen=True, slots=True)
class View:
    """One card, nothing hidden."""

    row: Row
    conversation_id: uuid.UUID
    third_party: bool
    confirmed: bool
    phone: str
    victim: str
    fraud: str
    story: str
    transfers: list[list[Fact]]
    pictures: list[Media]
    missing: list[str]
    history: list[Entry]
    steps: list[Step]
    everything: str


def load_list(session: Session, now: datetime, *, open_only: bool) -> list[Row]:
    """The cards by deadline, or all of them, newest first."""
    found = cards.list_cards(session, open_only=open_only)
    if open_only:
        found.sort(key=lambda card: (CardState(card.state) not in RUNNING, card.deadline))
    names = people(session, [card.officer_id for card in found])
    return [_row(card, names, now) for card in found]


def new_cards(session: Session) -> Sequence[StopCard]:
    """Cards nobody has taken up yet, most pressing first."""
    return session.scalars(
        select(StopCard).where(StopCard.state == CardState.NEW).order_by(StopCard.deadline).limit(20)
    ).all()


def _row(card: StopCard, names: Mapping[uuid.UUID, str], now: datetime) -> Row:
    first = card.transfers[0] if card.transfers else StopTransfer(ordinal=1)
    return Row(
        id=card.id,
        number=card.number,
        kind=words.CARD_KINDS[card.kind],
        state=card.state,
        state_word=words.CARD_STATES[card.state],
        clock=clock(card, now),
        reported=moments.clock(card.reported_at, now),
        amount=total(card),
        payee=masking.account(first.payee_account),
        phone=masking.phone(card.callback_phone),
        lacking=len(missing(card, now)),
        doubted=card.doubted,
        officer=names.get(card.officer_id, "") if card.officer_id else "",
    )


def clock(card: StopCard, now: datetime) -> Clock | None:
    """How long there is, while it matters."""
    if CardState(card.state) not in RUNNING:
        return None
    left = card.deadline - now
    if left <= timedelta():
        return Clock(card.deadline.isoformat(), words.OVERDUE.format(time=moments.length(-left)), "over")
    mood = "soon" if left <= SOON else "calm"
    return Clock(card.deadline.isoformat(), words.LEFT.format(time=moments.length(left)), mood)


def total(card: StopCard) -> str:
    """The sum of all payments that are known."""
    known = [transfer for transfer in card.transfers if transfer.amount_fen]
    if not known:
        return words.NO_AMOUNT
    vague = any(transfer.approximate for transfer in known)
    return _money(sum(transfer.amount_fen or 0 for transfer in known), approximate=vague)


def _money(fen: int, *, approximate: bool) -> str:
    amount = yuan(fen) or Decimal()
    exact = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return (words.ABOUT if approximate else "") + words.YUAN.format(amount=exact)


def load(session: Session, card_id: uuid.UUID, me: Staff, now: datetime, fraud_names: Mapping[str, str]) -> View | None:
    """One card; None where there is none."""
    card = cards.load(session, card_id)
    if card is None:
        return None
    events = cards.history(session, card.id)
    names = people(session, [card.officer_id, *(event.staff_id for event in events)])
    row = _row(card, names, now)
    transfers = [_facts(transfer) for transfer in card.transfers]
    lacking = [words.CARD_NEEDS[need] for need in missing(card, now)]
    fraud = fraud_names.get(card.fraud_type, "")
    return View(
        row=row,
        conversation_id=card.conversation_id,
        third_party=card.third_party,
        confirmed=card.confirmed,
        phone=card.callback_phone,
        victim=card.victim_name,
        fraud=fraud,
        story=masking.query_code(card.story),
        transfers=transfers,
        pictures=_pictures(session, card),
        missing=lacking,
        history=[
            Entry.of(event.at, event.staff_id, names, _event(event.what, event.state), event.detail) for event in events
        ],
        steps=_steps(card, me),
        everything=_as_text(card, transfers, lacking, fraud),
    )


def _event(what: str, state: str) -> str:
    return words.CARD_STATES[state] if what == "state" and state else words.CARD_EVENTS.get(what, what)


def _steps(card: StopCard, me: Staff) -> list[Step]:
    if card.officer_id not in (None, me.id):
        return []
    return [
        Step(state.value, words.CARD_STEPS[state], state not in (CardState.ACCEPTED, CardState.FORWARDED))
        for state in cards.NEXT[CardState(card.state)]
    ]


def _facts(transfer: StopTransfer) -> list[Fact]:
    amount = yuan(transfer.amount_fen)
    at = transfer.transferred_at
    when = f"{moments.full(at)}" if at else ""
    told = words.SAID.format(said=transfer.time_said) if transfer.time_said else ""
    return [
        Fact(words.FIELDS["payee_account"], _grouped(transfer.payee_account), transfer.payee_account, _doubt(transfer)),
        Fact(
            words.FIELDS["payee_name"],
            transfer.payee_name,
            transfer.payee_name,
            words.PAYEE_KINDS.get(transfer.payee_kind, ""),
        ),
        Fact(words.FIELDS["payee_bank"], transfer.payee_bank, transfer.payee_bank),
        Fact(
            words.FIELDS["amount"],
            _money(transfer.amount_fen, approximate=transfer.approximate) if transfer.amount_fen else "",
            f"{amount:.2f}" if amount and not transfer.approximate else "",
        ),
        Fact(
            words.FIELDS["transferred_at"],
            when,
            when,
            "、".join(part for part in (told, words.ROUGHLY if transfer.time_approximate else "") if part),
        ),
        Fact(words.FIELDS["method"], words.METHODS.get(transfer.method, "")),
        Fact(words.FIELDS["payer_bank"], transfer.payer_bank, transfer.payer_bank),
        Fact(words.FIELDS["payer_account"], _grouped(transfer.payer_account), transfer.payer_account),
        Fact(words.FIELDS["order_number"], transfer.order_number, transfer.order_number),
    ]


def _doubt(transfer: StopTransfer) -> str:
    return words.BAD_ACCOUNT if transfer.payee_account and not transfer.payee_account_valid else ""


def _grouped(account: str) -> str:
    if not account.isdigit() or len(account) <= 11:
        return account
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def _pictures(session: Session, card: StopCard) -> list[Media]:
    ids = [transfer.evidence_id for transfer in card.transfers if transfer.evidence_id]
    if not ids:
        return []
    return [media_of(item, {}) for item in session.scalars(select(Evidence).where(Evidence.id.in_(ids)))]


def _as_text(card: StopCard, transfers: list[list[Fact]], lacking: list[str], fraud: str) -> str:
    """The whole card as lines to paste elsewhere."""
    head = {
        "number": card.number,
        "reported_at": moments.full(card.reported_at),
        "callback_phone": card.callback_phone,
        "victim_name": card.victim_name,
        "fraud": fraud,
    }
    lines = [f"{words.FIELDS[key]}:{value}" for key, value in head.items() if value]
    for ordinal, facts in enumerate(transfers, start=1):
        lines.append(words.NTH.format(ordinal=ordinal))
        lines += [f"{fact.label}:{fact.copy or fact.value}" for fact in facts if fact.value]
    if lacking:
        lines.append(words.LACKING.format(names="、".join(lacking)))
    return "\n".join(lines)
