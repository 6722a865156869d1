"""Tips as residents give them, and officers who work on them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from conversations.inbound import Channel
from conversations.models import Staff
from storage.clock import utc_now
from storage.engine import Database
from tests.handlers.conftest import Resident
from tests.handlers.conftest import clock as clock
from tests.handlers.conftest import intake as intake
from tests.handlers.conftest import library as library
from tests.handlers.conftest import resident as resident
from tips.models import Tip, TipEvent

Make = Callable[..., Any]


class Station:
    """Two officers, an agent, and the tips in the database."""

    def __init__(self, database: Database, resident: Make) -> None:
        self.database = database
        self._make = resident
        self._residents: dict[str, Resident] = {}
        with database.transaction() as session:
            self.wang, self.chen, self.li, self.agent = (
                Staff(login=login, name=name, password_hash="x", roles=roles, active=True, created_at=utc_now())
                for login, name, roles in (
                    ("wang", "王警官", "officer"),
                    ("chen", "陈警官", "officer"),
                    ("li", "李警官", "officer"),
                    ("agent", "小赵", "agent"),
                )
            )
            session.add_all((self.wang, self.chen, self.li, self.agent))
            session.flush()
            session.expunge_all()

    def resident(self, sender: str, channel: Channel = Channel.WECHAT) -> Resident:
        """Somebody who writes, the same for the same sender."""
        return self._residents.setdefault(sender, self._make(sender, channel))

    def told(self, sender: str = "o1", channel: Channel = Channel.WECHAT, phone: str = "17000000009") -> uuid.UUID:
        """A tip told by somebody; its id."""
        person = self.resident(sender, channel)
        for text in ("我要举报", "有人冒充客服骗钱", f"电话{phone}", "样例东村，昨天", "没有"):
            person.says(text)
        with self.database.transaction() as session:
            return session.scalars(select(Tip.id).order_by(Tip.number.desc()).limit(1)).one()

    def do(self, act: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        """One act in a transaction of its own, at this moment."""
        with self.database.transaction() as session:
            return act(session, *arguments, now=utc_now(), **more)

    def tip(self, tip_id: uuid.UUID) -> Tip:
        with self.database.transaction() as session:
            return session.get_one(Tip, tip_id)

    def events(self, tip_id: uuid.UUID) -> list[tuple[str, uuid.UUID | None, str]]:
        with self.database.transaction() as session:
            rows = session.scalars(select(TipEvent).where(TipEvent.tip_id == tip_id).order_by(TipEvent.at, TipEvent.id))
            return [(row.what, row.staff_id, row.detail) for row in rows]


@pytest.fixture
def station(database: Database, resident: Make) -> Station:
    return Station(database, resident)
