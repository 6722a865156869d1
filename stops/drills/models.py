"""The table of drills."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class Drill(Base):
    """One played loss. Its card is the first of its contact; what was reached when stands in the card's history.

    ``said``: how many messages of the script were sent. ``started_by`` None: from the command line.
    """

    __tablename__ = "drills"
    __table_args__ = (Index("drills_by_time", "started_at"),)

    script: Mapped[str] = mapped_column(String(32))
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"), unique=True)
    started_at: Mapped[datetime]
    started_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    said: Mapped[int] = mapped_column(default=0, server_default="0")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
