"""Tables of the payment-stop queue."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Sequence, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base
from storage.sealing import SealedText

card_numbers = Sequence("stop_card_numbers", start=100001, metadata=Base.metadata)


class CardKind(StrEnum):
    """``loss``: money has gone. ``dissuade``: it is about to go."""

    LOSS = "loss"
    DISSUADE = "dissuade"


class CardState(StrEnum):
    """States of a card; from ``initiated`` on only a named officer sets them."""

    NEW = "new"
    ACCEPTED = "accepted"
    FORWARDED = "forwarded"
    INITIATED = "initiated"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    EXTENDED = "extended"
    FROZEN = "frozen"
    LAPSED = "lapsed"
    RETURNED = "returned"
    CLOSED = "closed"


class StopCard(Base):
    """One loss event, from the first words to the end."""

    __tablename__ = "stop_cards"
    __table_args__ = (
        Index("open_cards_by_deadline", "deadline", postgresql_where=sql("state <> 'closed'")),
        Index("cards_of_conversation", "conversation_id"),
        Index("cards_of_contact", "contact_id", "reported_at"),
        Index("cards_by_report", "reported_at"),
    )

    number: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=CardState.NEW.value)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    reported_at: Mapped[datetime]
    deadline: Mapped[datetime]
    third_party: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    doubted: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # "it was a misunderstanding"
    confirmed: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # read back and agreed
    complete: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    fraud_type: Mapped[str] = mapped_column(String(32), default="", server_default="")
    victim_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    victim_name = SealedText("victim_name_sealed")
    callback_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    callback_phone = SealedText("callback_phone_sealed")
    story_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    story = SealedText("story_sealed")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    transfers: Mapped[list[StopTransfer]] = relationship(lazy="raise", order_by="StopTransfer.ordinal")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class StopTransfer(Base):
    """One payment of a loss event. Amounts are fen."""

    __tablename__ = "stop_transfers"
    __table_args__ = (Index("transfers_of_card", "card_id", "ordinal", unique=True),)

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    ordinal: Mapped[int]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    approximate: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    transferred_at: Mapped[datetime | None]
    time_said: Mapped[str] = mapped_column(String(64), default="", server_default="")
    time_approximate: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    method: Mapped[str] = mapped_column(String(16), default="", server_default="")
    payer_bank: Mapped[str] = mapped_column(String(64), default="", server_default="")
    payer_account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    payer_account = SealedText("payer_account_sealed")
    payee_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    payee_name = SealedText("payee_name_sealed")
    payee_account_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    payee_account = SealedText("payee_account_sealed")
    payee_account_valid: Mapped[bool] = mapped_column(default=True, server_default=sql("true"))
    payee_bank: Mapped[str] = mapped_column(String(64), default="", server_default="")
    payee_kind: Mapped[str] = mapped_column(String(16), default="", server_default="")  # personal or corporate
    order_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    order_number = SealedText("order_number_sealed")
    evidence_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evidence.id"))  # a screenshot stands in


class StopEvent(Base):
    """History of a card: rows are only added. ``actor``: bot, resident or staff."""

    __tablename__ = "stop_events"
    __table_args__ = (Index("events_of_card", "card_id", "at"),)

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default="", server_default="")
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail = SealedText("detail_sealed")
