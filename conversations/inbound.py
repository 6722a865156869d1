"""What every channel turns its traffic into, and what the hotline answers: the seam between channels and rooms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """Where a resident writes."""

    WECHAT = "wechat"
    SMS = "sms"


class Kind(StrEnum):
    """What a message is made of. ``unreadable`` was authentic but could not be understood at all."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    EVENT = "event"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One authenticated delivery.

    ``external_id`` is the channel's deduplication key: the same for every delivery of one message, different
    for every other message of that channel, for ever. ``sender`` is the OpenID, or the number in E.164.
    """

    channel: Channel
    sender: str
    external_id: str
    kind: Kind
    received_at: datetime
    sent_at: datetime
    recipient: str = ""
    text: str = ""
    media_id: str = ""
    event: str = ""
    event_key: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    partial: bool = False  # a long text of which parts never came


@dataclass(frozen=True, slots=True)
class Reply:
    """One text for the resident. ``secret``: it carries a query code, which is wiped once it has been sent."""

    text: str
    urgent: bool = False
    secret: bool = False
