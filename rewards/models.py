"""Tables of reward claims."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, Sequence, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.sealing import SealedText

claim_numbers = Sequence("claim_numbers", start=100001, metadata=Base.metadata)


class ClaimState(StrEnum):
    """``requested``: a resident asked; staff check it against the tip."""

    REQUESTED = "requested"
    CHECKING = "checking"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CLOSED = "closed"


class Claim(Base):
    """A resident's claim to the reward of one tip."""

    __tablename__ = "claims"
    __table_args__ = (Index("claims_by_time", "requested_at"), Index("one_claim_per_tip", "tip_id", unique=True))

    number: Mapped[str] = mapped_column(String(16), unique=True)
    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tips.id"))
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    state: Mapped[str] = mapped_column(String(16), default=ClaimState.REQUESTED.value)
    requested_at: Mapped[datetime]
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = SealedText("note_sealed")


class ClaimEvent(Base):
    """History of a claim: rows are only added."""

    __tablename__ = "claim_events"
    __table_args__ = (Index("events_of_claim", "claim_id", "at"),)

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(16))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail = SealedText("detail_sealed")
