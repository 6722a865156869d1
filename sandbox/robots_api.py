"""The webhooks of the two group robots. Every answer, an error too, comes under HTTP 200."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from sandbox.faults import Fault, Section
from sandbox.hangup import answer
from sandbox.state import world

blueprint = Blueprint("robots", __name__)
OK = {"errcode": 0, "errmsg": "ok"}


@blueprint.post("/wecom/cgi-bin/webhook/send")
def wecom() -> Response:
    """WeCom: ``{"msgtype": "text", "text": {"content", "mentioned_list"}}``."""
    return _take("wecom", world().faults.wecom)


@blueprint.post("/dingtalk/robot/send")
def dingtalk() -> Response:
    """DingTalk: the same with ``{"at": {"isAtAll"}}``, and ``timestamp`` and ``sign`` in the query."""
    return _take("dingtalk", world().faults.dingtalk)


def _take(name: str, section: Section[Fault]) -> Response:
    robots, fault = world().robots, section.take()
    body = request.get_json(force=True, silent=True)
    code = robots.check(name, request.args, body)
    arrived = code == 0 and fault.delivers
    code = fault.errcode or code
    robots.record(name, body, code, arrived=arrived)
    return answer(fault, jsonify(OK if code == 0 else {"errcode": code, "errmsg": "refused"}))
