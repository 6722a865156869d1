"""The history of a record, line by line."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from console import moments, words
from conversations.models import Staff


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, when, by whom, with what note."""

    at: str
    who: str
    what: str
    note: str

    @classmethod
    def of(
        cls, at: datetime, staff_id: uuid.UUID | None, names: Mapping[uuid.UUID, str], what: str, note: str
    ) -> Entry:
        """From the fields every feature's events have."""
        return cls(moments.full(at), names.get(staff_id, "") if staff_id else words.SYSTEM, what, note)


def people(session: Session, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Names of staff by id."""
    wanted = {staff_id for staff_id in ids if staff_id is not None}
    if not wanted:
        return {}
    return {staff.id: staff.name for staff in session.scalars(select(Staff).where(Staff.id.in_(wanted)))}
