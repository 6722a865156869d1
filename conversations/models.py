"""Tables of the conversations room: who writes, what was said, what waits to be sent."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base
from storage.sealing import SealedJson, SealedText


class Holder(StrEnum):
    """Who answers in a conversation."""

    BOT = "bot"
    WAITING = "waiting"
    STAFF = "staff"


class Direction(StrEnum):
    """From the resident, or to the resident."""

    IN = "in"
    OUT = "out"


class Delivery(StrEnum):
    """What has become of an outgoing message.

    ``passive``: goes out in the answer to the delivery it replies to. ``held``: no budget left, goes out when the
    resident writes again. ``unknown``: it left us, but no answer came; shown to staff, never silently repeated.
    """

    PASSIVE = "passive"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"


class FormState(StrEnum):
    """Life of a form. ``suspended``: something more urgent is being asked first."""

    OPEN = "open"
    SUSPENDED = "suspended"
    DONE = "done"
    CANCELLED = "cancelled"


class EvidenceState(StrEnum):
    """Life of a media file. ``given``: kept as text (a place), nothing to fetch."""

    PENDING = "pending"
    STORED = "stored"
    REFUSED = "refused"
    GONE = "gone"
    GIVEN = "given"


class Contact(Base):
    """One per channel and sender. Its row lock orders the work of one resident."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("channel", "sender_index"),)

    channel: Mapped[str] = mapped_column(String(16))
    sender_index: Mapped[bytes] = mapped_column(LargeBinary)
    sender_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    sender = SealedText("sender_sealed")
    drill: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # played; nothing leaves for it
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    unfollowed_at: Mapped[datetime | None]
    reply_left: Mapped[int] = mapped_column(default=0, server_default="0")
    reply_until: Mapped[datetime | None]
    event_reply_left: Mapped[int] = mapped_column(default=0, server_default="0")
    event_reply_until: Mapped[datetime | None]


class Staff(Base):
    """Somebody who may sign in to the console. Roles: ``accounts.ROLES``."""

    __tablename__ = "staff"

    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(255))
    roles: Mapped[str] = mapped_column(String(255))  # comma-separated
    active: Mapped[bool] = mapped_column(default=True, server_default=sql("true"))
    session_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime]

    @property
    def role_set(self) -> frozenset[str]:
        """The roles as a set."""
        return frozenset(role for role in self.roles.split(",") if role)


class Conversation(Base):
    """A stretch of talk with one contact; at most one is open per contact."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index("one_open_conversation", "contact_id", unique=True, postgresql_where=sql("closed_at IS NULL")),
        Index(
            "waiting_conversations", "waiting_since", postgresql_where=sql("holder = 'waiting' AND closed_at IS NULL")
        ),
        Index("recent_conversations", "last_message_at"),
    )

    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(16), default=Holder.BOT.value, server_default="bot")
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    held_since: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    waiting_reason: Mapped[str] = mapped_column(String(32), default="", server_default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime]
    unread: Mapped[int] = mapped_column(default=0, server_default="0")
    misses: Mapped[int] = mapped_column(default=0, server_default="0")
    last_intent: Mapped[str] = mapped_column(String(32), default="", server_default="")
    choices: Mapped[str] = mapped_column(
        String(128), default="", server_default=""
    )  # intents offered last, comma-separated

    contact: Mapped[Contact] = relationship(lazy="raise")
    staff: Mapped[Staff | None] = relationship(lazy="raise")


class Message(Base):
    """One message in either direction. ``position`` gives the order within everything that was said."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("messages_of_conversation", "conversation_id", "position"),
        Index(
            "messages_unfinished",
            "created_at",
            postgresql_where=sql("delivery IN ('passive', 'queued', 'sending', 'held')"),
        ),
        Index(
            "messages_unanswered",
            "contact_id",
            "position",
            postgresql_where=sql("direction = 'in' AND decided_by = ''"),
        ),
        Index("replies_to", "in_reply_to", postgresql_where=sql("in_reply_to IS NOT NULL")),
        Index("messages_provider_id", "provider_id", postgresql_where=sql("provider_id <> ''")),
        Index("messages_unsure", "position", postgresql_where=sql("unsure")),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    # Inbound: the channel's deduplication key. Staff replies: the key of the form they were typed into.
    external_id: Mapped[str | None] = mapped_column(String(96))
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    text = SealedText("text_sealed")
    detail_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # event, coordinates, entities
    detail = SealedJson("detail_sealed")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    intent: Mapped[str] = mapped_column(String(32), default="", server_default="")
    confidence: Mapped[float | None]
    decided_by: Mapped[str] = mapped_column(String(16), default="", server_default="")
    model: Mapped[str] = mapped_column(String(64), default="", server_default="")
    alternatives: Mapped[str] = mapped_column(String(160), default="", server_default="")  # "consult 0.31,greet 0.20"
    unsure: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # the bot asked back
    partial: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))

    author: Mapped[str] = mapped_column(String(16), default="", server_default="")  # bot or staff
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    in_reply_to: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    delivery: Mapped[str] = mapped_column(String(16), default="", server_default="")
    passive: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # meant for WeChat's own answer
    urgent: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    attempted_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # not before this moment
    provider_id: Mapped[str] = mapped_column(String(96), default="", server_default="")
    provider_code: Mapped[str] = mapped_column(String(64), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(255), default="", server_default="")

    staff: Mapped[Staff | None] = relationship(lazy="raise")


class Origin(StrEnum):
    """Who says what a message meant: a member of staff, or the resident by choosing when the bot asked back."""

    STAFF = "staff"
    RESIDENT = "resident"


class Label(Base):
    """What a message really meant, as somebody said. Rows are only added; the newest of an origin counts.

    ``intent`` is empty where the message is of no use for training. ``staff_id`` is empty on the command line too.
    """

    __tablename__ = "labels"
    __table_args__ = (Index("labels_of_message", "message_id", "origin", "at"),)

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"))
    intent: Mapped[str] = mapped_column(String(32))
    origin: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class Evidence(Base):
    """A picture, voice, video or place a resident sent; the file lies encrypted in the data folder."""

    __tablename__ = "evidence"
    __table_args__ = (Index("evidence_of_conversation", "conversation_id"),)

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    media_id: Mapped[str] = mapped_column(String(255), default="", server_default="")
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(255), default="", server_default="")
    sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    size: Mapped[int | None]
    content_type: Mapped[str] = mapped_column(String(64), default="", server_default="")
    created_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]


class FormRecord(Base):
    """The answers collected so far for one purpose, and the question that was asked last."""

    __tablename__ = "forms"
    __table_args__ = (
        Index("open_form", "conversation_id", unique=True, postgresql_where=sql("state = 'open'")),
        Index("forms_of_conversation", "conversation_id", "created_at"),
        Index("unfinished_forms", "name", "touched_at", postgresql_where=sql("state IN ('open', 'suspended')")),
    )

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    name: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default=FormState.OPEN.value)
    subject_id: Mapped[uuid.UUID | None]  # the card, tip or claim it fills
    values_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    values = SealedJson("values_sealed")
    prompt: Mapped[str] = mapped_column(String(32), default="", server_default="")
    prompted_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # answers to this prompt that did not fit
    skipped: Mapped[str] = mapped_column(String(255), default="", server_default="")
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]


class SmsPart(Base):
    """One part of a long inbound text that waits for its siblings."""

    __tablename__ = "sms_parts"
    __table_args__ = (UniqueConstraint("contact_id", "reference", "part_index"),)

    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contacts.id"))
    provider: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    part_total: Mapped[int]
    part_index: Mapped[int]
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    text = SealedText("text_sealed")
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime]


class UnreadableDelivery(Base):
    """Something authentic that could not be read: kept as a digest and a reason, so that nothing vanishes."""

    __tablename__ = "unreadable_deliveries"

    channel: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[datetime]


# How a conversation went from hand to hand. Literal SQL, so that the planner can prove that the index serves.
HANDLING = "action IN ('take', 'take_over', 'hand_back', 'close')"


class AuditEntry(Base):
    """What a member of staff did or saw. Rows are only added; :class:`AuditLink` holds them together."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("audit_by_time", "at", "id"),
        Index("audit_of_staff", "staff_id", "at", "id"),
        Index("audit_of_subject", "subject_id", "at", postgresql_where=sql("subject_id IS NOT NULL")),
        Index("audit_of_handling", "subject_id", "at", postgresql_where=sql(HANDLING)),
    )

    at: Mapped[datetime]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    roles: Mapped[str] = mapped_column(String(255), default="", server_default="")  # theirs at that moment
    origin: Mapped[str] = mapped_column(String(64), default="", server_default="")  # a pseudonym, no address
    action: Mapped[str] = mapped_column(String(48))
    subject_kind: Mapped[str] = mapped_column(String(32), default="", server_default="")
    subject_id: Mapped[uuid.UUID | None]
    detail: Mapped[str] = mapped_column(String(255), default="", server_default="")  # ids and words, never content


class AuditLink(Base):
    """The place of a line in the chain, written by the database as the line's transaction commits. Rows are only added.

    Its ``id`` is the line's.
    """

    __tablename__ = "audit_links"
    __table_args__ = (ForeignKeyConstraint(["id"], ["audit_entries.id"]),)

    position: Mapped[int] = mapped_column(BigInteger, unique=True)
    previous: Mapped[str] = mapped_column(String(64), default="", server_default="")
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
