"""``/wechat``: what Tencent posts, and the passive reply."""

from __future__ import annotations

import logging
import socket
import struct
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
HUNG_UP = 5.2  # seconds after receipt: WeChat, which gives us five from when it sent, reads no answer any more
LAST_DATA_RECV = struct.Struct("=52x I")  # of struct tcp_info, up to the field and with it
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
    built = parts(current_app)
    now = built.clock()
    body = request.get_data()
    came = time.monotonic() - waited(request.environ.get("gunicorn.socket"))
    try:
        opened = built.envelope.open(request.args, body, now)
        inbound = parse(opened.xml, now)
    except Refused as refusal:
        return _refuse(refusal.reason)
    except Unreadable as trouble:
        built.record_unreadable(Channel.WECHAT, trouble.reason, trouble.digest)
        return Response(SUCCESS, mimetype="text/plain")
    taken = built.take(inbound) if opened.fresh else built.intake.find(inbound)
    if taken is None:
        return _refuse("stale")
    return _answer(built, opened, inbound, taken, now, came)


def _answer(built: Parts, opened: Opened, inbound: Inbound, taken: Taken, now: datetime, came: float) -> Response:
    xml = text_reply(taken.passive, to=inbound.sender, sender=inbound.recipient, now=now)
    metrics.turn_seconds.labels(Channel.WECHAT).observe(time.monotonic() - came)
    if xml == SUCCESS:
        return Response(SUCCESS, mimetype="text/plain")
    nonce = request.args.get("nonce", "")
    response = Response(opened.keys_used.seal(xml, int(now.timestamp()), nonce), mimetype="application/xml")

    deadline = built.settings.wechat_passive_deadline
    if taken.passive_id:
        _hold(time.monotonic() - came, deadline)

    @response.call_on_close
    def handed_over() -> None:
        # Past the deadline WeChat has most likely hung up: a later delivery or the worker brings the reply.
        if taken.passive_id and time.monotonic() - came < deadline:
            built.confirmer.confirm(taken.passive_id)

    return response


def _hold(age: float, deadline: float) -> None:
    """Keep back a reply of which nobody would know whether WeChat still read it.

    Once it has hung up it delivers again, and that delivery is answered at once, with the same reply.
    """
    if deadline <= age < HUNG_UP:
        time.sleep(HUNG_UP - age)


def waited(connection: socket.socket | None) -> float:
    """Seconds since the last bytes of a request came, however long it then waited for a process and a thread.

    WeChat counts from there. 0 where the kernel does not say. Source: ``struct tcp_info`` in ``linux/tcp.h``.
    """
    if connection is None:
        return 0.0
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_DATA_RECV.size)
        (milliseconds,) = LAST_DATA_RECV.unpack(info)
    except (OSError, struct.error):
        return 0.0
    return float(milliseconds) / 1000


def _refuse(reason: str) -> Response:
    metrics.refused.labels(Channel.WECHAT, reason).inc()
    log.warning("delivery refused", extra={"channel": "wechat", "reason": reason})
    return Response("", 403, mimetype="text/plain")
