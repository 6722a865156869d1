"""Where a page of a long list begins: after a moment and an id, written into the link to it."""

from __future__ import annotations

import uuid
from datetime import datetime


def write(moment: datetime, row_id: uuid.UUID) -> str:
    """For the link."""
    return f"{moment.isoformat()}~{row_id}"


def read(after: str) -> tuple[datetime, uuid.UUID] | None:
    """From the link; None for nonsense, which is the first page."""
    moment, _, row_id = after.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, uuid.UUID(row_id)) if at.tzinfo else None
    except ValueError:
        return None
