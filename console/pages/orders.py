"""Warning orders: the list by deadline, and one order with everything on it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import masking, moments, order_words, words
from console.pages import ladder, thread
from console.pages.history import Entry, people
from conversations.inbound import Channel
from conversations.models import Contact, Message
from stops.models import StopCard
from stops.orders import reminders
from stops.orders import words as said
from stops.orders.amending import changes_of
from stops.orders.models import OrderEvent, OrderState, OrderStep, Step, WarningOrder
from stops.orders.phones import is_mobile
from stops.orders.register import REACHED, earliest, history, list_orders, load, waiting_steps

SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline. ``mood``: calm, soon, over; ``iso`` is what the page counts down to."""

    iso: str
    words: str
    mood: str


@dataclass(frozen=True, slots=True)
class Row:
    """One order in the list, personal values masked. ``due``: which step the clock is of."""

    id: uuid.UUID
    number: str
    state: str
    state_word: str
    level: str
    fraud: str
    village: str
    name: str
    phone: str
    received: str
    clock: Clock | None
    due: str
    answered: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """One step: until when, how it stands (in words and as a tag's look), and who did it when."""

    name: str
    due: str
    done: str
    who: str
    standing: str
    look: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. ``text``: what was texted or answered; ``link``: its conversation."""

    entry: Entry
    text: str = ""
    delivery: str = ""
    conversation_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One order, nothing hidden. ``can``: what may be done now; ``cards``: of this number since then;
    ``sms``: the proposed text."""

    row: Row
    name: str
    phone: str
    address: str
    issued: str
    content: str
    outcome: str
    rating: str
    steps: list[StepView]
    lines: list[Line]
    cards: list[tuple[uuid.UUID, str]]
    can: frozenset[str]
    sms: str
    texted: str
    version: int
    alerts: list[ladder.Alert]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What presses, for the head of the page: how many orders, how many of them late, and in words."""

    count: int
    late: int
    text: str


def alarm(session: Session, now: datetime) -> Alarm:
    """How many orders are late or nearly so."""
    found = reminders.pressing(session, now)
    parts = [
        words_.format(count=count)
        for words_, count in ((order_words.ALARM_LATE, found.late), (order_words.ALARM_SOON, found.soon))
        if count
    ]
    text = order_words.ALARM.format(parts="，".join(parts)) if parts else ""
    return Alarm(found.late + found.soon, found.late, text)


def load_list(session: Session, now: datetime, *, open_only: bool, limit: int = 300) -> list[Row]:
    """The open orders, the nearest deadline first; or all, the newest first."""
    return [row(order, now) for order in list_orders(session, open_only=open_only, limit=limit)]


def row(order: WarningOrder, now: datetime) -> Row:
    """An order as lists show it, personal values masked."""
    step = earliest(waiting_steps(order))
    return Row(
        id=order.id,
        number=order.number,
        state=order.state,
        state_word=order_words.STATES[order.state],
        level=order.level,
        fraud=order.fraud,
        village=order.village,
        name=masking.name(order.name),
        phone=masking.phone(order.phone),
        received=moments.clock(order.received_at, now),
        clock=_clock(step, now),
        due=order_words.STEP_DUE.format(step=order_words.STEPS[step.step]) if step else "",
        answered=order.answered_at is not None and (order.acted_at is None or order.answered_at > order.acted_at),
    )


def _clock(step: OrderStep | None, now: datetime) -> Clock | None:
    if step is None or step.due_at is None:
        return None
    left = step.due_at - now
    late = left <= timedelta()
    said_ = (order_words.OVER if late else order_words.LEFT).format(time=moments.length(abs(left)))
    return Clock(step.due_at.isoformat(), said_, "over" if late else "soon" if left <= SOON else "calm")


def show(session: Session, order_id: uuid.UUID, now: datetime, hotline: str, frauds: Mapping[str, str]) -> View | None:
    """One order; None where there is none."""
    order = load(session, order_id)
    if order is None:
        return None
    events = history(session, order.id)
    names = people(session, [*(event.staff_id for event in events), *(step.staff_id for step in order.steps)])
    can = _can(order, tried=any(event.what == "attempt" for event in events))
    return View(
        row=row(order, now),
        name=order.name,
        phone=order.phone.removeprefix("+86"),
        address=order.address,
        issued=moments.full(order.issued_at),
        content=order.content,
        outcome=order_words.OUTCOMES.get(order.outcome, ""),
        rating=order_words.RATINGS.get(order.rating, ""),
        steps=[_step(order, step, names, now) for step in order.steps],
        lines=_lines(session, events, names),
        cards=_cards(session, order),
        can=can,
        sms=_sms(order, hotline, frauds) if "text" in can else "",
        texted=_texted(events, now),
        version=order.version,
        alerts=ladder.of_order(session, order.id, now),
    )


def _can(order: WarningOrder, *, tried: bool) -> frozenset[str]:
    if order.state == OrderState.RECEIVED:
        return frozenset({"sign", "amend"})
    if order.state == OrderState.REVIEWED:
        return frozenset()
    can = {"attempt", "amend"} | ({"text"} if is_mobile(order.phone) else set())
    if order.state == OrderState.FED_BACK:
        return frozenset(can | {"review"})
    return frozenset(can | {"feedback"} if tried else can)


def _sms(order: WarningOrder, hotline: str, frauds: Mapping[str, str]) -> str:
    """What is proposed; only fraud types we know are named, for the order's own words may be anything."""
    known = order.fraud in frauds.values()
    return said.SMS.format(name=hotline, kind=said.SOME_FRAUD.format(name=order.fraud) if known else said.ANY_FRAUD)


def _texted(events: Sequence[OrderEvent], now: datetime) -> str:
    last = next((event.at for event in reversed(events) if event.what == "texted"), None)
    return order_words.TEXTED.format(time=moments.clock(last, now)) if last else ""


def _step(order: WarningOrder, step: OrderStep, names: Mapping[uuid.UUID, str], now: datetime) -> StepView:
    if step.done_at is not None:
        late = step.due_at is not None and step.done_at > step.due_at
        timed = step.due_at is not None
        standing = order_words.LATE if late else order_words.IN_TIME if timed else ""
        look = "warn" if late else "good"
    else:
        passed = REACHED[OrderState(order.state)] >= step.ordinal
        late = not passed and step.due_at is not None and step.due_at <= now
        standing = order_words.PASSED_OVER if passed else order_words.LATE if late else order_words.OPEN
        look = "hot" if late else "warn" if passed else ""
    return StepView(
        name=order_words.STEPS[Step(step.step)],
        due=moments.clock(step.due_at, now),
        done=moments.clock(step.done_at, now),
        who=names.get(step.staff_id, "") if step.staff_id else "",
        standing=standing,
        look=look,
    )


def _lines(session: Session, events: Sequence[OrderEvent], names: Mapping[uuid.UUID, str]) -> list[Line]:
    ids = [event.message_id for event in events if event.message_id]
    messages = {message.id: message for message in session.scalars(select(Message).where(Message.id.in_(ids)))}
    return [_line(event, messages.get(event.message_id) if event.message_id else None, names) for event in events]


def _line(event: OrderEvent, message: Message | None, names: Mapping[uuid.UUID, str]) -> Line:
    what = order_words.EVENTS[event.what].format(step=order_words.STEPS.get(event.step, ""))
    if event.what == "attempt":
        what = f"{what}（{order_words.WAYS[event.way]}）：{order_words.OUTCOMES[event.outcome]}"
    elif event.what == "reviewed":
        what = f"{what}：{order_words.RATINGS[event.outcome]}"
    notes = [order_words.HAPPENED.format(time=moments.full(event.happened_at))] if event.happened_at else []
    notes += [
        order_words.CHANGED.format(
            field=said.COLUMNS[change.field][0],
            before=change.before.removeprefix("+86") or said.EMPTY,
            after=change.after.removeprefix("+86") or said.EMPTY,
        )
        for change in changes_of(event)
    ]
    notes += [event.detail] if event.detail else []
    who = {"resident": words.RESIDENT, "system": words.SYSTEM}.get(event.actor, names.get(event.staff_id, ""))  # type: ignore[arg-type]
    if event.what == "entered" and event.staff_id is None:
        who = order_words.AT_COMMAND_LINE
    entry = Entry(moments.full(event.at), who, what, "\n".join(notes))
    if message is None:
        return Line(entry)
    sent = message.direction == "out"
    state = (
        order_words.TEMPLATE_SENT if message.reason == "template" else thread.delivery_words(message) if sent else ""
    )
    text = message.text if sent else masking.query_code(message.text)
    return Line(entry, text, state, message.conversation_id)


def _cards(session: Session, order: WarningOrder) -> list[tuple[uuid.UUID, str]]:
    found = session.execute(
        select(StopCard.id, StopCard.number)
        .join(Contact, Contact.id == StopCard.contact_id)
        .where(Contact.channel == Channel.SMS, Contact.sender_index == order.phone_index)
        .where((StopCard.reported_at >= order.received_at) | (StopCard.id == order.card_id))
        .order_by(StopCard.reported_at.desc())
        .limit(10)
    )
    return [(card_id, number) for card_id, number in found]
