"""What an officer states when a card moves on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Act:
    """An officer's statement. ``note``: in words; ``reference``: a document's number.

    ``amount_fen``: money it concerns. ``happened_at``: when it was done, None: now. ``ordinals``: the transfers a stop
    is asked for, empty: all.
    """

    note: str = ""
    reference: str = ""
    happened_at: datetime | None = None
    amount_fen: int | None = None
    ordinals: Collection[int] = ()
