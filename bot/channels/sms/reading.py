"""From a provider's fields to one :class:`Inbound`: the tolerance all providers share.

A resident's words are never lost to a clumsy field: only an item without a usable sender or text is bad.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from bot.channels.sms.adapter import BadItem, Request
from bot.channels.sms.joining import PartMark
from conversations.inbound import Channel, Inbound, Kind
from conversations.numbers import normalise

CHINA = timezone(timedelta(hours=8))  # providers write Chinese time without saying so
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Unusable(Exception):
    """An item lacks what makes it a message; ``reason`` is one word for the record."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one item, in the provider's own types."""

    sender: object
    recipient: object
    text: object
    sent_at: object
    id: object = None
    part: PartMark | None = None


def items_of(body: bytes) -> list[object]:
    """The elements of a JSON array, or the one value. Raises :class:`Unusable`."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:  # undecodable, malformed, a number or a nesting without end
        raise Unusable("unreadable") from error
    return parsed if isinstance(parsed, list) else [parsed]


def digest(body: bytes, index: int) -> str:
    """SHA-256 (hex) that names item ``index`` of ``body`` without telling its content."""
    return hashlib.sha256(body + f"#{index}".encode()).hexdigest()


def read_items(
    request: Request, items: Callable[[], list[object]], read: Callable[[object], Inbound]
) -> list[Inbound | BadItem]:
    """Every item by itself: what ``read`` or ``items`` finds :class:`Unusable` becomes a :class:`BadItem`."""
    try:
        raw_items = items()
    except Unusable as error:
        return [BadItem(error.reason, digest(request.body, 0))]
    result: list[Inbound | BadItem] = []
    for index, raw in enumerate(raw_items):
        try:
            result.append(read(raw))
        except Unusable as error:
            result.append(BadItem(error.reason, digest(request.body, index)))
    return result


def mapping(raw: object) -> dict[str, object]:
    """``raw`` as a JSON object. Raises :class:`Unusable`."""
    if not isinstance(raw, dict):
        raise Unusable("not_an_object")
    return raw


def scalar(value: object) -> str:
    """A string or whole number as text without surrounding blanks; anything else is empty."""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def clean(text: str) -> str:
    """``text`` without what no database or XML takes: control characters (but line breaks, tabs), half pairs."""
    text = _LONE_SURROGATE.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def read_time(value: object) -> datetime | None:
    """ISO 8601, ``YYYYMMDDhhmmss``, or Unix seconds or milliseconds; ``None`` when unreadable or absurd."""
    text = scalar(value)
    try:
        if text.isascii() and text.isdigit() and len(text) in (10, 13):
            moment = datetime.fromtimestamp(int(text[:10]), UTC)
        elif text.isascii() and text.isdigit() and len(text) == 14:
            moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= moment.year < 2100:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def to_inbound(provider: str, fields: Fields, now: datetime) -> Inbound:
    """One item as the rest of the program sees it. Raises :class:`Unusable`.

    ``sent_at`` is ``now`` where the provider's time cannot be read.
    """
    try:
        sender = normalise(scalar(fields.sender))
    except ValueError as error:
        raise Unusable("sender") from error
    if isinstance(fields.text, bool) or not isinstance(fields.text, str | int):
        raise Unusable("text")
    text = clean(str(fields.text))
    recipient, sent_at, message_id = scalar(fields.recipient), read_time(fields.sent_at) or now, scalar(fields.id)
    parts = fields.part.extra() if fields.part else {}
    named = ["id", message_id] if message_id else ["text", recipient, text, f"{sent_at.astimezone(UTC):%Y%m%d%H%M%S}"]
    return Inbound(
        channel=Channel.SMS,
        sender=sender,
        external_id=external_id(provider, sender, *named, *parts.values()),
        kind=Kind.TEXT,
        received_at=now,
        sent_at=sent_at,
        recipient=recipient,
        text=text,
        extra={"provider": provider, "provider_id": message_id, **parts},
    )


def external_id(*fields: str) -> str:
    """The deduplication key (SHA-256, hex) of ``fields``, whose borders are part of it."""
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
