"""``/sms/<provider>``: texts and receipts from the operators. Stored first, worked on by the worker."""

from __future__ import annotations

import logging
import time

from flask import Blueprint, Response, current_app, request

from bot import metrics
from bot.channels.sms.adapter import Adapter, BadItem, Refused, Request
from bot.parts import parts
from bot.web.policy import Policy, allow
from conversations.inbound import Channel

blueprint = Blueprint("sms", __name__)
log = logging.getLogger(__name__)


@blueprint.post("/sms/<provider>")
@blueprint.post("/sms/<provider>/<secret>")
@allow(Policy.SIGNED)
def deliver(provider: str, secret: str = "") -> Response:
    """Texts of residents: one, or a batch."""
    began = time.monotonic()
    built = parts(current_app)
    adapter = built.adapters.get(provider)
    if adapter is None:
        return _refuse("unknown_provider")
    try:
        batch = adapter.receive(_request(secret))
    except Refused as refusal:
        return _refuse(refusal.reason)
    for item in batch.items:
        if isinstance(item, BadItem):
            built.record_unreadable(Channel.SMS, item.reason, item.digest)
        else:
            built.store(provider, item)
    metrics.turn_seconds.labels(Channel.SMS).observe(time.monotonic() - began)
    return Response(batch.ack_body, content_type=batch.ack_type)


@blueprint.post("/sms/<provider>/report")
@blueprint.post("/sms/<provider>/<secret>/report")
@allow(Policy.SIGNED)
def report(provider: str, secret: str = "") -> Response:
    """Receipts for what we sent."""
    built = parts(current_app)
    adapter = built.adapters.get(provider)
    if adapter is None:
        return _refuse("unknown_provider")
    try:
        receipts = adapter.receive_report(_request(secret))
    except Refused as refusal:
        return _refuse(refusal.reason)
    built.reception.receipts(receipts)
    return _acknowledged(adapter)


def _request(secret: str) -> Request:
    return Request(
        method=request.method,
        path_secret=secret,
        headers=dict(request.headers),
        query=request.args,
        form={},
        body=request.get_data(),
        peer=request.remote_addr or "",
        now=parts(current_app).clock(),
    )


def _acknowledged(adapter: Adapter) -> Response:
    return Response(adapter.ack_body, content_type=adapter.ack_type)


def _refuse(reason: str) -> Response:
    metrics.refused.labels(Channel.SMS, reason).inc()
    log.warning("callback refused", extra={"channel": "sms", "reason": reason})
    return Response("", 403, mimetype="text/plain")
