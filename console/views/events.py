"""The stream of changes to an open page."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from console.live import TooManyStreams, stream
from console.policy import may
from console.services import services

blueprint = Blueprint("events", __name__)


@blueprint.get("/events")
@may("agent", "officer")
def show() -> ResponseReturnValue:
    """Server-sent events; kinds and ids only. 503 when too many pages are open: those look by themselves."""
    hub = services().hub
    try:
        page = hub.join()
    except TooManyStreams:
        return Response(status=503, headers={"Retry-After": "30"})
    response = Response(stream(page), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(lambda: hub.leave(page))
    return response
