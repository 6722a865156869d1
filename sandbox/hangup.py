"""Answering late or not at all, as told."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

from flask import Response, request

from sandbox.faults import Fault

SOCKETS = ("gunicorn.socket", "werkzeug.socket")  # where the two servers put the connection


def answer(fault: Fault, response: Response) -> Response:
    """The response after the fault's delay; with ``drop`` the connection is closed instead."""
    time.sleep(fault.delay)
    if fault.drop:
        connection: Any = next((request.environ[key] for key in SOCKETS if key in request.environ), None)
        if connection is None:
            raise RuntimeError("this server does not hand out the connection: cannot drop it")
        with contextlib.suppress(OSError):  # the caller may have gone during the delay
            connection.shutdown(socket.SHUT_RDWR)
    return response
