"""What is to be done on a card: the states that may follow and what they demand, tasks, and cards of the same loss."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from console import moments, words
from console.pages import board
from console.pages.board import Clock
from conversations.models import Staff
from stops import cards, same_loss, tasks
from stops import words as stop_words
from stops.models import CardState, StopCard
from stops.states import DEMANDS

NOTE, NOTE_OR_REFERENCE, AMOUNT = "note", "note reference", "amount"


@dataclass(frozen=True, slots=True)
class Step:
    """A state that may follow. ``needs``: names of form fields of which one has to be filled; empty: none."""

    state: str
    label: str
    needs: str


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person has to do."""

    id: uuid.UUID
    title: str
    since: str


@dataclass(frozen=True, slots=True)
class Same:
    """Another card that is probably of the same loss."""

    id: uuid.UUID
    number: str
    state: str
    reported: str
    amount: str


@dataclass(frozen=True, slots=True)
class Work:
    """``stops``: which of the two stops runs, in words; ``ends``: when it ends."""

    steps: list[Step]
    amounts: bool
    tasks: list[Task]
    same: list[Same]
    stops: str
    ends: Clock | None


def load(session: Session, card: StopCard, me: Staff, now: datetime) -> Work:
    """For one card and reader."""
    following = steps(card, me)
    return Work(
        steps=following,
        amounts=any(DEMANDS[CardState(step.state)].amount for step in following),
        tasks=[
            Task(task.id, _title(task.kind, task.about), moments.clock(task.created_at, now))
            for task in tasks.open_of(session, [card.id])
        ],
        same=[_same(other, now) for other in same_loss.similar(session, card)],
        stops=stop_words.STOP_COUNT.format(count=card.stop_round) if card.stop_round else "",
        ends=board.until(card.expires_at, now) if card.expires_at else None,
    )


def steps(card: StopCard, me: Staff) -> list[Step]:
    """What the holder may say has been done; taking a card in hand has a button of its own."""
    if card.officer_id != me.id:
        return []
    return [
        Step(state.value, words.CARD_STEPS[state], _needs(state))
        for state in cards.NEXT[CardState(card.state)]
        if state != CardState.ACCEPTED
    ]


def _needs(state: CardState) -> str:
    demand = DEMANDS[state]
    if demand.amount and state is not CardState.SUCCEEDED:
        return AMOUNT
    if demand.reason:
        return NOTE
    return NOTE_OR_REFERENCE if demand.note else ""


def _title(kind: str, about: str) -> str:
    title = stop_words.TASKS.get(kind, kind)
    return words.TASK_ABOUT.format(task=title, state=words.CARD_STATES[about]) if about in words.CARD_STATES else title


def _same(other: StopCard, now: datetime) -> Same:
    reported = moments.clock(other.reported_at, now)
    return Same(other.id, other.number, words.CARD_STATES[other.state], reported, board.total(other))
