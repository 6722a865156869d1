"""Tables of the early-warning orders from above (预警指令): somebody is about to be defrauded and must be dissuaded."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, Sequence, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base
from storage.sealing import SealedJson, SealedText

order_numbers = Sequence("warning_order_numbers", start=100001, metadata=Base.metadata)


class Step(StrEnum):
    """What has to be done with an order, in this order: 签收, 劝阻, 反馈, 评价."""

    SIGN = "sign"
    DISSUADE = "dissuade"
    FEEDBACK = "feedback"
    REVIEW = "review"


class OrderState(StrEnum):
    """How far an order is: the step that was done last."""

    RECEIVED = "received"
    SIGNED = "signed"
    DISSUADED = "dissuaded"
    FED_BACK = "fed_back"
    REVIEWED = "reviewed"


AFTER = {
    Step.SIGN: OrderState.SIGNED,
    Step.DISSUADE: OrderState.DISSUADED,
    Step.FEEDBACK: OrderState.FED_BACK,
    Step.REVIEW: OrderState.REVIEWED,
}


class Way(StrEnum):
    """How somebody is dissuaded."""

    SMS = "sms"
    PHONE = "phone"
    VISIT = "visit"


class Outcome(StrEnum):
    """What an attempt brought."""

    STOPPED = "stopped"  # was about to pay, and will not
    NO_RISK = "no_risk"  # nothing was going on
    PAID = "paid"  # the money has gone
    DOUBTFUL = "doubtful"  # reached, and not convinced
    UNREACHED = "unreached"


# With these the dissuasion is done; after the others somebody has to try again.
CONCLUSIVE = frozenset({Outcome.STOPPED, Outcome.NO_RISK, Outcome.PAID})


class Rating(StrEnum):
    """How well a dissuasion went."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class WarningOrder(Base):
    """One order. ``number`` is that of the authority above; an order that came without one gets ours.

    ``due_at``: the earliest deadline of a step that is not done. ``answered_at``: the last text of that phone;
    ``acted_at``: what an officer did last.
    """

    __tablename__ = "warning_orders"
    __table_args__ = (
        Index("warning_orders_open", "due_at", "received_at", postgresql_where=sql("state <> 'reviewed'")),
        Index("warning_orders_by_receipt", "received_at"),
        Index("warning_orders_of_phone", "phone_index", "received_at", postgresql_where=sql("state <> 'reviewed'")),
    )

    number: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16), default=OrderState.RECEIVED.value)
    received_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]  # when it was issued above
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))  # None: at the command line
    level: Mapped[str] = mapped_column(String(16), default="", server_default="")  # as said
    fraud: Mapped[str] = mapped_column(String(64), default="", server_default="")  # as said
    village: Mapped[str] = mapped_column(String(64), default="", server_default="")
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name = SealedText("name_sealed")
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)  # as of the contact with this number
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone = SealedText("phone_sealed")  # E.164
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address = SealedText("address_sealed")
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    content = SealedText("content_sealed")
    outcome: Mapped[str] = mapped_column(String(16), default="", server_default="")
    rating: Mapped[str] = mapped_column(String(16), default="", server_default="")
    due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    acted_at: Mapped[datetime | None]
    card_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stop_cards.id"))  # the money had gone
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # how often its fields were corrected, from 1

    steps: Mapped[list[OrderStep]] = relationship(lazy="raise", order_by="OrderStep.ordinal")


class OrderStep(Base):
    """One step of one order, and its timer. Times that are not set have no deadline and no reminder.

    ``warned_at``: when it was said that the deadline nears; ``missed_at``: that it has passed.
    """

    __tablename__ = "warning_order_steps"
    __table_args__ = (
        UniqueConstraint("order_id", "step"),
        Index("warning_steps_nearing", "warn_at", postgresql_where=sql("done_at IS NULL AND warned_at IS NULL")),
        Index("warning_steps_passing", "due_at", postgresql_where=sql("done_at IS NULL AND missed_at IS NULL")),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("warning_orders.id"))
    step: Mapped[str] = mapped_column(String(16))
    ordinal: Mapped[int]
    warn_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))


class OrderEvent(Base):
    """History of an order: rows are only added. ``actor``: staff, resident or system.

    ``happened_at``: when an attempt took place, where an officer notes it down later. ``changes``:
    ``{"changes": [{"field", "before", "after"}]}``.
    """

    __tablename__ = "warning_order_events"
    __table_args__ = (
        Index("warning_events_of_order", "order_id", "at"),
        Index("warning_events_of_message", "message_id", postgresql_where=sql("message_id IS NOT NULL")),
    )

    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("warning_orders.id"))
    at: Mapped[datetime]
    happened_at: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(16), default="", server_default="")
    way: Mapped[str] = mapped_column(String(16), default="", server_default="")
    outcome: Mapped[str] = mapped_column(String(16), default="", server_default="")
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail = SealedText("detail_sealed")
    version: Mapped[int] = mapped_column(default=0, server_default="0")  # of the order before a correction
    changes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    changes = SealedJson("changes_sealed")
