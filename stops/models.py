"""Tables of the payment-stop queue."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Sequence, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base
from storage.sealing import SealedJson, SealedText

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


# While no stop has been asked for, the clock runs and the holder has to show signs of life. Literal SQL, so that the
# planner can prove that a partial index serves.
RUNNING = frozenset({CardState.NEW, CardState.ACCEPTED, CardState.FORWARDED})
RUNS = "state IN ('new', 'accepted', 'forwarded')"
UNHELD = f"officer_id IS NULL AND {RUNS}"


class StopCard(Base):
    """One loss event, from the first words to the end."""

    __tablename__ = "stop_cards"
    __table_args__ = (
        Index("open_cards_by_deadline", "deadline", postgresql_where=sql("state <> 'closed'")),
        Index("running_cards_by_deadline", "deadline", "id", postgresql_where=sql(RUNS)),
        Index("unheld_cards_by_deadline", "deadline", "id", postgresql_where=sql(UNHELD)),
        Index("cards_of_officer", "officer_id", postgresql_where=sql("officer_id IS NOT NULL AND state <> 'closed'")),
        Index("cards_of_conversation", "conversation_id"),
        Index("cards_of_contact", "contact_id", "reported_at"),
        Index("cards_by_report", "reported_at"),
        Index("cards_merged_into", "merged_into", postgresql_where=sql("merged_into IS NOT NULL")),
        # The bot opens a card; every later state is a named officer's.
        CheckConstraint("state = 'new' OR state_by IS NOT NULL", name="a_state_has_an_officer"),
    )

    number: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    drill: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # nobody lost anything
    state: Mapped[str] = mapped_column(String(16), default=CardState.NEW.value)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    officer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))  # who has it in hand
    reported_at: Mapped[datetime]
    first_urgent_at: Mapped[datetime | None]  # when the first urgent words were received
    deadline: Mapped[datetime]
    taken_at: Mapped[datetime | None]  # since when the holder has it
    seen_at: Mapped[datetime | None]  # the holder's last sign of life
    completed_at: Mapped[datetime | None]  # when it was complete for the first time
    state_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    state_at: Mapped[datetime | None]
    initiated_at: Mapped[datetime | None]  # when the stop that runs was set
    expires_at: Mapped[datetime | None]  # and when it ends
    stop_round: Mapped[int] = mapped_column(default=0, server_default="0")  # how often a stop was asked for
    stopped_fen: Mapped[int | None] = mapped_column(BigInteger)
    returned_fen: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None]
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stop_cards.id"))
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
    # Fields an officer typed, each with what the resident had said of it by then.
    amended_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    amended = SealedJson("amended_sealed")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    transfers: Mapped[list[StopTransfer]] = relationship(lazy="raise", order_by="StopTransfer.ordinal")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class StopTransfer(Base):
    """One payment of a loss event. Amounts are fen."""

    __tablename__ = "stop_transfers"
    __table_args__ = (
        Index("transfers_of_card", "card_id", "ordinal", unique=True),
        Index("transfers_of_account", "account_index", postgresql_where=sql("account_index IS NOT NULL")),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    ordinal: Mapped[int]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    amount_said: Mapped[str] = mapped_column(String(64), default="", server_default="")  # where it is no usual amount
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
    account_index: Mapped[bytes | None] = mapped_column(LargeBinary)  # keyed digest of the account, to find it again
    payee_account_valid: Mapped[bool] = mapped_column(default=True, server_default=sql("true"))
    payee_bank: Mapped[str] = mapped_column(String(64), default="", server_default="")
    payee_kind: Mapped[str] = mapped_column(String(16), default="", server_default="")  # personal or corporate
    order_number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    order_number = SealedText("order_number_sealed")
    evidence_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evidence.id"))  # a screenshot stands in


def blank_transfer(card_id: uuid.UUID, ordinal: int) -> StopTransfer:
    """A transfer of which nothing is known yet."""
    return StopTransfer(
        card_id=card_id,
        ordinal=ordinal,
        amount_said="",
        approximate=False,
        time_said="",
        time_approximate=False,
        method="",
        payer_bank="",
        payee_account_valid=True,
        payee_bank="",
        payee_kind="",
    )


class StopEvent(Base):
    """History of a card: rows are only added. ``actor``: bot, resident or staff.

    ``version``: the card's version before the change. ``changes``: ``{"changes": [{"field", "before", "after"}]}``.
    ``happened_at``, ``reference``, ``amount_fen``: of the act itself, as the officer states them.
    """

    __tablename__ = "stop_events"
    __table_args__ = (
        Index("events_of_card", "card_id", "at"),
        CheckConstraint("what <> 'state' OR staff_id IS NOT NULL", name="only_staff_set_states"),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    what: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default="", server_default="")
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    happened_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(String(64), default="", server_default="")
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail = SealedText("detail_sealed")
    changes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    changes = SealedJson("changes_sealed")


class StopOrder(Base):
    """One stop on one payee account; the same account bears two at most, whichever cards ask for them.

    ``result``: asked, succeeded, partial or failed; one that failed was never set and does not count.
    """

    __tablename__ = "stop_orders"
    __table_args__ = (
        Index(
            "two_stops_an_account", "account_index", "ordinal", unique=True, postgresql_where=sql("result <> 'failed'")
        ),
        Index("orders_of_card", "card_id"),
        CheckConstraint("ordinal IN (1, 2)", name="first_or_second"),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    account_index: Mapped[bytes] = mapped_column(LargeBinary)
    ordinal: Mapped[int]
    set_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    reference: Mapped[str] = mapped_column(String(64), default="", server_default="")
    result: Mapped[str] = mapped_column(String(16), default="asked", server_default="asked")


class StopTimer(Base):
    """Something that falls due on a card, once. ``round``: which stop it belongs to."""

    __tablename__ = "stop_timers"
    __table_args__ = (
        UniqueConstraint("card_id", "what", "round"),
        Index("timers_due", "due_at", postgresql_where=sql("fired_at IS NULL")),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    what: Mapped[str] = mapped_column(String(16))
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]


class StopTask(Base):
    """What a member of staff has to do by hand: phone somebody, confirm an end. ``about``: the state to tell."""

    __tablename__ = "stop_tasks"
    __table_args__ = (
        UniqueConstraint("card_id", "kind", "about", "round"),
        Index("tasks_to_do", "card_id", postgresql_where=sql("done_at IS NULL")),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(16), default="", server_default="")
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    outcome_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome = SealedText("outcome_sealed")


class StopNotice(Base):
    """A state the resident is to be told of. ``way``: wechat, sms or phone; empty: not tried yet."""

    __tablename__ = "stop_notices"
    __table_args__ = (
        UniqueConstraint("event_id"),
        Index("notices_unsettled", "card_id", postgresql_where=sql("settled_at IS NULL")),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_cards.id"))
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stop_events.id"))
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
    way: Mapped[str] = mapped_column(String(8), default="", server_default="")
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    settled_at: Mapped[datetime | None]
