"""The generic provider: signed JSON both ways. The contract for an operator's gateway, and for the sandbox.

In: ``POST /sms/generic``, ``{"id", "from", "to", "text", "sent_at"}``, and for one part of a long text
``"parts": {"reference", "total", "index"}`` (index from 1; each part its own text). Receipts:
``POST /sms/generic/report``, ``{"id", "status": "delivered"|"failed", "reason"}``. Out: ``{"id", "to",
"text", "conversation"}`` to the send URL; 2xx means accepted, a repeated ``id`` is the same message.

Every body is signed: ``X-Hotline-Timestamp`` (Unix seconds) and ``X-Hotline-Signature`` = ``sha256=`` + hex
HMAC-SHA256(secret, timestamp + "." + raw body).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable

import requests

from bot.channels.outcome import SendOutcome
from bot.channels.sms import joining
from bot.channels.sms.adapter import Adapter, Batch, OutgoingSms, Receipt, Refused, Request
from bot.channels.sms.gate import check_shape, same
from bot.channels.sms.parts import signed
from bot.channels.sms.reading import Fields, Unusable, clean, items_of, mapping, read_items, scalar, to_inbound
from bot.channels.sms.reports import read_receipts, receipt
from bot.channels.sms.sending import TIMEOUT, Timeout, from_error, from_status, post
from conversations.inbound import Inbound

TIMESTAMP_HEADER = "X-Hotline-Timestamp"
SIGNATURE_HEADER = "X-Hotline-Signature"
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of ``X-Hotline-Signature``."""
    message = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


class GenericAdapter(Adapter):
    """``freshness``: seconds a timestamp may differ from our clock. Raises ``ValueError`` for an empty secret."""

    name = "generic"
    conversational = True
    idempotent = True
    ack_body = b'{"accepted": true}'

    def __init__(
        self,
        secret: str,
        send_url: str,
        freshness: int,
        text_signature: str = "",
        timeout: Timeout = TIMEOUT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not secret:
            raise ValueError("HOTLINE_SMS_GENERIC_SECRET is empty")
        self._secret = secret
        self._send_url = send_url
        self._freshness = freshness
        self._text_signature = text_signature
        self._timeout = timeout
        self._clock = clock

    def receive(self, request: Request) -> Batch:
        self._authenticate(request)
        return self.batch(read_items(request, lambda: items_of(request.body), lambda raw: self._inbound(raw, request)))

    def receive_report(self, request: Request) -> list[Receipt]:
        self._authenticate(request)
        return read_receipts(self.name, request, lambda: items_of(request.body), _receipt)

    def send(self, message: OutgoingSms) -> SendOutcome:
        content = {
            "id": message.id,
            "to": message.to,
            "text": signed(clean(message.text), self._text_signature),
            "conversation": message.conversation,
        }
        body = json.dumps(content, ensure_ascii=False).encode()
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: signature(self._secret, timestamp, body),
        }
        try:
            return from_status(post(self._send_url, body, headers, self._timeout).status)
        except requests.RequestException as error:
            return from_error(error)

    def _authenticate(self, request: Request) -> None:
        check_shape(request)
        timestamp = request.header(TIMESTAMP_HEADER)
        if not _TIMESTAMP.fullmatch(timestamp):
            raise Refused("timestamp")
        if not same(request.header(SIGNATURE_HEADER), signature(self._secret, timestamp, request.body)):
            raise Refused("signature")
        if abs(request.now.timestamp() - int(timestamp)) > self._freshness:
            raise Refused("stale")

    def _inbound(self, raw: object, request: Request) -> Inbound:
        item = mapping(raw)
        fields = Fields(
            item.get("from"), item.get("to"), item.get("text"), item.get("sent_at"), item.get("id"), _part(item)
        )
        return to_inbound(self.name, fields, request.now)


def _part(item: dict[str, object]) -> joining.PartMark | None:
    part = item.get("parts")
    if not isinstance(part, dict):
        return None
    return joining.mark(scalar(part.get("reference")), scalar(part.get("total")), scalar(part.get("index")))


def _receipt(raw: object) -> Receipt:
    item = mapping(raw)
    status = scalar(item.get("status"))
    if status not in ("delivered", "failed"):
        raise Unusable("status")
    return receipt(scalar(item.get("id")), "", status == "delivered", scalar(item.get("reason")))
