"""Officers, deadlines and drafts for the tests of warning orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from conversations.models import Staff
from stops.orders.deadlines import Deadlines, Limit, Version
from stops.orders.models import Step
from stops.orders.register import Draft, Entered, enter
from storage.engine import Database

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # 14:00 in China
PHONE = "+8617000000001"
LIMITS = {
    Step.SIGN: Limit(within=10, warn=4),
    Step.DISSUADE: Limit(within=60, warn=20),
    Step.FEEDBACK: Limit(within=240),
}


@pytest.fixture
def deadlines() -> Deadlines:
    """Limits on three steps; the review has none, and the feedback no reminder before it."""
    return Deadlines([Version(effective_from=date(2026, 1, 1), steps=LIMITS)])


@pytest.fixture
def officer(database: Database) -> Staff:
    return _staff(database, "officer", "王警官")


@pytest.fixture
def second(database: Database) -> Staff:
    return _staff(database, "other", "陈警官")


def _staff(database: Database, login: str, name: str) -> Staff:
    with database.transaction() as session:
        staff = Staff(
            login=login,
            name=name,
            password_hash="-",
            roles="officer",
            active=True,
            session_epoch=0,
            created_at=START,
        )
        session.add(staff)
        return staff


Enters = Callable[..., Entered]


@pytest.fixture
def entered(database: Database, deadlines: Deadlines, officer: Staff) -> Enters:
    """Enters an order: ``entered("A-1", now=…, phone=…)``."""

    def one(number: str = "A-1", now: datetime = START, **fields: Any) -> Entered:
        draft = Draft(number=number, **{"phone": PHONE, "name": "张三", **fields})
        with database.transaction() as session:
            return enter(session, draft, deadlines, officer, now)

    return one
