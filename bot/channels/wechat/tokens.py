"""The access token: one for all processes, from ``/cgi-bin/stable_token``, kept in Redis, fetched by one at a time.

Redis dead: every process keeps its own copy, which is safe, since the stable token is the same for every caller.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import LockError, RedisError

from bot.channels.wechat.errors import ApiError, NotSent, Uncertain, Verdict, fact
from bot.channels.wechat.transport import Transport

log = logging.getLogger(__name__)

T = TypeVar("T")

MARGIN = 240  # seconds; WeChat hands out a new token in the last 300 of the old one, and both work that long
LONGEST_LIFE = 7200  # seconds
FORCED_PER_DAY = 20  # WeChat's limit on force_refresh
FORCED_SPACING = 30  # seconds; WeChat ignores a force_refresh that comes sooner
LOCK_LIFE = 15.0  # seconds, longer than one fetch can take
LOCK_WAIT = 9.0
REDIS_REST = 10.0  # seconds a Redis that failed is left alone, so that its time-outs do not add up
_BEIJING = timezone(timedelta(hours=8))  # WeChat's limits end with the day in Beijing


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    until: float  # unix seconds


class TokenProvider:
    """Gives the account's access token. ``redis`` must have a socket timeout and no retries with back-off
    (redis-py's default waits up to half a minute on a dead server); None: this process only."""

    def __init__(self, app_id: str, app_secret: str, transport: Transport, redis: Redis | None) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._transport = transport
        self._redis = redis
        self._key = f"wechat:token:{app_id}"
        self._mutex = threading.Lock()
        self._own: _Token | None = None
        self._forced: list[datetime] = []
        self._redis_rests_until = 0.0

    def use(self, call: Callable[[str], T], now: datetime) -> T:
        """``call(token)``; when WeChat refuses the token, once more with a renewed one.

        Raises what ``call`` raises, and what :meth:`get` raises.
        """
        token = self.get(now)
        try:
            return call(token)
        except ApiError as error:
            if fact(error.code).verdict is not Verdict.REFRESH:
                raise
            renewed = self.renew(token, now)
            if renewed == token:
                raise
        return call(renewed)

    def get(self, now: datetime) -> str:
        """The token in force. Raises :class:`ApiError` (WeChat gives none) or :class:`NotSent` (no answer)."""
        known = self._shared(now) or self._mine(now)
        if known:
            return known
        with self._alone():
            return self._shared(now) or self._mine(now) or self._fetch(now, force=False)

    def renew(self, refused: str, now: datetime) -> str:
        """The token after WeChat refused ``refused``: what another process fetched meanwhile, else a forced new one.

        The day's forced renewals used up, or the last one too recent: whatever WeChat says is in force.
        """
        with self._alone():
            shared = self._shared(now)
            known = shared or self._mine(now)
            if known and known != refused:
                return known
            if not shared:
                # Our own copy may be older than what the other processes use: forcing would make theirs invalid.
                current = self._fetch(now, force=False)
                if current != refused:
                    return current
            return self._fetch(now, force=self._may_force(now))

    def _fetch(self, now: datetime, *, force: bool) -> str:
        payload = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._app_secret,
            "force_refresh": force,
        }
        try:
            answer = self._transport.post("/cgi-bin/stable_token", payload, {})
            value, life = answer.get("access_token"), min(int(str(answer.get("expires_in"))), LONGEST_LIFE)
        except Uncertain as error:
            # Without a token the caller's own request never leaves.
            raise NotSent(f"token_{error.reason}") from None
        except ValueError:
            raise NotSent("token_malformed") from None
        if not isinstance(value, str) or not value or life <= 0:
            raise NotSent("token_malformed")
        log.info("wechat access token fetched", extra={"forced": force, "seconds": life})
        self._store(_Token(value, now.timestamp() + life - min(MARGIN, life // 2)), now)
        return value

    def _shared(self, now: datetime) -> str:
        token = _decoded(self._ask_redis(lambda redis: redis.get(self._key), None))
        return token.value if token and token.until > now.timestamp() else ""

    def _mine(self, now: datetime) -> str:
        return self._own.value if self._own and self._own.until > now.timestamp() else ""

    def _store(self, token: _Token, now: datetime) -> None:
        self._own = token
        life = max(1, int(token.until - now.timestamp()))
        value = json.dumps({"value": token.value, "until": token.until})
        self._ask_redis(lambda redis: redis.set(self._key, value, ex=life), None)

    def _may_force(self, now: datetime) -> bool:
        """Count one forced renewal against the day, in Redis and here, so that a flush does not refill the budget."""
        day = now.astimezone(_BEIJING).date()
        self._forced = [moment for moment in self._forced if moment.astimezone(_BEIJING).date() == day]
        if len(self._forced) >= FORCED_PER_DAY:
            return False
        last = _seconds(self._ask_redis(lambda redis: redis.get(f"{self._key}:forced_at"), None))
        own = self._forced[-1].timestamp() if self._forced else 0.0
        if abs(now.timestamp() - max(last, own)) < FORCED_SPACING:
            return False
        count = self._ask_redis(lambda redis: _counted(redis, f"{self._key}:forced:{day}"), 1)
        if count > FORCED_PER_DAY:
            log.error("wechat access token: the day's forced renewals are used up")
            return False
        self._ask_redis(lambda redis: redis.set(f"{self._key}:forced_at", now.timestamp(), ex=24 * 3600), None)
        self._forced.append(now)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time: in this process always, among all processes while Redis lives."""
        with self._mutex:
            lock = self._ask_redis(self._locked, None)
            try:
                yield
            finally:
                if lock is not None:
                    self._ask_redis(lambda _: lock.release(), None)

    def _locked(self, redis: Redis) -> Any:
        lock = redis.lock(f"{self._key}:lock", timeout=LOCK_LIFE, blocking_timeout=LOCK_WAIT)
        # Not got in time: go on without, a second fetch of a stable token does no harm.
        return lock if lock.acquire() else None

    def _ask_redis(self, ask: Callable[[Redis], Any], otherwise: Any) -> Any:
        if self._redis is None or time.monotonic() < self._redis_rests_until:
            return otherwise
        try:
            return ask(self._redis)
        except LockError:
            return otherwise  # the lock ran out while we held it
        except RedisError as error:
            self._redis_rests_until = time.monotonic() + REDIS_REST
            log.warning("wechat access token: Redis does not answer", extra={"error": type(error).__name__})
            return otherwise


def _decoded(stored: object) -> _Token | None:
    if not isinstance(stored, (bytes, str)):
        return None
    try:
        value = json.loads(stored)
        return _Token(str(value["value"]), float(value["until"]))
    except (ValueError, KeyError, TypeError):
        return None


def _seconds(stored: object) -> float:
    try:
        return float(stored) if isinstance(stored, (bytes, str)) else 0.0
    except ValueError:
        return 0.0


def _counted(redis: Redis, key: str) -> Any:
    count = redis.incr(key)
    redis.expire(key, 2 * 24 * 3600)
    return count
