"""The head of every page: how much waits, and the cards nobody has taken up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from console.pages import cards, inbox
from console.pages.cards import Clock
from conversations.models import Staff

CASES = frozenset({"agent", "officer"})


@dataclass(frozen=True, slots=True)
class Alert:
    """A card nobody has taken up."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    number: str
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class Status:
    """Counts for the menu. Who may not see cases gets zeros."""

    waiting: int = 0
    alerts: list[Alert] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The number in the window's title."""
        return self.waiting + len(self.alerts)


def load(session: Session, me: Staff, now: datetime) -> Status:
    """What the head of the page shows to somebody."""
    if not CASES & me.role_set:
        return Status()
    alerts = [
        Alert(card.id, card.conversation_id, card.number, cards.clock(card, now)) for card in cards.new_cards(session)
    ]
    return Status(inbox.waiting(session), alerts)
