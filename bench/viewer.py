"""An officer with the board open: hears the stream of changes and fetches what changed, as the page's script does."""

from __future__ import annotations

import json
import re
import threading
import time
from contextlib import suppress

import requests

PAUSE = 0.3  # seconds between two fetches of one part, as in console/static/js/refresh.js
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_CARD = re.compile(r'<li id="card-([^"]+)"')


class Viewer:
    """``seen``: card id → moment (``time.perf_counter``) at which it was on the board."""

    def __init__(self, port: int, password: str) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._stream, self._page = requests.Session(), requests.Session()
        for session in (self._stream, self._page):
            self._sign_in(session, password)
        self._changed = threading.Event()
        self._stopped = threading.Event()
        self.listening = threading.Event()
        self.seen: dict[str, float] = {}
        self.fetches = 0
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._show)]

    def _sign_in(self, session: requests.Session, password: str) -> None:
        form = session.get(f"{self._base}/sign-in", timeout=10).text
        found = _TOKEN.search(form)
        assert found is not None
        data = {"csrf_token": found.group(1), "login": "admin", "password": password}
        session.post(f"{self._base}/sign-in", data=data, timeout=10).raise_for_status()

    def start(self) -> None:
        """Open the board."""
        for thread in self._threads:
            thread.start()
        if not self.listening.wait(20):
            raise TimeoutError("the stream of changes does not start")

    def stop(self) -> None:
        """Close it."""
        self._stopped.set()
        self._changed.set()
        self._threads[1].join(timeout=10)

    def _listen(self) -> None:
        with (
            suppress(requests.exceptions.ChunkedEncodingError),  # the console has ended
            self._stream.get(f"{self._base}/events", stream=True, timeout=(10, 60)) as answer,
        ):
            answer.raise_for_status()
            for line in answer.iter_lines(chunk_size=1):
                if self._stopped.is_set():
                    return
                self.listening.set()
                if line.startswith(b"data:") and _concerns(line[5:]):
                    self._changed.set()

    def _show(self) -> None:
        while True:
            self._changed.wait()
            if self._stopped.is_set():
                return
            self._changed.clear()
            answer = self._page.get(f"{self._base}/fragments/cards", timeout=10)
            answer.raise_for_status()
            now = time.perf_counter()
            self.fetches += 1
            for card in _CARD.findall(answer.text):
                self.seen.setdefault(card, now)
            time.sleep(PAUSE)


def _concerns(data: bytes) -> bool:
    return any(change["kind"] in ("card", "look") for change in json.loads(data))
