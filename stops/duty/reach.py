"""Reaching people: one row for each person and way, sent by the worker, its outcome recorded.

The rows are the truth; the jobs only say when to look. The slow call lies between two short transactions, ``claim``
and ``settle``; a process killed in between leaves the claim, which ``requeue`` finds.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops.duty import words
from stops.duty.models import DutyPhone, Reach, ReachState
from stops.duty.plan import GROUPS, Way
from stops.duty.waiting import waits
from stops.models import StopCard
from stops.orders.models import WarningOrder
from storage import live
from storage.clock import CHINA
from storage.jobs import Priority, Task, defer

LADDER = "ladder"  # the subject of a step; others: the caller's word
MOST_ATTEMPTS = 3
PAUSE = timedelta(seconds=15)  # before another attempt
CLAIM_LASTS = timedelta(seconds=30)  # longer than any send may take with its time limits
LOST = timedelta(seconds=5)  # a queued row this old has lost its job
MOVED = timedelta(seconds=60)  # nothing is due later than this: further ahead means that the clock was moved back
BATCH = 200


@dataclass(frozen=True, slots=True)
class About:
    """What an alert is about."""

    kind: Literal["card", "order"]
    id: uuid.UUID
    number: str


@dataclass(frozen=True, slots=True)
class Sending:
    """One alert on its way. ``to``: E.164, for SMS only. ``loud``: a group message meant for several."""

    reach_id: uuid.UUID
    way: Way
    text: str
    number: str
    to: str = field(repr=False, default="")
    loud: bool = False
    drill: bool = False


def alert(
    session: Session,
    staff_ids: Iterable[uuid.UUID],
    subject: str,
    text_key: str,
    card: StopCard,
    now: datetime,
    key: str,
    *,
    ways: Sequence[Way] = tuple(Way),
    until: datetime | None = None,
    step_id: uuid.UUID | None = None,
) -> int:
    """Alert people about a card, by each of the ways; exists exactly if the transaction commits.

    ``subject``: a short word for records. ``text_key``: one of ``words.TEXTS``; ``until``: the time some of them
    name. ``key`` is the idempotency key of the whole alert: called again with it nothing is added. Returns how
    many rows were added.
    """
    about = About("card", card.id, card.number)
    text = say(text_key, card, until)
    return send(session, staff_ids, subject, text, about, now, key, ways=ways, step_id=step_id)


def send(
    session: Session,
    staff_ids: Iterable[uuid.UUID],
    subject: str,
    text: str,
    about: About,
    now: datetime,
    key: str,
    *,
    ways: Sequence[Way] = tuple(Way),
    step_id: uuid.UUID | None = None,
) -> int:
    """As :func:`alert`, with a text of the caller's own, which carries no personal data."""
    people = list(dict.fromkeys(staff_ids))
    names = words.TO.format(names=words.AND.join(_names(session, people))) if people else ""
    added = 0
    for way in ways:
        group = way in GROUPS
        for staff_id in [None] if group else people:
            row = Reach(
                key=f"{key}:{way}:{staff_id or 'group'}",
                card_id=about.id if about.kind == "card" else None,
                order_id=about.id if about.kind == "order" else None,
                step_id=step_id,
                staff_id=staff_id,
                way=way.value,
                subject=subject,
                text=f"{text}\n{names}".strip()[:500] if group else text,
                # What the console shows is there as soon as it is written.
                loud=group and len(people) > 1,
                state=(ReachState.ACCEPTED if way is Way.CONSOLE else ReachState.QUEUED).value,
                created_at=now,
                due_at=now,
                settled_at=now if way is Way.CONSOLE else None,
            )
            added += _add(session, row)
    live.touch(session, about.kind, about.id, "alert")
    return added


def _add(session: Session, row: Reach) -> int:
    values = {column.name: getattr(row, column.name) for column in Reach.__table__.columns}
    given = {name: value for name, value in values.items() if value is not None}
    added = session.scalar(insert(Reach).values(**given).on_conflict_do_nothing().returning(Reach.id))
    if added is None:
        return 0
    if row.state == ReachState.QUEUED:
        _queue(session, row.id)
    return 1


def _queue(session: Session, reach_id: uuid.UUID) -> None:
    defer(session, Task.REACH, priority=Priority.URGENT, queueing_lock=f"reach:{reach_id}", reach_id=str(reach_id))


def say(text_key: str, card: StopCard, until: datetime | None = None) -> str:
    """The text of an alert. It carries no personal data."""
    text = words.TEXTS[text_key].format(
        number=card.number,
        kind=words.KINDS[card.kind],
        deadline=f"{card.deadline.astimezone(CHINA):%H:%M}",
        until=words.WHEN.format(moment=until.astimezone(CHINA)) if until else "",
    )
    return words.DRILL + text if card.drill else text


def claim(session: Session, reach_id: uuid.UUID, now: datetime) -> Sending | None:
    """Take an alert to send it; None where there is nothing to send now."""
    row = session.scalar(select(Reach).where(Reach.id == reach_id).with_for_update())
    if row is None or row.state != ReachState.QUEUED or now < row.due_at <= now + MOVED:
        return None
    number, needless, drill = _standing(session, row)
    if needless:
        _settle(session, row, ReachState.NEEDLESS, now)
        return None
    to = _phone(session, row.staff_id) if row.way == Way.SMS else ""
    if row.way == Way.SMS and not to:
        _settle(session, row, ReachState.FAILED, now, "no_phone")
        return None
    row.state = ReachState.SENDING.value
    row.attempts += 1
    row.attempted_at = now
    return Sending(row.id, Way(row.way), row.text, number, to, row.loud, drill)


def _standing(session: Session, row: Reach) -> tuple[str, bool, bool]:
    """The number of what an alert is about, whether somebody is at it already, and whether it is a drill."""
    if row.order_id is not None:
        order = session.get_one(WarningOrder, row.order_id)
        return order.number, order.acted_at is not None and order.acted_at >= row.created_at, False
    card = session.get_one(StopCard, row.card_id)
    return card.number, row.subject == LADDER and not waits(card), card.drill


def settle(
    session: Session,
    reach_id: uuid.UUID,
    status: Literal["sent", "retry", "failed", "unknown"],
    code: str,
    reason: str,
    now: datetime,
) -> None:
    """Record what became of a claimed alert.

    What was not taken is tried again, up to three times. What may have arrived is sent once more: of an alert two
    are better than none.
    """
    row = session.scalar(select(Reach).where(Reach.id == reach_id).with_for_update())
    if row is None or row.state != ReachState.SENDING:
        return
    again = row.attempts < (MOST_ATTEMPTS if status == "retry" else 2)
    if status in ("retry", "unknown") and again:
        row.state, row.due_at = ReachState.QUEUED.value, now + PAUSE
        row.code, row.reason = code[:64], reason[:200]
        return
    ends = {"sent": ReachState.ACCEPTED, "unknown": ReachState.UNKNOWN}
    _settle(session, row, ends.get(status, ReachState.FAILED), now, code, reason)


def _settle(session: Session, row: Reach, state: ReachState, now: datetime, code: str = "", reason: str = "") -> None:
    row.state, row.code, row.reason, row.settled_at = state.value, code[:64], reason[:200], now
    _touch(session, row)


def _touch(session: Session, row: Reach) -> None:
    kind, row_id = ("card", row.card_id) if row.card_id else ("order", row.order_id)
    assert row_id is not None
    live.touch(session, kind, row_id, "reached")


def requeue(session: Session, now: datetime) -> None:
    """Find what is due again, what lost its job and what a killed process left claimed; harmless when repeated."""
    query = (
        select(Reach)
        .where(Reach.state == ReachState.SENDING)
        .where(or_(Reach.attempted_at < now - CLAIM_LASTS, Reach.attempted_at > now + MOVED))
        .with_for_update(skip_locked=True)
        .limit(BATCH)
    )
    for row in session.scalars(query):
        settle(session, row.id, "unknown", "interrupted", "", now)
    session.flush()
    late = or_(Reach.due_at <= now - LOST, Reach.due_at > now + MOVED)
    due_again = (Reach.attempts > 0) & (Reach.due_at <= now)
    waiting = select(Reach.id).where(Reach.state == ReachState.QUEUED, late | due_again).limit(BATCH)
    for reach_id in session.scalars(waiting):
        _queue(session, reach_id)


def seen(session: Session, reach_id: uuid.UUID, staff_id: uuid.UUID, now: datetime) -> None:
    """Somebody saw an alert on the console, and with it their earlier ones about the same; only their own."""
    row = session.get(Reach, reach_id)
    if row is None or row.staff_id != staff_id:
        return
    same = Reach.card_id == row.card_id if row.card_id else Reach.order_id == row.order_id
    mine = same & (Reach.staff_id == staff_id) & (Reach.way == Way.CONSOLE)
    session.execute(
        update(Reach).where(mine, Reach.seen_at.is_(None), Reach.created_at <= row.created_at).values(seen_at=now)
    )
    _touch(session, row)


def _names(session: Session, staff_ids: list[uuid.UUID]) -> list[str]:
    known = {staff.id: staff.name for staff in session.scalars(select(Staff).where(Staff.id.in_(staff_ids)))}
    return [known[staff_id] for staff_id in staff_ids if staff_id in known]


def _phone(session: Session, staff_id: uuid.UUID | None) -> str:
    row = session.scalar(select(DutyPhone).where(DutyPhone.staff_id == staff_id)) if staff_id else None
    return row.phone if row is not None else ""


def receipt(session: Session, reach_id: uuid.UUID, delivered: bool, reason: str, now: datetime) -> bool:
    """The operator's word on an alert by SMS; False where no alert has that id."""
    row = session.scalar(select(Reach).where(Reach.id == reach_id).with_for_update())
    if row is None:
        return False
    if delivered:
        _settle(session, row, ReachState.ACCEPTED, now, "delivered")
    else:
        _settle(session, row, ReachState.FAILED, now, "not_delivered", reason)
    return True
