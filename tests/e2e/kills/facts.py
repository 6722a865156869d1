"""What the hotline's records say after a round, read straight from the tables."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from conversations.models import Contact, Message
from stops.duty.models import LadderRun, LadderStep, Reach
from stops.models import StopCard, StopEvent, StopNotice
from storage.engine import Database
from storage.sealing import Sealer, install
from tests.e2e.stack import Stack

# Whatever must have come to an end when nobody writes and nothing is killed any more.
WAITING = {
    "messages nobody looked at": "SELECT count(*) FROM messages WHERE direction = 'in' AND decided_by = ''",
    "messages on their way": "SELECT count(*) FROM messages WHERE delivery IN ('passive', 'queued', 'sending')",
    "alerts on their way": "SELECT count(*) FROM reaches WHERE state IN ('queued', 'sending')",
    "notices": "SELECT count(*) FROM stop_notices WHERE settled_at IS NULL",
    "steps overdue": "SELECT count(*) FROM ladder_steps WHERE state = 'waiting'",
    "jobs": "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name <> 'sweep'",
}
# A sweep that failed is followed by the next five seconds later.
FAILED = (
    "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' AND task_name <> 'sweep' GROUP BY 1"
)


@dataclass(slots=True)
class Facts:
    """Rows by whom or what they belong to."""

    messages: dict[tuple[str, str], list[Message]] = field(default_factory=dict)  # channel, sender
    cards: dict[tuple[str, str], list[StopCard]] = field(default_factory=dict)
    events: dict[uuid.UUID, list[StopEvent]] = field(default_factory=dict)
    notices: dict[uuid.UUID, list[StopNotice]] = field(default_factory=dict)
    runs: dict[uuid.UUID, list[LadderRun]] = field(default_factory=dict)
    steps: dict[uuid.UUID, list[LadderStep]] = field(default_factory=dict)  # of a run
    reaches: dict[uuid.UUID, list[Reach]] = field(default_factory=dict)  # of a step
    failed: dict[str, int] = field(default_factory=dict)


def waiting(stack: Stack) -> dict[str, int]:
    """What is not at rest yet; empty when everything is."""
    with psycopg.connect(stack.run.embedded["postgres"]) as connection:
        counts = {what: connection.execute(query).fetchone()[0] for what, query in WAITING.items()}  # type: ignore[index]
    counts["deliveries kept on disk"] = len(list((stack.data_dir / "spool").glob("*")))
    return {what: count for what, count in counts.items() if count}


def staff_id(stack: Stack, login: str) -> str:
    """The id of somebody who may sign in."""
    with psycopg.connect(stack.run.embedded["postgres"]) as connection:
        found = connection.execute("SELECT id FROM staff WHERE login = %s", [login]).fetchone()
        assert found is not None
        return str(found[0])


@contextmanager
def _reading(stack: Stack) -> Iterator[Session]:
    install(Sealer(stack.secrets["data_key"]))
    database = Database(stack.run.embedded["postgres"], pool_size=1)
    try:
        with database.transaction() as session:
            yield session
    finally:
        database.dispose()


def read(stack: Stack) -> Facts:
    """Everything, as it is now."""
    facts = Facts()
    with _reading(stack) as session:
        people = {contact.id: (contact.channel, contact.sender) for contact in session.scalars(select(Contact))}
        for message in session.scalars(select(Message).order_by(Message.position)):
            facts.messages.setdefault(people[message.contact_id], []).append(message)
        for card in session.scalars(select(StopCard)):
            facts.cards.setdefault(people[card.contact_id], []).append(card)
        for event in session.scalars(select(StopEvent).order_by(StopEvent.at, StopEvent.id)):
            facts.events.setdefault(event.card_id, []).append(event)
        for notice in session.scalars(select(StopNotice)):
            facts.notices.setdefault(notice.card_id, []).append(notice)
        for run in session.scalars(select(LadderRun).order_by(LadderRun.round)):
            facts.runs.setdefault(run.card_id, []).append(run)
        for step in session.scalars(select(LadderStep).order_by(LadderStep.ordinal)):
            facts.steps.setdefault(step.run_id, []).append(step)
        for reach in session.scalars(select(Reach).where(Reach.step_id.is_not(None))):
            assert reach.step_id is not None
            facts.reaches.setdefault(reach.step_id, []).append(reach)
        facts.failed = {row[0]: row[1] for row in session.execute(text(FAILED))}
    return facts


def moments(facts: Facts) -> list[datetime]:
    """When steps of ladders fired."""
    return [step.fired_at for steps in facts.steps.values() for step in steps if step.fired_at is not None]
