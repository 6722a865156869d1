"""The processes that are killed: how each is found, and how one sees that it works again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from bot.run.checks import answers, model_answers
from storage.servers.guarded import runs
from tests.e2e.stack import Stack

Since = float  # time.time() of a kill


@dataclass(frozen=True, slots=True)
class Target:
    """``pids``: which processes it is now. ``works``: whether it does its work again, after a kill at a moment."""

    name: str
    pids: Callable[[Stack], list[int]]
    works: Callable[[Stack, Since], bool]


def children(pid: int) -> list[int]:
    """Processes a process has started and not outlived."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _service(name: str) -> Callable[[Stack], list[int]]:
    return lambda stack: [pid for pid in [stack.run.pids.get(name, 0)] if pid and runs(pid)]


def _workers(name: str) -> Callable[[Stack], list[int]]:
    return lambda stack: [pid for pid in children(stack.run.pids.get(name, 0)) if runs(pid)]


def _backends(stack: Stack) -> list[int]:
    """Connections of our own processes; PostgreSQL answers a killed one by starting all anew."""
    return [pid for pid in children(stack.run.pids["postgres"]) if b"postgres: postgres hotline" in _title(pid)]


def _title(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _supervisor(stack: Stack) -> list[int]:
    return [stack.process.pid]


def _healthy(name: str) -> Callable[[Stack, Since], bool]:
    return lambda stack, _since: answers(stack.url(name) + "/healthz")


def _database_works(stack: Stack, _since: Since) -> bool:
    try:
        with psycopg.connect(stack.run.embedded["postgres"], connect_timeout=2) as connection:
            return connection.execute("SELECT count(*) FROM stop_cards").fetchone() is not None
    except psycopg.Error:
        return False


def _redis_works(stack: Stack, _since: Since) -> bool:
    try:
        with redis.Redis.from_url(stack.run.embedded["redis"], socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _worker_works(stack: Stack, since: Since) -> bool:
    """A worker writes that it lives as soon as it looks for jobs."""
    query = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > to_timestamp(%s)"
    try:
        with psycopg.connect(stack.run.embedded["postgres"], connect_timeout=2) as connection:
            found = connection.execute(query, [since + 0.5]).fetchone()
            return bool(found and found[0])
    except psycopg.Error:
        return False


def _model_works(stack: Stack, _since: Since) -> bool:
    return model_answers(stack.run.nlu_urls[0], stack.secrets["nlu_token"])


def _all_work(stack: Stack, _since: Since) -> bool:
    return stack.process.poll() is None and answers(stack.url("intake") + "/readyz")


TARGETS = (
    Target("intake", _service("intake"), _healthy("intake")),
    Target("intake's worker", _workers("intake"), _healthy("intake")),
    Target("console", _service("console"), _healthy("console")),
    Target("console's worker", _workers("console"), _healthy("console")),
    Target("worker", _service("worker"), _worker_works),
    Target("nlu", _service("nlu"), _model_works),
    Target("redis", _service("redis"), _redis_works),
    Target("postgres", _service("postgres"), _database_works),
    Target("postgres' backend", _backends, _database_works),
)
SUPERVISOR = Target("supervisor", _supervisor, _all_work)
