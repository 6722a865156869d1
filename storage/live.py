"""Telling the console that something changed, right after the transaction that changed it.

Redis pub/sub carries only a kind and an id. What is lost (Redis down, a process killed between commit and
publish) costs nothing: open pages also look for themselves every few seconds.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from typing import Any

import redis
from sqlalchemy import event
from sqlalchemy.orm import Session

CHANNEL = "hotline:live"
PAUSE = 2.0  # seconds without trying after Redis failed
log = logging.getLogger(__name__)


def touch(session: Session, kind: str, row_id: uuid.UUID, news: str = "changed") -> None:
    """Note that a row changed; published after the commit. ``kind``: conversation, card, order, tip, claim."""
    session.info.setdefault("live", {})[(kind, str(row_id), news)] = None


class Publisher:
    """Publishes what a committed session touched."""

    def __init__(self, client: redis.Redis | None) -> None:
        self._client = client
        self._resume_at = 0.0

    def attach(self, factory: Any) -> None:
        """Hook on a session factory."""
        event.listen(factory, "after_commit", self._committed)
        event.listen(factory, "after_rollback", self._rolled_back)

    def _rolled_back(self, session: Session) -> None:
        session.info.pop("live", None)

    def _committed(self, session: Session) -> None:
        if session.in_nested_transaction():
            return
        touched = session.info.pop("live", None)
        if not touched or self._client is None or time.monotonic() < self._resume_at:
            return
        payload = [{"kind": kind, "id": row_id, "news": news} for kind, row_id, news in touched]
        try:
            self._client.publish(CHANNEL, json.dumps(payload))
        except redis.RedisError as error:
            self._resume_at = time.monotonic() + PAUSE
            log.warning("live update not published", extra={"reason": type(error).__name__})


def connect(url: str) -> redis.Redis:
    """A client that fails fast: what it holds may be lost, and nobody may wait for it."""
    return redis.Redis.from_url(
        url, socket_timeout=0.3, socket_connect_timeout=0.3, health_check_interval=30, retry=None
    )
