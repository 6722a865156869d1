"""Calls to something that may just have been killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import requests

T = TypeVar("T")
AWAY = (requests.ConnectionError, requests.Timeout, OSError)


def patiently(call: Callable[[], T], seconds: float = 150.0) -> T:
    """Call until it is answered. The last error stands when the time is over."""
    end = time.monotonic() + seconds
    while True:
        try:
            return call()
        except AWAY:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
