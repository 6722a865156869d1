"""How WeChat judges the answer to a delivery: a reply, silence, or something that brings the outage banner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from sandbox.crypto import CryptoError, Envelope
from sandbox.messages import ACCOUNT

MAX_TEXT_BYTES = 2048
REPLY_KINDS = frozenset({"text", "image", "voice", "video", "music", "news", "transfer_customer_service"})


class InvalidReplyError(Exception):
    """WeChat would show the outage banner; the text says why."""


@dataclass(frozen=True, slots=True)
class Passive:
    """A valid passive reply; ``kind`` is empty for "no reply"."""

    kind: str = ""
    text: str = ""


def read(body: bytes, envelope: Envelope, openid: str) -> Passive:
    """Verify, decrypt and check one answer; raises :class:`InvalidReplyError`."""
    if body.strip() in (b"", b"success"):
        return Passive()
    outer = _one_xml(body)
    try:
        plaintext = envelope.open(
            _text(outer, "Encrypt"), _text(outer, "TimeStamp"), _text(outer, "Nonce"), _text(outer, "MsgSignature")
        )
    except CryptoError as error:
        raise InvalidReplyError(str(error)) from error
    return _checked(_one_xml(plaintext), openid)


def _checked(reply: dict[str, Any], openid: str) -> Passive:
    if _text(reply, "ToUserName") != openid or _text(reply, "FromUserName") != ACCOUNT:
        raise InvalidReplyError("ToUserName and FromUserName are not swapped")
    if not (created := _text(reply, "CreateTime")).isdecimal() or len(created) > 10:
        raise InvalidReplyError("CreateTime is not in seconds")
    kind = _text(reply, "MsgType")
    if kind not in REPLY_KINDS:
        raise InvalidReplyError("MsgType is unknown")
    if kind != "text":
        return Passive(kind)
    content = _text(reply, "Content")
    if not content or len(content.encode()) > MAX_TEXT_BYTES:
        raise InvalidReplyError("Content is empty or too long")
    return Passive(kind, content)


def _one_xml(body: bytes) -> dict[str, Any]:
    try:
        # untouched whitespace: what the resident reads is part of the check
        root = xmltodict.parse(body, strip_whitespace=False).get("xml")
    except (ExpatError, ValueError) as error:
        raise InvalidReplyError("not one well-formed XML document") from error
    if not isinstance(root, dict):
        raise InvalidReplyError("the root element is not <xml>")
    return root


def _text(element: dict[str, Any], name: str) -> str:
    value = element.get(name)
    if not isinstance(value, str):  # missing, nested, or (a list) given twice
        raise InvalidReplyError(f"{name} is missing or given more than once")
    return value
