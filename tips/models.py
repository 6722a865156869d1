"""Tables of tips and what they point at."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, Sequence, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.sealing import SealedText

tip_numbers = Sequence("tip_numbers", start=100001, metadata=Base.metadata)


class TipState(StrEnum):
    """States of a tip."""

    REGISTERED = "registered"
    CHECKING = "checking"
    CONFIRMED = "confirmed"
    UNFOUNDED = "unfounded"
    CLOSED = "closed"


class Tip(Base):
    """A clue about somebody's offence. Anonymous: the code is the reporter's identity."""

    __tablename__ = "tips"
    __table_args__ = (
        Index("tips_by_time", "registered_at"),
        Index("tips_of_conversation", "conversation_id"),
    )

    number: Mapped[str] = mapped_column(String(16), unique=True)
    code_hash: Mapped[str] = mapped_column(String(255), default="", server_default="")
    state: Mapped[str] = mapped_column(String(16), default=TipState.REGISTERED.value)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversations.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contacts.id"))
    registered_at: Mapped[datetime]
    fraud_type: Mapped[str] = mapped_column(String(32), default="", server_default="")
    story_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    story = SealedText("story_sealed")
    place_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    place = SealedText("place_sealed")
    happened_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    happened = SealedText("happened_sealed")


class TipEvidence(Base):
    """A picture, voice or video a reporter gave with a tip or added later."""

    __tablename__ = "tip_evidence"
    __table_args__ = (UniqueConstraint("tip_id", "evidence_id"),)

    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tips.id"))
    evidence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evidence.id"))
    added_at: Mapped[datetime]


class TipEvent(Base):
    """History of a tip: rows are only added. ``actor``: bot, reporter (who added something) or staff."""

    __tablename__ = "tip_events"
    __table_args__ = (Index("events_of_tip", "tip_id", "at"),)

    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tips.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(16))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail = SealedText("detail_sealed")


class CodeTry(Base):
    """A wrong query code, to limit guessing per contact and per tip."""

    __tablename__ = "code_tries"
    __table_args__ = (Index("tries_by_contact", "contact_id", "at"), Index("tries_by_number", "number", "at"))

    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    number: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
