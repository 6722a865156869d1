"""``/wechat``: what Tencent posts, and the passive reply."""

from __future__ import annotations

import logging
import socket
import time
from datetime import datetime

from flask import Blueprint, Response, current_app, request

from bot import metrics
from bot.channels.wechat.crypto import Opened, Refused, Unreadable
from bot.channels.wechat.parse import parse
from bot.channels.wechat.render import SUCCESS, text_reply
from bot.intake import Taken
from bot.parts import Parts, parts
from bot.web.policy import Policy, allow
from conversations.inbound import Channel, Inbound

blueprint = Blueprint("wechat", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/wechat")
@allow(Policy.SIGNED)
def handshake() -> Response:
    """The check WeChat makes when the address is entered."""
    try:
        echo = parts(current_app).envelope.handshake(request.args, parts(current_app).clock())
    except Refused as refusal:
        return _refuse(refusal.reason)
    return Response(echo, mimetype="text/plain")


@blueprint.post("/wechat")
@allow(Policy.SIGNED)
def deliver() -> Response:
    """One delivery of one message or event."""
    began = time.monotonic()
    built = parts(current_app)
    now = built.clock()
    try:
        opened = built.envelope.open(request.args, request.get_data(), now)
        inbound = parse(opened.xml, now)
    except Refused as refusal:
        return _refuse(refusal.reason)
    except Unreadable as trouble:
        built.record_unreadable(Channel.WECHAT, trouble.reason, trouble.digest)
        return Response(SUCCESS, mimetype="text/plain")
    taken = built.take(inbound) if opened.fresh else built.intake.find(inbound)
    if taken is None:
        return _refuse("stale")
    return _answer(built, opened, inbound, taken, now, began)


def _answer(built: Parts, opened: Opened, inbound: Inbound, taken: Taken, now: datetime, began: float) -> Response:
    xml = text_reply(taken.passive, to=inbound.sender, sender=inbound.recipient, now=now)
    metrics.turn_seconds.labels(Channel.WECHAT).observe(time.monotonic() - began)
    if xml == SUCCESS:
        return Response(SUCCESS, mimetype="text/plain")
    nonce = request.args.get("nonce", "")
    response = Response(opened.keys_used.seal(xml, int(now.timestamp()), nonce), mimetype="application/xml")
    gone = hung_up(request.environ.get("gunicorn.socket"))

    @response.call_on_close
    def handed_over() -> None:
        # Who has hung up does not read it: a later delivery or the worker brings the reply. Through a proxy that keeps
        # the connection nobody sees that; past the deadline WeChat most likely has.
        late = time.monotonic() - began > built.settings.wechat_passive_deadline
        if taken.passive_id and not gone and not late:
            built.confirmer.confirm(taken.passive_id)

    return response


def hung_up(connection: socket.socket | None) -> bool:
    """Whether the other side has closed the connection, as it has when a delivery waited for a process too long."""
    if connection is None:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def _refuse(reason: str) -> Response:
    metrics.refused.labels(Channel.WECHAT, reason).inc()
    log.warning("delivery refused", extra={"channel": "wechat", "reason": reason})
    return Response("", 403, mimetype="text/plain")
