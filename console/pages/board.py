"""The board: open cards and the warning orders among them, most pressing first, a page at a time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import ScalarSelect, Select, func, literal_column, select, tuple_
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, selectinload

from console import masking, moments, words
from console.pages import keyset, orders
from console.pages.history import people
from conversations.models import Staff
from stops.facts import missing, yuan
from stops.models import RUNNING, RUNS, UNHELD, CardState, StopCard, StopTransfer
from stops.orders import register
from stops.orders.models import WarningOrder

PAGE = 50
MANY = 1000  # counting stops here
RINGING = 200  # cards without a holder that an open page may ring for
SOON = timedelta(minutes=10)
TABS = tuple(words.CARD_TABS)
LATER = f"state <> 'closed' AND NOT ({RUNS})"
OPEN = "state <> 'reviewed'"


@dataclass(frozen=True, slots=True)
class Clock:
    """The deadline. ``mood``: calm, soon, over; ``iso`` is what the page counts down to."""

    iso: str
    words: str
    mood: str


@dataclass(frozen=True, slots=True)
class Row:
    """One card in the list. ``free``: nobody has it in hand; ``mine``: the reader has."""

    id: uuid.UUID
    number: str
    kind: str
    drill: bool
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
    free: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the board: a card, or a warning order."""

    card: Row | None = None
    order: orders.Row | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """``counts``: how many by tab, in words. ``after``: where the next page begins, empty for the last."""

    tab: str
    lines: Sequence[Line]
    counts: Mapping[str, str]
    after: str
    first: bool


@dataclass(frozen=True, slots=True)
class Unheld:
    """A card nobody has in hand."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    number: str
    deadline: datetime
    drill: bool


def load(session: Session, tab: str, me: Staff, now: datetime, after: str = "") -> Board:
    """One page of a tab. ``after`` is what :attr:`Board.after` of the page before said; nonsense is the first page."""
    place = keyset.read(after)
    found: list[StopCard | WarningOrder] = list(session.scalars(page_query(tab, place)))
    if tab == "running":
        found += session.scalars(register.by_deadline(place, PAGE + 1))
        found.sort(key=lambda one: (_moment(tab, one), one.id))
    shown = found[:PAGE]
    names = people(session, [one.officer_id for one in shown if isinstance(one, StopCard)])
    further = keyset.write(_moment(tab, shown[-1]), shown[-1].id) if len(found) > PAGE else ""
    lines = [
        Line(card=row(one, names, me, now)) if isinstance(one, StopCard) else Line(order=orders.row(one, now))
        for one in shown
    ]
    return Board(tab, lines, counts(session), further, place is None)


def page_query(tab: str, place: tuple[datetime, uuid.UUID] | None) -> Select[StopCard]:
    """The question behind one page, and one card more to know whether there is another."""
    query = select(StopCard).options(selectinload(StopCard.transfers)).limit(PAGE + 1)
    if tab == "all":
        order = tuple_(StopCard.reported_at, StopCard.id)
        query = query.order_by(StopCard.reported_at.desc(), StopCard.id.desc())
        return query if place is None else query.where(order < place)
    order = tuple_(StopCard.deadline, StopCard.id)
    query = query.where(sql(RUNS if tab == "running" else LATER)).order_by(StopCard.deadline, StopCard.id)
    return query if place is None else query.where(order > place)


def _moment(tab: str, one: StopCard | WarningOrder) -> datetime:
    if isinstance(one, WarningOrder):
        return one.due_at or register.NEVER
    return one.reported_at if tab == "all" else one.deadline


def counts(session: Session) -> dict[str, str]:
    """How many cards by tab, in words: counting stops at :data:`MANY`."""
    running, later, ordered = session.execute(
        select(_count(StopCard, RUNS), _count(StopCard, LATER), _count(WarningOrder, OPEN))
    ).one()
    return {
        tab: words.MANY.format(count=MANY - 1) if number >= MANY else str(number)
        for tab, number in (("running", running + ordered), ("later", later))
    }


def _count(table: type[StopCard] | type[WarningOrder], condition: str) -> ScalarSelect[int]:
    some = select(literal_column("1")).select_from(table).where(sql(condition)).limit(MANY).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def unheld(session: Session) -> list[Unheld]:
    """Cards nobody has in hand, most pressing first."""
    shown = (StopCard.id, StopCard.conversation_id, StopCard.number, StopCard.deadline, StopCard.drill)
    query = select(*shown).where(sql(UNHELD))
    return [Unheld(*found) for found in session.execute(query.order_by(StopCard.deadline, StopCard.id).limit(RINGING))]


def row(card: StopCard, names: Mapping[uuid.UUID, str], me: Staff, now: datetime) -> Row:
    """A card as the list shows it, personal values hidden."""
    first = card.transfers[0] if card.transfers else StopTransfer(ordinal=1)
    return Row(
        id=card.id,
        number=card.number,
        kind=words.CARD_KINDS[card.kind],
        drill=card.drill,
        state=card.state,
        state_word=words.CARD_STATES[card.state],
        clock=clock(card, now),
        reported=moments.clock(card.reported_at, now),
        amount=total(card),
        payee=masking.account(first.payee_account),
        phone=masking.phone(card.callback_phone),
        lacking=0 if card.complete else len(missing(card, now)),
        doubted=card.doubted,
        officer=names.get(card.officer_id, "") if card.officer_id else "",
        free=card.officer_id is None and card.state != CardState.CLOSED,
        mine=card.officer_id == me.id,
    )


def clock(card: StopCard, now: datetime) -> Clock | None:
    """How long there is, while it matters."""
    return until(card.deadline, now) if CardState(card.state) in RUNNING else None


def until(deadline: datetime, now: datetime) -> Clock:
    """A deadline in words and mood."""
    left = deadline - now
    if left <= timedelta():
        return Clock(deadline.isoformat(), words.OVERDUE.format(time=moments.length(-left)), "over")
    if left <= SOON:
        return Clock(deadline.isoformat(), words.ONLY_LEFT.format(time=moments.length(left)), "soon")
    return Clock(deadline.isoformat(), words.LEFT.format(time=moments.length(left)), "calm")


def total(card: StopCard) -> str:
    """The sum of all payments that are known."""
    known = [transfer for transfer in card.transfers if transfer.amount_fen]
    if not known:
        return words.NO_AMOUNT
    vague = any(transfer.approximate for transfer in known)
    return money(sum(transfer.amount_fen or 0 for transfer in known), approximate=vague)


def money(fen: int, *, approximate: bool) -> str:
    """Fen in words."""
    amount = yuan(fen) or Decimal()
    exact = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    return (words.ABOUT if approximate else "") + words.YUAN.format(amount=exact)
