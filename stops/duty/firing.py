"""Firing what is due: each step once, in order, whoever looks and whatever the clock does.

A run is looked at under the lock of its card. Steps lie in the order of their times, so a clock that jumps ahead
fires the overdue ones one after another; a clock that is moved back is noticed by the last look at the run, and the
steps that still wait are moved back with it.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from conversations.models import Staff
from stops.duty import ladder, reach, roster
from stops.duty.models import LadderRun, LadderStep, Reach, StepState
from stops.duty.plan import Way, Who
from stops.duty.roster import Duty
from stops.duty.waiting import waits
from stops.models import CardState, StopCard
from storage import live

LOOK = timedelta(seconds=5)  # a run is looked at this often, to know where the clock stood
MOVED = timedelta(seconds=30)  # so far behind the last look no two machines' clocks are
FORGOTTEN = timedelta(hours=24)  # older cards that wait without a ladder are left alone
BATCH = 200
NOBODY, NO_NEXT, DRILL = "nobody", "no_next", "drill"  # notes on a step


def due(session: Session, now: datetime) -> list[uuid.UUID]:
    """Runs to advance: a step is due, or the clock was moved back. The others, which only wait, are noted as seen."""
    _see(session, now)
    return list(
        session.scalars(
            select(LadderRun.id)
            .where(LadderRun.stopped_at.is_(None), LadderRun.next_due_at.is_not(None))
            .where(or_(LadderRun.next_due_at <= now, LadderRun.seen_at > now + MOVED))
            .order_by(LadderRun.next_due_at)
            .limit(BATCH)
        )
    )


def _see(session: Session, now: datetime) -> None:
    """Note where the clock stands on the runs that only wait, all at once; one that somebody changes is left."""
    waiting = (
        select(LadderRun.id)
        .where(LadderRun.stopped_at.is_(None), LadderRun.next_due_at > now, LadderRun.seen_at < now - LOOK)
        .with_for_update(skip_locked=True)
    )
    session.execute(update(LadderRun).where(LadderRun.id.in_(waiting)).values(seen_at=now))


def advance(session: Session, run_id: uuid.UUID, now: datetime) -> int:
    """Fire what is due of one run; returns how many steps.

    The card is locked first, as by everybody who changes it; one that somebody is just changing, or another worker
    looks at, is looked at again in a second.
    """
    card = session.scalar(
        select(StopCard)
        .where(StopCard.id == select(LadderRun.card_id).where(LadderRun.id == run_id).scalar_subquery())
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    run = session.get(LadderRun, run_id, populate_existing=True)
    if card is None or run is None or run.stopped_at is not None:
        return 0
    if not waits(card):
        ladder.end(session, run, now)
        return 0
    steps = list(
        session.scalars(
            select(LadderStep)
            .where(LadderStep.run_id == run.id, LadderStep.state == StepState.WAITING)
            .order_by(LadderStep.ordinal)
        )
    )
    if run.seen_at - now > MOVED:
        for step in steps:
            step.due_at -= run.seen_at - now
    fired = 0
    while steps and steps[0].due_at <= now:
        _fire(session, run, steps.pop(0), card, now)
        fired += 1
    run.seen_at = now
    run.next_due_at = steps[0].due_at if steps else None
    return fired


def _fire(session: Session, run: LadderRun, step: LadderStep, card: StopCard, now: datetime) -> None:
    if card.drill and step.say == "fallback":  # a drill is handed off to nobody
        step.state, step.fired_at, step.note = StepState.FIRED.value, now, DRILL
        return
    duty = roster.on_duty(session, now)
    people, note = audience(session, run, [Who(who) for who in step.who.split(",")], duty)
    step.state, step.fired_at, step.note = StepState.FIRED.value, now, note
    reach.alert(
        session,
        [staff.id for staff in people],
        reach.LADDER,
        NOBODY if note == NOBODY and step.say != "fallback" else step.say,
        card,
        now,
        f"step:{step.id}",
        ways=[Way(way) for way in step.by.split(",")],
        step_id=step.id,
    )
    live.touch(session, "card", card.id, "ladder")


def audience(session: Session, run: LadderRun, wanted: list[Who], duty: Duty) -> tuple[list[Staff], str]:
    """Whom a step reaches, and why if others than it names. Never nobody while there is an officer."""
    if not duty.people:
        return _merged(duty.leaders, roster.officers(session)), NOBODY
    groups = {
        Who.FIRST: duty.people[:1],
        Who.SHIFT: duty.people,
        Who.LEADER: duty.leaders,
        Who.OFFICERS: roster.officers(session) if Who.OFFICERS in wanted else [],
    }
    note = ""
    if Who.NEXT in wanted:
        reached = set(
            session.scalars(
                select(Reach.staff_id)
                .join(LadderStep, LadderStep.id == Reach.step_id)
                .where(LadderStep.run_id == run.id, Reach.staff_id.is_not(None))
            )
        )
        left = [staff for staff in duty.people if staff.id not in reached]
        note = "" if left else NO_NEXT
        groups[Who.NEXT] = left[:1] or duty.leaders or duty.people
    people = _merged(*(groups[who] for who in wanted))
    return people or _merged(duty.people, roster.officers(session)), note


def _merged(*groups: list[Staff]) -> list[Staff]:
    return list({staff.id: staff for group in groups for staff in group}.values())


def forgotten(session: Session, now: datetime) -> list[uuid.UUID]:
    """Put a ladder under cards that wait without one, whatever lost it; returns the cards' ids."""
    running = select(LadderRun.id).where(LadderRun.card_id == StopCard.id, LadderRun.stopped_at.is_(None))
    found = session.scalars(
        select(StopCard)
        .where(StopCard.state != CardState.CLOSED, StopCard.officer_id.is_(None))
        .where(StopCard.reported_at > now - FORGOTTEN, ~running.exists())
        .with_for_update(key_share=True, skip_locked=True)
        .limit(BATCH)
    )
    waiting = [card for card in found if waits(card)]
    for card in waiting:
        ladder.start(session, card, now)
    return [card.id for card in waiting]
