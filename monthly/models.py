"""The table of monthly reports that were made."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class MonthlyReport(Base):
    """Who made the report of a month when, and every figure in it as JSON. Rows are only added; the newest counts.

    ``month``: its first day. ``staff_id`` is empty on the command line.
    """

    __tablename__ = "monthly_reports"
    __table_args__ = (Index("reports_of_month", "month", "made_at"),)

    month: Mapped[date]
    made_at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    figures: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of ``figures``
