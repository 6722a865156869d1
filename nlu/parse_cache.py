"""Answers of the model kept in Redis for a day. Redis may be slow, dead or flushed: then there is no cache."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)

LIFETIME = 24 * 3600
REST = 5.0  # seconds a Redis that failed is left alone
PATIENCE = 0.1  # seconds one Redis call may take


def connect(url: str) -> redis.Redis:
    """A client that gives up quickly and does not retry; nothing is opened yet."""
    once = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=once)


class ParseCache:
    """Keys are HMACs of model and text, values the model's ranking: no word of a resident is stored."""

    def __init__(self, client: redis.Redis, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._secret = secret.encode()
        self._clock = clock
        self._rest_until = float("-inf")

    def get(self, model: str, text: str) -> list[tuple[str, float]] | None:
        """The ranking kept for this text, or None."""
        if self._clock() < self._rest_until:
            return None
        try:
            kept = self._client.get(self._key(model, text))
            if isinstance(kept, bytes | str):
                return [(str(name), float(share)) for name, share in json.loads(kept)]
        except redis.RedisError as failure:
            self._failed(failure)
        except (TypeError, ValueError):
            log.warning("nlu cache: an unreadable entry was passed over")
        return None

    def put(self, model: str, text: str, ranking: list[tuple[str, float]]) -> None:
        """Keep a ranking; a failure is logged and forgotten."""
        if self._clock() < self._rest_until:
            return
        try:
            self._client.set(self._key(model, text), json.dumps(ranking), ex=LIFETIME)
        except redis.RedisError as failure:
            self._failed(failure)

    def _failed(self, failure: redis.RedisError) -> None:
        self._rest_until = self._clock() + REST
        log.warning("nlu cache: Redis failed, left alone for %.0f s", REST, extra={"reason": type(failure).__name__})

    def _key(self, model: str, text: str) -> str:
        digest = hmac.new(self._secret, f"{model}\0{text}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()
        return f"nlu:parse:{digest}"
