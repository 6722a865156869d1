"""Records by the number a resident was given."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from rewards.models import Claim
from stops.models import StopCard
from tips.models import Tip

TABLES: dict[str, type[StopCard] | type[Tip] | type[Claim]] = {"cards": StopCard, "tips": Tip, "claims": Claim}


@dataclass(frozen=True, slots=True)
class Found:
    """``kind``: cards, tips or claims."""

    kind: str
    id: uuid.UUID


def find(session: Session, number: str) -> Found | None:
    """The card, tip or claim with exactly this number."""
    for kind, table in TABLES.items():
        row_id = session.scalar(select(table.id).where(table.number == number))
        if row_id is not None:
            return Found(kind, row_id)
    return None
