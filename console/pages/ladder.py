"""Whom a card has reached: the rounds of its ladder, their steps, and every alert with its outcome."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import duty_words as words
from console import moments
from console.pages.history import people
from stops.duty.firing import DRILL
from stops.duty.models import LadderRun, LadderStep, Reach, ReachState, StepState


@dataclass(frozen=True, slots=True)
class Alert:
    """One person or group, by one way. ``mood``: good, warn or empty."""

    who: str
    way: str
    at: str
    outcome: str
    mood: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``mood``: fired, waiting or cancelled."""

    after: str
    what: str
    state: str
    mood: str
    note: str
    alerts: list[Alert]


@dataclass(frozen=True, slots=True)
class Round:
    """One run of the ladder."""

    title: str
    rule: str
    running: bool
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class View:
    """``hand_off``: the last step has fired and nobody has the card. ``others``: alerts that belong to no step."""

    rounds: list[Round] = field(default_factory=list)
    others: list[Alert] = field(default_factory=list)
    hand_off: bool = False


def load(session: Session, card_id: uuid.UUID, now: datetime) -> View:
    """The ladder of one card, newest round first."""
    runs = session.scalars(select(LadderRun).where(LadderRun.card_id == card_id).order_by(LadderRun.round.desc())).all()
    steps = session.scalars(select(LadderStep).where(LadderStep.card_id == card_id).order_by(LadderStep.ordinal)).all()
    reaches = session.scalars(select(Reach).where(Reach.card_id == card_id).order_by(Reach.created_at, Reach.id)).all()
    names = people(session, [row.staff_id for row in reaches])
    by_step: dict[uuid.UUID | None, list[Alert]] = {}
    for row in reaches:
        by_step.setdefault(row.step_id, []).append(_alert(row, names, now))
    rounds = [
        Round(
            title=_title(run, now),
            rule=run.rule,
            running=run.stopped_at is None,
            steps=[_step(run, step, by_step.get(step.id, [])) for step in steps if step.run_id == run.id],
        )
        for run in runs
    ]
    return View(rounds, by_step.get(None, []), hands_off(runs, steps))


def of_order(session: Session, order_id: uuid.UUID, now: datetime) -> list[Alert]:
    """Everybody whom reminders of a warning order reached, oldest first."""
    found = session.scalars(select(Reach).where(Reach.order_id == order_id).order_by(Reach.created_at, Reach.id)).all()
    names = people(session, [row.staff_id for row in found])
    return [_alert(row, names, now) for row in found]


def hands_off(runs: Sequence[LadderRun], steps: Sequence[LadderStep]) -> bool:
    """Whether the fallback is called for now."""
    running = {run.id for run in runs if run.stopped_at is None}
    return any(
        step.run_id in running and step.say == "fallback" and step.state == StepState.FIRED and step.note != DRILL
        for step in steps
    )


def _title(run: LadderRun, now: datetime) -> str:
    start = moments.clock(run.started_at, now)
    if run.stopped_at is None:
        return words.ROUND.format(round=run.round, start=start)
    return words.ROUND_OVER.format(round=run.round, start=start, end=moments.clock(run.stopped_at, now))


def _step(run: LadderRun, step: LadderStep, alerts: list[Alert]) -> Step:
    names = "、".join(words.WHO[who] for who in step.who.split(","))
    return Step(
        after=after(step.due_at - run.started_at),
        what=f"{words.SAYS[step.say]}：{names}",
        state=words.STEP_STATES[step.state],
        mood=step.state,
        note=words.NOTES.get(step.note, ""),
        alerts=alerts,
    )


def after(span: timedelta) -> str:
    """How long a card may wait before a step, in words."""
    seconds = max(0, round(span.total_seconds()))
    if seconds == 0:
        return words.AT_ONCE
    if seconds % 60:
        return words.AFTER_SECONDS.format(seconds=seconds)
    return words.AFTER_MINUTES.format(minutes=seconds // 60)


def _alert(row: Reach, names: Mapping[uuid.UUID, str], now: datetime) -> Alert:
    outcome, mood = _outcome(row, now)
    return Alert(
        who=names.get(row.staff_id, "") if row.staff_id else "",
        way=words.WAYS[row.way],
        at=moments.clock(row.created_at, now),
        outcome=outcome,
        mood=mood,
    )


def _outcome(row: Reach, now: datetime) -> tuple[str, str]:
    if row.way == "console":
        if row.seen_at is None:
            return words.SHOWN, ""
        return f"{words.SEEN} {moments.clock(row.seen_at, now)}", "good"
    said = [words.DELIVERED if row.code == "delivered" else words.REACH_STATES[row.state]]
    if row.state != ReachState.ACCEPTED and row.code:
        said.append(words.CODES.get(row.code, words.CODE.format(code=row.code)))
    if row.attempts > 1:
        said.append(words.TRIES.format(count=row.attempts))
    moods = {ReachState.ACCEPTED: "good", ReachState.FAILED: "warn", ReachState.UNKNOWN: "warn"}
    return "、".join(said), moods.get(ReachState(row.state), "")
