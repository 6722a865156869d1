"""A small station: three officers who take turns, a leader, and somebody who only receives."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from conversations import contacts
from conversations.inbound import Channel
from conversations.models import Staff
from stops import cards
from stops.duty import firing, plans, reach
from stops.duty.models import LadderRun, LadderStep, Reach
from stops.models import StopCard
from storage.engine import Database
from tests.handlers.conftest import Clock

# A Monday, 14:00 in China.
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
ROSTER = """\
what: roster
name: 示例值班表
effective_from: 2026-01-01
leaders: [wang]
substitutes: {li: sun}
shifts:
  - name: 白班
    days: [workday, weekend, holiday]
    from: "08:00"
    to: "20:00"
    teams: [{people: [li, zhao, sun]}]
  - name: 夜班
    days: [workday, weekend, holiday]
    from: "20:00"
    to: "08:00"
    teams: [{people: [sun], leader: zhao}]
"""
# Before anybody; their names sort otherwise than their logins.
NAMES = {"li": "李一", "zhao": "赵二", "sun": "孙三", "wang": "王所"}


def make_card(session: Session, now: datetime, sender: str = "o1", *, about_to_pay: bool = False) -> StopCard:
    contact = contacts.lock_contact(session, Channel.WECHAT, sender, now)
    return cards.open_card(session, contacts.open_conversation(session, contact, now), now, about_to_pay=about_to_pay)


def look(database: Database, now: datetime) -> int:
    """One round over all runs, as a worker does it; the steps fired."""
    with database.transaction() as session:
        runs = firing.due(session, now)
    fired = 0
    for run_id in runs:
        with database.transaction() as session:
            fired += firing.advance(session, run_id, now)
    with database.transaction() as session:
        reach.requeue(session, now)
    return fired


class Station:
    """The database and short words for it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.people: dict[str, uuid.UUID] = {}

    def open_card(self, sender: str = "o1", *, about_to_pay: bool = False) -> uuid.UUID:
        with self.database.transaction() as session:
            return make_card(session, self.clock(), sender, about_to_pay=about_to_pay).id

    def look(self) -> int:
        return look(self.database, self.clock())

    def load(self, text: str) -> None:
        with self.database.transaction() as session:
            plans.load(session, text, "test.yml", None, self.clock())

    def steps(self, card_id: uuid.UUID, round_: int = 1) -> list[str]:
        """The states of a card's steps, in order."""
        query = select(LadderStep.state).where(LadderStep.card_id == card_id, LadderStep.round == round_)
        with self.database.transaction() as session:
            return list(session.scalars(query.order_by(LadderStep.ordinal)))

    def reached(self, card_id: uuid.UUID, way: str = "console") -> list[tuple[int, int, list[str]]]:
        """Round, step and the logins it reached by one way; noise of other cards left out."""
        names = {staff_id: login for login, staff_id in self.people.items()}
        with self.database.transaction() as session:
            rows = session.execute(
                select(LadderStep.round, LadderStep.ordinal, Reach.staff_id)
                .join(Reach, Reach.step_id == LadderStep.id)
                .where(LadderStep.card_id == card_id, Reach.way == way)
                .order_by(LadderStep.round, LadderStep.ordinal, Reach.id)
            ).all()
        found: dict[tuple[int, int], list[str]] = {}
        for round_, ordinal, staff_id in rows:
            found.setdefault((round_, ordinal), []).append(names[staff_id])
        return [(*place, sorted(logins)) for place, logins in found.items()]

    def runs(self, card_id: uuid.UUID) -> list[LadderRun]:
        with self.database.transaction() as session:
            return list(
                session.scalars(select(LadderRun).where(LadderRun.card_id == card_id).order_by(LadderRun.round))
            )


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def station(database: Database, clock: Clock) -> Station:
    """Nobody has loaded a roster yet."""
    here = Station(database, clock)
    with database.transaction() as session:
        for login, name in {**NAMES, "desk": "小周", "gone": "旧人"}.items():
            roles = "agent" if login == "desk" else "officer"
            staff = Staff(login=login, name=name, password_hash="x", roles=roles, created_at=START)
            staff.active = login != "gone"
            session.add(staff)
            here.people[login] = staff.id
    return here


@pytest.fixture
def manned(station: Station) -> Station:
    """With the roster in force."""
    station.load(ROSTER)
    return station


Accept = Callable[..., None]


@pytest.fixture
def accept(station: Station) -> Accept:
    """An officer takes up a card."""

    def do(card_id: uuid.UUID, login: str = "li") -> None:
        with station.database.transaction() as session:
            officer = session.get_one(Staff, station.people[login])
            cards.set_state(session, card_id, cards.CardState.ACCEPTED, officer, station.clock())

    return do
