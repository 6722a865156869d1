"""The operator's sending interface, as the hotline's `generic` provider calls it."""

from __future__ import annotations

import json

from flask import Blueprint, Response, jsonify, request

from sandbox.hangup import answer
from sandbox.state import world

blueprint = Blueprint("sms_operator", __name__, url_prefix="/sms-operator")


@blueprint.post("/send")
def send() -> Response:
    """``{"id", "to", "text", "conversation"}``: 200 taken (once per id), 403 bad signature, 400 bad form."""
    here = world()
    fault = here.faults.sms_send.take()
    raw = request.get_data()
    headers = request.headers
    if not here.operator.verify(headers.get("X-Hotline-Timestamp", ""), headers.get("X-Hotline-Signature", ""), raw):
        return answer(fault, _refuse(403, "signature"))
    try:
        asked = json.loads(raw)
        sms_id, number, text = asked["id"], asked["to"], asked["text"]
    except (ValueError, KeyError, TypeError):
        return answer(fault, _refuse(400, "form"))
    if not all(isinstance(value, str) and value for value in (sms_id, number, text)):
        return answer(fault, _refuse(400, "form"))
    new = True
    if fault.delivers:
        new = here.operator.take(number, sms_id, text, str(asked.get("conversation") or ""), fault)
    if fault.errcode:
        return answer(fault, _refuse(fault.errcode, "told to"))
    return answer(fault, jsonify({"accepted": True, "duplicate": not new}))


def _refuse(status: int, reason: str) -> Response:
    response = jsonify({"accepted": False, "reason": reason})
    response.status_code = status
    return response
