"""The drills: what each showed, and who may start one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from console import moments, words
from conversations.models import Staff
from stops.drills import desk, results
from stops.drills.results import Result
from stops.drills.scripts import Script, scripts
from stops.models import CardState


@dataclass(frozen=True, slots=True)
class Row:
    """One drill. ``times``: label and time of what is measured, in order. ``ends``: it can be ended."""

    id: uuid.UUID
    title: str
    started: str
    by: str
    card_id: uuid.UUID | None
    card: str
    state: str
    times: list[tuple[str, str]]
    ends: bool


@dataclass(frozen=True, slots=True)
class View:
    """``leads``: the reader may start and end drills."""

    rows: list[Row]
    scripts: list[Script]
    leads: bool


def load(session: Session, me: Staff, now: datetime) -> View:
    """The newest drills first."""
    rows = [_row(found, now) for found in results.results(session)]
    return View(rows, list(scripts().values()), desk.may_lead(session, me, now))


def _row(found: Result, now: datetime) -> Row:
    over = found.ended_at is not None or found.state == CardState.CLOSED
    measured = (found.to_card, found.to_accepted, found.to_complete, found.to_initiated)
    return Row(
        id=found.id,
        title=found.title,
        started=moments.clock(found.started_at, now),
        by=found.started_by or words.BY_COMMAND,
        card_id=found.card_id,
        card=found.card,
        state=words.CARD_STATES[found.state] if found.state else words.DRILL_OVER if over else words.DRILL_PLAYS,
        times=[(label, seconds(value)) for label, value in zip(words.DRILL_TIMES, measured, strict=True)],
        ends=found.ended_at is None,
    )


def seconds(value: float | None) -> str:
    """``0.4 秒``, ``75 秒``, ``12 分 05 秒``; a dash where it was not reached."""
    if value is None:
        return words.NOT_REACHED
    if value < 10:
        return words.SECONDS.format(seconds=f"{value:.1f}")
    if value < 120:
        return words.SECONDS.format(seconds=round(value))
    minutes, rest = divmod(round(value), 60)
    return words.MINUTES.format(minutes=minutes, seconds=f"{rest:02d}")
