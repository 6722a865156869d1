"""The head of every page: how much waits, the cards nobody has in hand, and those the reader has."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from console import words
from console.pages import board, inbox
from console.pages.board import Clock
from conversations.models import Staff
from stops import holding

CASES = frozenset({"agent", "officer"})
SHOWN = 3  # alarms; the others are only counted


@dataclass(frozen=True, slots=True)
class Alert:
    """A card nobody has in hand."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    number: str
    clock: Clock
    drill: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """A running card the reader has in hand. ``going``: when it goes to the next, empty while there is no danger."""

    id: uuid.UUID
    number: str
    clock: Clock
    going: str
    drill: bool


@dataclass(frozen=True, slots=True)
class Status:
    """Counts for the menu. Who may not see cases gets zeros.

    ``ringing``: ids of all cards nobody has; ``drills``: of them those that are played.
    """

    waiting: int = 0
    ringing: Sequence[uuid.UUID] = ()
    alerts: Sequence[Alert] = ()
    mine: Sequence[Mine] = ()
    drills: Sequence[uuid.UUID] = ()

    @property
    def total(self) -> int:
        """The number in the window's title."""
        return self.waiting + len(self.ringing)

    @property
    def unheld(self) -> str:
        """How many cards nobody has, in words."""
        count = len(self.ringing)
        return words.MANY.format(count=count - 1) if count >= board.RINGING else str(count)

    @property
    def more(self) -> bool:
        """Whether there are more alarms than are shown."""
        return len(self.ringing) > len(self.alerts)


def load(session: Session, me: Staff, now: datetime) -> Status:
    """What the head of the page shows to somebody."""
    if not CASES & me.role_set:
        return Status()
    cards = board.unheld(session)
    alerts = [
        Alert(card.id, card.conversation_id, card.number, board.until(card.deadline, now), card.drill)
        for card in cards[:SHOWN]
    ]
    drills = [card.id for card in cards if card.drill]
    return Status(inbox.waiting(session), [card.id for card in cards], alerts, _mine(session, me, now), drills)


def _mine(session: Session, me: Staff, now: datetime) -> list[Mine]:
    return [
        Mine(
            card.id,
            card.number,
            board.until(card.deadline, now),
            card.lost_at.isoformat() if card.lost_at - now <= holding.SILENT - holding.WARN else "",
            card.drill,
        )
        for card in holding.held_by(session, me, now)
    ]
