"""The one place that learns of every new card and every change of one, in the transaction that makes it.

``what`` of a change: ``told`` (the resident added something), ``doubted``, ``became_loss``, ``complete``, ``state``,
``amended``, ``merged``, ``task``, a timer's name (``expiry_36`` and so on), or of the holder: ``taken``,
``taken_over``, ``released``, ``holder_silent``, ``holder_gone``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from stops.duty import ladder
from stops.duty.waiting import waits
from stops.models import StopCard
from storage import live

# What open pages are told, where it is more than "look again".
NEWS = {
    "doubted": "doubted",
    "became_loss": "new",
    "released": "new",
    "holder_silent": "new",
    "holder_gone": "new",
}
# It waits for somebody again, or has become more pressing: the ladder begins anew.
ANEW = frozenset({"released", "holder_silent", "holder_gone", "became_loss"})


def card_opened(session: Session, card: StopCard, now: datetime) -> None:
    """A card is in the queue."""
    live.touch(session, "card", card.id, "new")
    ladder.start(session, card, now)


def card_changed(session: Session, card: StopCard, what: str, now: datetime) -> None:
    """Something about a card changed."""
    live.touch(session, "card", card.id, NEWS.get(what, "changed"))
    if not waits(card):
        ladder.stop(session, card, now)
    elif what in ANEW:
        ladder.restart(session, card, now)
