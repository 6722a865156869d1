"""Asks the NLU servers what a text means, within a budget, and believes only a sane answer."""

from __future__ import annotations

import itertools
import json
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import redis as redis_package
import urllib3
from prometheus_client import Counter, Histogram

from nlu.breaker import Breaker
from nlu.parse_cache import ParseCache
from nlu.types import Intent

log = logging.getLogger(__name__)

OUTCOMES = Counter("hotline_nlu_parse", "What became of asking the model", ["outcome"])
SECONDS = Histogram(
    "hotline_nlu_parse_seconds",
    "Time to the model's answer",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.75, 1.5),
)
MODEL_KNOWN_FOR = 30.0  # seconds until a server is asked again which model it serves
LONGEST_ANSWER = 256 * 1024


class NluUnavailable(Exception):
    """No server gave a usable answer in time; ``reason`` is one word for log and metric."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Parsed:
    """The model's opinion: intents with confidence, best first, and the model that held it."""

    ranking: tuple[tuple[Intent, float], ...]
    model: str = ""
    cached: bool = False


class Server:
    """One NLU server: its address, its breaker and the model it serves."""

    def __init__(self, url: str, token: str, breaker: Breaker, clock: Callable[[], float]) -> None:
        self.breaker = breaker
        self.model = ""
        self._base = url.rstrip("/")
        self._query = f"?token={quote(token, safe='')}" if token else ""
        self._clock = clock
        self._asked_model_at = float("-inf")
        self._pool = urllib3.PoolManager(num_pools=2, maxsize=64, retries=False)

    def parse(self, text: str, deadline: float) -> list[tuple[str, float]]:
        """The ranking. Raises :class:`NluUnavailable`."""
        if self._clock() - self._asked_model_at > MODEL_KNOWN_FOR:
            self._learn_model(deadline)
        body = json.dumps({"text": text}).encode()
        return ranking_of(self._ask("POST", "/model/parse", deadline, body))

    def _learn_model(self, deadline: float) -> None:
        answer = self._ask("GET", "/status", deadline)
        name = answer.get("model_file") if isinstance(answer, dict) else None
        if not isinstance(name, str):
            raise NluUnavailable("nonsense")
        self.model = name.rpartition("/")[2].removesuffix(".tar.gz")
        self._asked_model_at = self._clock()

    def _ask(self, method: str, path: str, deadline: float, body: bytes | None = None) -> object:
        try:
            return self._ask_once(method, path, deadline, body)
        except urllib3.exceptions.TimeoutError as late:
            raise NluUnavailable("timeout") from late
        except urllib3.exceptions.HTTPError as failure:
            # A kept connection that the server has just closed fails at once: one more try on a new one.
            stale = isinstance(failure, urllib3.exceptions.ProtocolError)
            if not stale or self._clock() >= deadline:
                raise NluUnavailable("refused") from failure
        try:
            return self._ask_once(method, path, deadline, body)
        except urllib3.exceptions.HTTPError as failure:
            late_again = isinstance(failure, urllib3.exceptions.TimeoutError)
            raise NluUnavailable("timeout" if late_again else "refused") from failure

    def _ask_once(self, method: str, path: str, deadline: float, body: bytes | None) -> object:
        left = deadline - self._clock()
        if left <= 0:
            raise NluUnavailable("timeout")
        response = self._pool.request(
            method,
            self._base + path + self._query,
            body=body,
            headers={"Content-Type": "application/json"},
            timeout=urllib3.Timeout(total=left),
            redirect=False,
            preload_content=False,
        )
        try:
            answer = self._read(response, deadline)
        finally:
            response.release_conn()
        if response.status != 200:
            raise NluUnavailable("status")
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as unreadable:
            raise NluUnavailable("nonsense") from unreadable

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
        answer = b""
        for chunk in response.stream(16 * 1024):
            answer += chunk
            if len(answer) > LONGEST_ANSWER:
                response.close()
                raise NluUnavailable("nonsense")
            if self._clock() > deadline:
                response.close()
                raise NluUnavailable("timeout")
        return answer


class NluClient:
    """Usable from many threads. Servers take turns; the next is tried while the budget lasts.

    ``urls`` may be a function, asked before every parse: another model is put in service that way.
    """

    def __init__(
        self,
        urls: Sequence[str] | Callable[[], Sequence[str]],
        token: str,
        timeout: float = 1.5,
        redis: redis_package.Redis | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = timeout
        self._clock = clock
        self._token = token
        self._urls = urls if callable(urls) else lambda: urls
        self._known: dict[str, Server] = {}
        self._changing = threading.Lock()
        self._turn = itertools.count()
        self._cache = None if redis is None else ParseCache(redis, token or "nlu")

    def _servers(self) -> list[Server]:
        """The servers of this moment; one that stays keeps its connections and its breaker."""
        urls, known = self._urls(), self._known
        if tuple(known) != tuple(urls):
            with self._changing:
                before = self._known
                known = {url: before.get(url) or self._server(url) for url in urls}
                self._known = known
        return list(known.values())

    def _server(self, url: str) -> Server:
        return Server(url, self._token, Breaker(clock=self._clock), self._clock)

    def parse(self, text: str) -> Parsed:
        """The model's opinion of ``text``. Raises :class:`NluUnavailable` after ``timeout`` seconds at the latest."""
        began, servers = self._clock(), self._servers()
        cached = self._cached(servers, text)
        if cached is not None:
            OUTCOMES.labels("cached").inc()
            return cached
        try:
            server, ranking = self._ask_in_turn(servers, text, began + self._timeout)
        except NluUnavailable as failure:
            OUTCOMES.labels(failure.reason).inc()
            raise
        OUTCOMES.labels("answered").inc()
        SECONDS.observe(self._clock() - began)
        if self._cache is not None:
            self._cache.put(server.model, text, ranking)
        return Parsed(typed(ranking), server.model)

    def _cached(self, servers: Sequence[Server], text: str) -> Parsed | None:
        model = next((server.model for server in servers if server.model), "")
        if self._cache is None or not model:
            return None
        kept = self._cache.get(model, text)
        try:
            return None if kept is None else Parsed(typed(checked(kept)), model, cached=True)
        except NluUnavailable:
            return None

    def _ask_in_turn(
        self, servers: Sequence[Server], text: str, deadline: float
    ) -> tuple[Server, list[tuple[str, float]]]:
        first = next(self._turn)
        count = len(servers)
        reason = "open" if count else "unset"
        for place in range(count):
            server = servers[(first + place) % count]
            if not server.breaker.allow():
                continue
            # A server that hangs may not use up the time of the others.
            share = (deadline - self._clock()) / (count - place)
            try:
                ranking = server.parse(text, self._clock() + share)
            except NluUnavailable as failure:
                reason = failure.reason
                server.breaker.failed()
                log.warning("nlu: a server failed", extra={"reason": reason, "server": (first + place) % count})
                continue
            server.breaker.succeeded()
            return server, ranking
        raise NluUnavailable(reason)


def ranking_of(answer: object) -> list[tuple[str, float]]:
    """Intent names with confidence, best first, of Rasa's parse answer; anything odd is :class:`NluUnavailable`."""
    if not isinstance(answer, dict) or not isinstance(answer.get("intent"), dict):
        raise NluUnavailable("nonsense")
    entries = answer.get("intent_ranking") or [answer["intent"]]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise NluUnavailable("nonsense")
    ranking = checked([(entry.get("name"), entry.get("confidence")) for entry in entries])
    if ranking[0][0] != answer["intent"].get("name"):
        raise NluUnavailable("nonsense")
    return ranking


_KNOWN = frozenset(intent.value for intent in Intent)


def checked(entries: Sequence[tuple[object, object]]) -> list[tuple[str, float]]:
    """The entries, if each is a known intent once with a confidence between 0 and 1, best first."""
    ranking: list[tuple[str, float]] = []
    for name, share in entries:
        good = (
            isinstance(name, str) and name in _KNOWN and isinstance(share, int | float) and not isinstance(share, bool)
        )
        if not good or not math.isfinite(share) or not 0 <= share <= 1.000001:  # type: ignore[arg-type, operator]
            raise NluUnavailable("nonsense")
        ranking.append((str(name), min(1.0, float(share))))  # type: ignore[arg-type]
    falling = all(left[1] >= right[1] for left, right in itertools.pairwise(ranking))
    if not ranking or not falling or len({name for name, _ in ranking}) != len(ranking):
        raise NluUnavailable("nonsense")
    return ranking


def typed(ranking: Sequence[tuple[str, float]]) -> tuple[tuple[Intent, float], ...]:
    """The ranking with intents instead of names."""
    return tuple((Intent(name), share) for name, share in ranking)
