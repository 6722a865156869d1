"""Tables of the linkage: where a subject was named, and what officers found it to be."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.sealing import SealedText


class Source(StrEnum):
    """What kind of record named a subject; ``check``: a resident's question (the record is the message)."""

    TIP = "tip"
    CARD = "card"
    CHECK = "check"


class Finding(StrEnum):
    """What an officer found a subject to be."""

    FRAUD = "fraud"
    CLEARED = "cleared"


class Told(StrEnum):
    """What a resident who asked was told of a subject."""

    UNKNOWN = "unknown"
    REPORTED = "reported"
    FRAUD = "fraud"
    CLEARED = "cleared"


INCLUDED = ["id", "source", "record_id", "contact_id", "baseless"]


class Sighting(Base):
    """A subject named in a record. Equal ``value_index`` is the same subject: that is all a cluster is."""

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("source", "record_id", "value_index"),
        # Counting who named a subject reads this index alone, however often it was named.
        Index("sightings_by_value", "value_index", "seen_at", postgresql_include=INCLUDED),
    )

    kind: Mapped[str] = mapped_column(String(16))
    value_index: Mapped[bytes] = mapped_column(LargeBinary)
    value_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    value = SealedText("value_sealed")
    source: Mapped[str] = mapped_column(String(8))
    record_id: Mapped[uuid.UUID]
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contacts.id"))
    place: Mapped[str] = mapped_column(String(64), default="", server_default="")  # a village of the list, or empty
    seen_at: Mapped[datetime]
    baseless: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))  # the record proved unfounded
    told: Mapped[str] = mapped_column(String(16), default="", server_default="")  # of a check: what was answered


class Verdict(Base):
    """What a named officer found a subject to be; the newest counts. Rows are only added."""

    __tablename__ = "verdicts"
    __table_args__ = (Index("verdicts_by_value", "value_index", "at"),)

    kind: Mapped[str] = mapped_column(String(16))
    value_index: Mapped[bytes] = mapped_column(LargeBinary)
    finding: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason = SealedText("reason_sealed")
