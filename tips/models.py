"""Tables of tips and what they point at."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
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
    """A clue about somebody's offence. Anonymous: the code is the reporter's identity.

    ``kind``: of :class:`tips.kinds.Kind`, empty for a tip older than the kinds. ``holder_id``: the officer who works on
    it; ``unit``: the unit outside this house that took it over, the holder stays who answers for it here.
    ``duplicate_of``: the earlier tip of the same clue. ``joint_id``: the same for tips that are one joint report.
    """

    __tablename__ = "tips"
    __table_args__ = (
        Index("tips_by_time", "registered_at", "id"),
        Index("tips_by_state", "state", "registered_at", "id"),
        Index("tips_by_kind", "kind", "registered_at", "id"),
        Index("tips_by_village", "village", "registered_at", "id"),
        Index("tips_by_holder", "holder_id", "registered_at", "id"),
        Index("tips_by_place", "place_grams", postgresql_using="gin"),
        Index("tips_of_conversation", "conversation_id"),
        Index("tips_duplicates", "duplicate_of", postgresql_where=sql("duplicate_of IS NOT NULL")),
        Index("tips_joint", "joint_id", postgresql_where=sql("joint_id IS NOT NULL")),
        CheckConstraint("duplicate_of <> id", name="of_itself"),
        CheckConstraint("duplicate_of IS NULL OR joint_id IS NULL", name="one_or_the_other"),
    )

    number: Mapped[str] = mapped_column(String(16), unique=True)
    code_hash: Mapped[str] = mapped_column(String(255), default="", server_default="")
    state: Mapped[str] = mapped_column(String(16), default=TipState.REGISTERED.value)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversations.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contacts.id"))
    registered_at: Mapped[datetime]
    fraud_type: Mapped[str] = mapped_column(String(32), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(16), default="", server_default="")
    village: Mapped[str] = mapped_column(String(64), default="", server_default="")  # a name of the list, or empty
    holder_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    unit: Mapped[str] = mapped_column(String(64), default="", server_default="")
    duplicate_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tips.id"))
    joint_id: Mapped[uuid.UUID | None]
    story_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    story = SealedText("story_sealed")
    place_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    place = SealedText("place_sealed")
    place_grams: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list, server_default="{}")  # tips.grams
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
    """History of a tip: rows are only added. ``actor``: bot, reporter (who added something) or staff.

    ``what``: of :data:`tips.words.EVENTS`; ``state``: the one the tip is in afterwards.
    """

    __tablename__ = "tip_events"
    __table_args__ = (Index("events_of_tip", "tip_id", "at"),)

    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tips.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str] = mapped_column(String(16), default="state", server_default="state")
    state: Mapped[str] = mapped_column(String(16))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail = SealedText("detail_sealed")


class Outcome(StrEnum):
    """What became of a transfer; ``pending``: nobody has answered, and the tip stays with who offered it."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TipTransfer(Base):
    """A tip offered to another officer (``to_id``) or to a unit outside this house (``unit``)."""

    __tablename__ = "tip_transfers"
    __table_args__ = (
        Index("transfers_of_tip", "tip_id", "asked_at"),
        Index("one_pending_transfer", "tip_id", unique=True, postgresql_where=sql("outcome = 'pending'")),
        Index("transfers_to", "to_id", postgresql_where=sql("outcome = 'pending'")),
        CheckConstraint("(to_id IS NULL) <> (unit = '')", name="to_one"),
        CheckConstraint("(outcome = 'pending') = (answered_at IS NULL)", name="answered"),
    )

    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tips.id"))
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    to_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    unit: Mapped[str] = mapped_column(String(64), default="", server_default="")
    asked_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(16), default=Outcome.PENDING.value)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))


class TipNotice(Base):
    """That the reporter is to be told of a step. ``settled_at``: there is nothing more to be done about it."""

    __tablename__ = "tip_notices"
    __table_args__ = (
        Index("notices_of_tip", "tip_id", "created_at"),
        Index("tip_notices_unsettled", "created_at", postgresql_where=sql("settled_at IS NULL")),
    )

    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tips.id"))
    step: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    settled_at: Mapped[datetime | None]


class CodeTry(Base):
    """A wrong query code, to limit guessing per contact and per tip."""

    __tablename__ = "code_tries"
    __table_args__ = (Index("tries_by_contact", "contact_id", "at"), Index("tries_by_number", "number", "at"))

    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    number: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
