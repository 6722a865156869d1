"""What changed, to every open page: one Redis subscriber per process, fanned out to a queue per page.

While Redis is away every page is told once a second to look for itself ("look").
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from queue import Empty, Full, Queue
from typing import Any

import redis

from storage.live import CHANNEL

LOOK: list[dict[str, str]] = [{"kind": "look", "id": "", "news": ""}]
MAX_STREAMS = 24  # each holds a thread of the server
HEARTBEAT = 10.0  # seconds
STREAM_LIFE = 300.0  # seconds; then the page connects anew, and whether it still may is asked again
RETRY = 1.0  # seconds between attempts to reach Redis, and between looks meanwhile
log = logging.getLogger(__name__)
Batch = list[dict[str, str]]


class TooManyStreams(Exception):
    """No thread is left for another page; it looks for itself every few seconds."""


class Hub:
    """Fans changes out to the open pages of this process."""

    def __init__(self, client: redis.Redis | None) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._pages: set[Queue[Batch]] = set()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._away = False  # Redis; said once in the log

    def join(self) -> Queue[Batch]:
        """A queue for one page. Raises :class:`TooManyStreams`."""
        page: Queue[Batch] = Queue(maxsize=100)
        with self._lock:
            if len(self._pages) >= MAX_STREAMS:
                raise TooManyStreams
            self._pages.add(page)
            if self._thread is None:
                # Not earlier: a thread started before the server forks would stay behind.
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        return page

    def leave(self, page: Queue[Batch]) -> None:
        """The page is gone."""
        with self._lock:
            self._pages.discard(page)

    def stop(self) -> None:
        """End the subscriber."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except (redis.RedisError, OSError, ValueError) as error:  # ValueError: somebody published nonsense
                if not self._away:
                    log.warning("live updates: Redis is away", extra={"reason": type(error).__name__})
                self._away = True
                self._tell(LOOK)
                self._stopped.wait(RETRY)

    def _listen(self) -> None:
        if self._client is None:
            raise redis.ConnectionError("no Redis")
        client: Any = self._client  # its pubsub is not typed
        with client.pubsub(ignore_subscribe_messages=True) as subscription:
            subscription.subscribe(CHANNEL)
            if self._away:
                log.info("live updates: Redis is back")
            self._away = False
            self._tell(LOOK)  # something may have happened while nobody listened
            while not self._stopped.is_set():
                message: Any = subscription.get_message(timeout=0.5)
                if message is not None:
                    self._tell(json.loads(message["data"]))

    def _tell(self, batch: Batch) -> None:
        with self._lock:
            pages = list(self._pages)
        for page in pages:
            try:
                page.put_nowait(batch)
            except Full:
                continue  # it has a hundred reasons to look already


def stream(page: Queue[Batch], heartbeat: float = HEARTBEAT, life: float = STREAM_LIFE) -> Iterator[str]:
    """Server-sent events for one page: JSON lists of ``{"kind", "id", "news"}``, comments in between."""
    yield "retry: 2000\n: hello\n\n"
    end = time.monotonic() + life
    while time.monotonic() < end:
        try:
            batch = page.get(timeout=heartbeat)
        except Empty:
            yield ": still here\n\n"
            continue
        yield f"data: {json.dumps(batch)}\n\n"
