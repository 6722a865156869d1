"""Records by the number a resident was given, or the one of an order from above."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards.models import Claim
from stops.models import StopCard
from stops.orders.models import WarningOrder
from tips.models import Tip

TABLES: dict[str, type[StopCard] | type[Tip] | type[Claim] | type[WarningOrder]] = {
    "cards": StopCard,
    "tips": Tip,
    "claims": Claim,
    "orders": WarningOrder,
}


@dataclass(frozen=True, slots=True)
class Found:
    """``kind``: cards, tips, claims or orders."""

    kind: str
    id: uuid.UUID


def find(session: Session, number: str) -> Found | None:
    """The card, tip, claim or warning order with exactly this number."""
    for kind, table in TABLES.items():
        row_id = session.scalar(select(table.id).where(table.number == number))
        if row_id is not None:
            return Found(kind, row_id)
    return None
