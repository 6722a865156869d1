"""Decrypted XML to :class:`Inbound`: every message kind and every event, known or not.

wechatpy's parser is not used: it gives every event the id 0, has no fields for unknown events and raises half a dozen
exception types on damaged input. The field names are those of WeChat's "receiving messages" pages.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

from bot.channels.wechat.crypto import Unreadable
from bot.channels.wechat.text import clean
from bot.channels.wechat.xmlread import XmlError, read
from conversations.inbound import Channel, Inbound, Kind

KINDS = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
    "link": Kind.LINK,
    "event": Kind.EVENT,
}

# WeChat's field → its name in Inbound.extra, wherever it is present.
EXTRA = {
    "Title": "title",
    "Description": "description",
    "Url": "url",
    "PicUrl": "picture_url",
    "Format": "format",
    "ThumbMediaId": "thumb_media_id",
    "Location_X": "latitude",
    "Location_Y": "longitude",
    "Scale": "scale",
    "Label": "label",
    "Latitude": "latitude",
    "Longitude": "longitude",
    "Precision": "precision",
    "SendLocationInfo/Location_X": "latitude",
    "SendLocationInfo/Location_Y": "longitude",
    "SendLocationInfo/Label": "label",
    "ScanCodeInfo/ScanType": "scan_type",
    "ScanCodeInfo/ScanResult": "scan_result",
    "Ticket": "ticket",
    "Status": "status",
    "MsgID": "job_id",
    "bizmsgmenuid": "menu_id",
}

MAX_SENDER = 128  # an OpenID has 28 characters
_MAX_NAME = 64  # characters kept of an event's or kind's name
_EARLIEST = datetime(2011, 1, 1, tzinfo=UTC)  # WeChat is not older
_MILLISECONDS = 10**11  # seconds stay below this until the year 5138
# Removed before parsing: raw control bytes, which make the whole document invalid for an XML parser.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def parse(xml: bytes, now: datetime) -> Inbound:
    """One authenticated message. ``now`` is when it was received. Raises :class:`Unreadable` only.

    Bytes that are not UTF-8 become U+FFFD, so that the rest of a damaged message is kept.
    """
    try:
        fields = read(_CONTROL.sub("", xml.decode("utf-8", "replace")).encode())
    except XmlError as error:
        raise Unreadable(str(error), _digest(xml)) from error
    fields = {name: clean(value).strip() for name, value in fields.items()}
    sender = fields.get("FromUserName", "")
    if not sender or len(sender) > MAX_SENDER:
        raise Unreadable("no_sender", _digest(xml))
    kind = KINDS.get(fields.get("MsgType", "").lower(), Kind.UNKNOWN)
    return Inbound(
        channel=Channel.WECHAT,
        sender=sender,
        recipient=fields.get("ToUserName", "")[:MAX_SENDER],
        external_id=_external_id(kind, fields, xml),
        kind=kind,
        received_at=now,
        sent_at=_sent_at(fields.get("CreateTime", ""), now),
        text=_text(kind, fields),
        media_id=fields.get("MediaId", ""),
        event=fields.get("Event", "")[:_MAX_NAME] if kind is Kind.EVENT else "",
        event_key=fields.get("EventKey", "") if kind is Kind.EVENT else "",
        extra=_extra(kind, fields),
    )


def _text(kind: Kind, fields: dict[str, str]) -> str:
    if kind is Kind.VOICE:
        return fields.get("Recognition", "")  # being retired by WeChat, often empty
    if kind is Kind.LINK:
        return "\n".join(part for part in (fields.get("Title"), fields.get("Url")) if part)
    return fields.get("Content", "")


def _extra(kind: Kind, fields: dict[str, str]) -> dict[str, str]:
    extra: dict[str, str] = {}
    for name, key in EXTRA.items():
        if fields.get(name):
            extra.setdefault(key, fields[name])
    if kind is Kind.UNKNOWN:
        extra["type"] = fields.get("MsgType", "")[:_MAX_NAME]
    return extra


def _external_id(kind: Kind, fields: dict[str, str], xml: bytes) -> str:
    """Messages: From + MsgId + CreateTime. Events: From + CreateTime + Event + EventKey. No id at all: the content."""
    sender, created = fields["FromUserName"], fields.get("CreateTime", "")
    parts: tuple[str, ...]
    if kind is Kind.EVENT:
        parts = ("event", sender, created, fields.get("Event", ""), fields.get("EventKey", ""))
    elif fields.get("MsgId"):
        parts = ("message", sender, fields["MsgId"], created)
    else:
        parts = ("content", sender, created, _digest(xml))
    return _digest("\0".join(parts).encode())


def _sent_at(created: str, now: datetime) -> datetime:
    if not (created.isascii() and created.isdigit() and len(created) <= 14):
        return now
    number = int(created)
    # The largest 14 digits are the year 5138, so this cannot overflow.
    moment = datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
    return moment if _EARLIEST <= moment <= now + timedelta(days=1) else now


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
