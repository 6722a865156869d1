"""The one place that learns of every new card and every change of one, in the transaction that makes it.

``what`` of a change: ``told`` (the resident added something), ``doubted``, ``became_loss``, ``complete``, ``state``,
``amended``, ``merged``, ``task``, a timer's name (``expiry_36`` and so on), or of the holder: ``taken``,
``taken_over``, ``released``, ``holder_silent``, ``holder_gone``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from stops.models import StopCard
from storage import live


def card_opened(session: Session, card: StopCard, now: datetime) -> None:
    """A card is in the queue."""
    live.touch(session, "card", card.id, "new")


def card_changed(session: Session, card: StopCard, what: str, now: datetime) -> None:
    """Something about a card changed."""
    live.touch(session, "card", card.id, NEWS.get(what, "changed"))


# What open pages are told, where it is more than "look again".
NEWS = {
    "doubted": "doubted",
    "became_loss": "new",
    "released": "new",
    "holder_silent": "new",
    "holder_gone": "new",
}
