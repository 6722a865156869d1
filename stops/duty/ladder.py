"""Starting and stopping a card's ladder. The steps are rows; ``firing`` fires them when they are due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from stops.duty import days, plans
from stops.duty.models import LadderRun, LadderStep, StepState
from stops.models import CardKind, StopCard
from storage.clock import china_date
from storage.jobs import Priority, Task, defer


def start(session: Session, card: StopCard, now: datetime) -> LadderRun:
    """Put a ladder under a card that waits for somebody; one that runs already goes on.

    The caller holds the card. The first step is due at once; the worker fires it.
    """
    running = session.scalar(_open(card))
    if running is not None:
        return running
    today = china_date(now)
    roster = plans.roster_on(session, today)
    plan_id, ladder = plans.ladder_on(session, today)
    kind = days.kind_of(today, roster.days if roster else {})
    rule = ladder.rule(CardKind(card.kind), kind, days.hours_of(now, ladder.daytime.start, ladder.daytime.end))
    before = session.scalar(select(func.max(LadderRun.round)).where(LadderRun.card_id == card.id)) or 0
    run = LadderRun(
        card_id=card.id,
        round=before + 1,
        plan_id=plan_id,
        rule=rule.name,
        started_at=now,
        seen_at=now,
        next_due_at=now,
    )
    session.add(run)
    session.flush()
    for ordinal, step in enumerate(rule.steps, start=1):
        session.add(
            LadderStep(
                run_id=run.id,
                card_id=card.id,
                round=run.round,
                ordinal=ordinal,
                due_at=now + timedelta(seconds=step.after),
                who=",".join(step.who),
                by=",".join(step.by),
                say=step.say,
                state=StepState.WAITING.value,
            )
        )
    defer(session, Task.LADDER, priority=Priority.URGENT, run_id=str(run.id))
    return run


def stop(session: Session, card: StopCard, now: datetime) -> datetime:
    """Somebody has the card, or it no longer waits: no further step fires. The caller holds the card.

    Returns the moment of the end.
    """
    run = session.scalar(_open(card).execution_options(populate_existing=True))
    if run is None:
        return now
    end(session, run, now)
    return run.stopped_at or now


def end(session: Session, run: LadderRun, now: datetime) -> None:
    """Stop a run whose card the caller holds; not before its last step, which may have fired while they waited."""
    fired = session.scalar(select(func.max(LadderStep.fired_at)).where(LadderStep.run_id == run.id))
    run.stopped_at, run.next_due_at = max(now, fired or now), None
    session.execute(
        update(LadderStep)
        .where(LadderStep.run_id == run.id, LadderStep.state == StepState.WAITING)
        .values(state=StepState.CANCELLED.value)
    )


def restart(session: Session, card: StopCard, now: datetime) -> LadderRun:
    """The card waits again, or has become a more pressing one: from the first step on."""
    ended = stop(session, card, now)
    session.flush()
    return start(session, card, ended)


def _open(card: StopCard) -> Select[LadderRun]:
    return select(LadderRun).where(LadderRun.card_id == card.id, LadderRun.stopped_at.is_(None))
