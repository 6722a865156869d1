"""A hotline without a model: plain rules understand, everything else is real."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import parts
from bot.intake import Intake
from conversations.inbound import Channel, Inbound, Kind
from conversations.models import Message
from handlers.turn import Services
from nlu.client import NluClient
from nlu.understand import Understander
from storage.engine import Database
from storage.settings import Settings
from tests.conftest import plain_settings

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that only moves when told to."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Resident:
    """Somebody who writes; answers are what the bot says back, in order."""

    intake: Intake
    database: Database
    clock: Clock
    sender: str
    channel: Channel
    ids: itertools.count[int] = field(default_factory=itertools.count)

    def says(self, text: str, *, after: float = 20, **more: object) -> list[str]:
        """Send a text ``after`` seconds; the replies to it."""
        self.clock.pass_(seconds=after)
        return self._send(Kind.TEXT, text=text, **more)

    def sends(self, kind: Kind, *, after: float = 20, **more: object) -> list[str]:
        """Send something else than a text."""
        self.clock.pass_(seconds=after)
        return self._send(kind, **more)

    def _send(self, kind: Kind, **more: object) -> list[str]:
        external = f"{self.sender}-{next(self.ids)}"
        inbound = Inbound(
            self.channel,
            self.sender,
            external,
            kind,
            self.clock(),
            self.clock(),
            recipient="gh_x",
            **more,  # type: ignore[arg-type]
        )
        if self.channel is Channel.SMS:
            with self.database.transaction() as session:
                stored = self.intake.store_unanswered(session, inbound)
            assert stored is not None
            self.intake.answer_waiting(stored.contact_id)
        else:
            self.intake.take(inbound)
        with self.database.transaction() as session:
            mine = session.scalars(select(Message).where(Message.external_id == external)).one()
            replies = session.scalars(select(Message).where(Message.in_reply_to == mine.id).order_by(Message.position))
            return [reply.text for reply in replies]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def library() -> Services:
    """Questions, scheme and villages, read once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        return parts.services(plain_settings(patch, Path("/nowhere")))


@pytest.fixture
def intake(database: Database, settings: Settings, clock: Clock, library: Services) -> Intake:
    return Intake(database, Understander(NluClient((), "")), replace(library, settings=settings), clock)


@pytest.fixture
def resident(intake: Intake, database: Database, clock: Clock) -> Callable[..., Resident]:
    """Makes residents: ``resident("o1")`` on WeChat, ``resident("+8617…", Channel.SMS)``."""

    def make(sender: str = "o1", channel: Channel = Channel.WECHAT) -> Resident:
        return Resident(intake, database, clock, sender, channel)

    return make
