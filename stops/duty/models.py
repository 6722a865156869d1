"""Tables of the duty roster, the running ladders, and everybody who was reached."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.sealing import SealedText


class StepState(StrEnum):
    """Life of a step. ``cancelled``: the ladder was stopped before its time."""

    WAITING = "waiting"
    FIRED = "fired"
    CANCELLED = "cancelled"


class ReachState(StrEnum):
    """What became of one alert. ``accepted``: taken by the provider, or shown on the console.

    ``failed``: with the provider's code or ours. ``unknown``: it left us and no answer came. ``needless``: the card
    was taken up, or the order worked on, before it left.
    """

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NEEDLESS = "needless"


class DutyPlan(Base):
    """One version of a roster or ladder, as its file was. Rows are only added; the newest for a day counts."""

    __tablename__ = "duty_plans"
    __table_args__ = (Index("duty_plans_in_force", "what", "effective_from", "loaded_at"),)

    what: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(40))
    effective_from: Mapped[date]
    loaded_at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))  # None: from the command line
    source: Mapped[str]


class StandIn(Base):
    """Somebody is away for a time. Nobody in ``by_id``: the roster's own substitute, if it names one."""

    __tablename__ = "duty_stand_ins"
    __table_args__ = (Index("stand_ins_by_time", "ends_at"),)

    absent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    entered_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class DutyPhone(Base):
    """The number at which a member of staff gets alerts, E.164."""

    __tablename__ = "duty_phones"

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), unique=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone = SealedText("phone_sealed")


class LadderRun(Base):
    """A card's ladder, from when it waits for somebody until it does not. ``round`` counts from 1.

    ``seen_at``: the last look at it; a clock that shows less has been moved back. ``next_due_at``: of the first
    waiting step; None when all have fired.
    """

    __tablename__ = "ladder_runs"
    __table_args__ = (
        UniqueConstraint("card_id", "round"),
        Index("one_running_ladder", "card_id", unique=True, postgresql_where=sql("stopped_at IS NULL")),
        Index(
            "ladders_to_look_at",
            "next_due_at",
            postgresql_where=sql("stopped_at IS NULL AND next_due_at IS NOT NULL"),
        ),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    round: Mapped[int]
    plan_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("duty_plans.id"))  # None: the built-in ladder
    rule: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]


class LadderStep(Base):
    """One step of a run: fires once. ``note``: why others were reached than the step names."""

    __tablename__ = "ladder_steps"
    __table_args__ = (UniqueConstraint("card_id", "round", "ordinal"), Index("steps_of_run", "run_id", "ordinal"))

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ladder_runs.id"))
    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    round: Mapped[int]
    ordinal: Mapped[int]
    due_at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(64))  # comma-separated, as are the ways
    by: Mapped[str] = mapped_column(String(64))
    say: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=StepState.WAITING.value, server_default="waiting")
    fired_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(16), default="", server_default="")


class Reach(Base):
    """One person, or one group, alerted by one way. ``key`` makes a repeated call of the same alert no second one."""

    __tablename__ = "reaches"
    __table_args__ = (
        CheckConstraint("(card_id IS NULL) <> (order_id IS NULL)", name="about_a_card_or_an_order"),
        Index("reaches_of_card", "card_id", "created_at"),
        Index("reaches_of_order", "order_id", "created_at", postgresql_where=sql("order_id IS NOT NULL")),
        Index("reaches_of_step", "step_id"),
        Index("reaches_unfinished", "due_at", postgresql_where=sql("state IN ('queued', 'sending')")),
        Index("reaches_unseen", "staff_id", postgresql_where=sql("way = 'console' AND seen_at IS NULL")),
    )

    key: Mapped[str] = mapped_column(String(160), unique=True)
    card_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stop_cards.id"))
    order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("warning_orders.id"))  # this, or the card
    step_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("ladder_steps.id"))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))  # None: a group
    way: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(String(500))  # no personal data of residents
    loud: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # rings for the whole group
    state: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # console: the person said so
