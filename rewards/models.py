"""Tables of reward claims, of what was proposed and paid, and of the ledger.

Triggers of migrations 0080 and 0110 keep what these classes only describe: who may do which step and when, and that
nothing written is changed (docs/rewards.md).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Numeric,
    Sequence,
    String,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.sealing import SealedJson, SealedText

claim_numbers = Sequence("claim_numbers", start=100001, metadata=Base.metadata)
YUAN = Numeric(12, 2)


class ClaimState(StrEnum):
    """``requested``: a resident asked, or an officer opened it; nobody has proposed an amount yet."""

    REQUESTED = "requested"
    PROPOSED = "proposed"
    VERIFIED = "verified"
    APPROVED = "approved"
    NOTIFIED = "notified"
    CLAIMED = "claimed"
    PAID = "paid"
    ARCHIVED = "archived"
    REFUSED = "refused"
    LAPSED = "lapsed"
    REVOKED = "revoked"


class Act(StrEnum):
    """What is done to a claim."""

    REQUEST = "request"
    PROPOSE = "propose"
    VERIFY = "verify"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    REFUSE = "refuse"
    NOTIFY = "notify"
    CLAIM = "claim"
    EXTEND = "extend"
    LAPSE = "lapse"
    PAY = "pay"
    ARCHIVE = "archive"
    REVOKE = "revoke"
    RECOVER = "recover"


class Account(StrEnum):
    """Accounts of the ledger. ``source``: where the budget comes from, the other side of it."""

    SOURCE = "source"
    BUDGET = "budget"
    RESERVED = "reserved"
    PAYABLE = "payable"
    PAID = "paid"
    LAPSED = "lapsed"
    CLAWED_BACK = "clawed_back"


class Claim(Base):
    """The reward of one tip. ``amount``: yuan, as last proposed. ``due_at``: when ``due_step`` must be done."""

    __tablename__ = "claims"
    __table_args__ = (
        Index("claims_by_time", "requested_at"),
        Index("one_claim_per_tip", "tip_id", unique=True),
        Index("claims_due", "due_at", postgresql_where=sql("due_at IS NOT NULL")),
    )

    number: Mapped[str] = mapped_column(String(16), unique=True)
    tip_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tips.id"))
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contacts.id"))
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversations.id"))
    state: Mapped[str] = mapped_column(String(16), default=ClaimState.REQUESTED.value)
    requested_at: Mapped[datetime]
    amount: Mapped[Decimal | None] = mapped_column(YUAN)
    due_step: Mapped[str] = mapped_column(String(16), default="", server_default="")
    due_at: Mapped[datetime | None]
    collection_hash: Mapped[str] = mapped_column(String(255), default="", server_default="")
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    note = SealedText("note_sealed")


class ClaimEvent(Base):
    """One act on a claim: rows are only added, in the order of ``position``. ``amount``: yuan."""

    __tablename__ = "claim_events"
    __table_args__ = (Index("events_of_claim", "claim_id", "position"),)

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    second_staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str] = mapped_column(String(16))
    amount: Mapped[Decimal | None] = mapped_column(YUAN)
    reference: Mapped[str] = mapped_column(String(64), default="", server_default="")
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail = SealedText("detail_sealed")


class Proposal(Base):
    """What an amount was proposed on: the scheme as it was, the facts, and the explanation. Rows are only added.

    ``starts``: moments (ISO 8601) the scheme's deadlines may count from that are the tip's, not the claim's.
    """

    __tablename__ = "claim_proposals"
    __table_args__ = (Index("proposals_of_claim", "claim_id", "at"),)

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    at: Mapped[datetime]
    scheme_id: Mapped[str] = mapped_column(String(64))
    scheme_version: Mapped[str] = mapped_column(String(400))
    scheme_json: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(YUAN)
    least: Mapped[Decimal] = mapped_column(YUAN)
    most: Mapped[Decimal | None] = mapped_column(YUAN)
    starts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    facts_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    facts = SealedText("facts_sealed")
    lines_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    lines = SealedText("lines_sealed")


class Payment(Base):
    """A payment as two officers recorded it. Only the payee may be erased afterwards."""

    __tablename__ = "claim_payments"

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"), unique=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim_events.id"), unique=True)
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(16))
    receipt: Mapped[str] = mapped_column(String(64), unique=True)
    amount: Mapped[Decimal] = mapped_column(YUAN)
    payee_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    payee = SealedJson("payee_sealed")
    erased_at: Mapped[datetime | None]


class LedgerEntry(Base):
    """So much from one account to another. Position and hashes are the database's (trigger ``ledger_chain``)."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        CheckConstraint("(event_id IS NULL) = (claim_id IS NULL)", name="whole"),
        CheckConstraint("event_id IS NOT NULL OR 'source' IN (debit, credit)", name="reason"),
    )

    position: Mapped[int] = mapped_column(BigInteger, unique=True)
    at: Mapped[datetime]
    debit: Mapped[str] = mapped_column(String(16))  # the account it goes to
    credit: Mapped[str] = mapped_column(String(16))  # the account it comes from
    amount: Mapped[Decimal] = mapped_column(YUAN)
    claim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claims.id"))
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claim_events.id"), unique=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    reference: Mapped[str] = mapped_column(String(64), default="", server_default="")
    previous: Mapped[str] = mapped_column(String(64), default="", server_default="")
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")


class ClaimTimer(Base):
    """Something that happens once when its time comes. ``what``: remind before a deadline, due when it is over."""

    __tablename__ = "claim_timers"
    __table_args__ = (
        Index("claim_timers_waiting", "due_at", postgresql_where=sql("fired_at IS NULL")),
        Index("timers_of_claim", "claim_id"),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    what: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]


class ClaimNotice(Base):
    """The reporter is to be told of something. ``outcome``: sent, by_hand, read (by number and code), overtaken."""

    __tablename__ = "claim_notices"
    __table_args__ = (
        Index("notices_of_claim", "claim_id"),
        Index("claim_notices_unsettled", "created_at", postgresql_where=sql("settled_at IS NULL")),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    about: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    settled_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(16), default="", server_default="")


class ClaimTask(Base):
    """Something for staff to do by hand; it stays until it is done, or until a step of the claim makes it idle."""

    __tablename__ = "claim_tasks"
    __table_args__ = (
        Index("one_open_task_of_a_kind", "claim_id", "kind", unique=True, postgresql_where=sql("done_at IS NULL")),
    )

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claims.id"))
    kind: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    outcome_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome = SealedText("outcome_sealed")
