"""A real PostgreSQL and a real Redis under the data folder, for when no server is given.

Both listen on a unix socket only the starting user can reach, and end when the process that started them does,
kill -9 included. Whatever a killed run left behind is cleared at the next start.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from storage.servers.guarded import Guard
from storage.servers.postgres import postgres
from storage.servers.redis import redis
from storage.servers.server import EmbeddedError, Server, end, last_lines

__all__ = ["EmbeddedError", "Running", "start_postgres", "start_redis"]


@dataclass(frozen=True, slots=True)
class Running:
    """A started server: its address, its process id, and how to end it (data stays).

    Keep it: a server whose ``Running`` is let go of is ended.
    """

    url: str
    pid: int
    stop: Callable[[], None]


def start_postgres(data_dir: Path) -> Running:
    """Start PostgreSQL on ``data_dir/postgres``, creating it the first time; returns when it answers."""
    return _start(postgres(data_dir), data_dir)


def start_redis(data_dir: Path) -> Running:
    """Start Redis, empty, on a socket under ``data_dir/redis``; returns when it answers."""
    return _start(redis(data_dir), data_dir)


def _start(server: Server, data_dir: Path) -> Running:
    log = data_dir / "logs" / f"{server.name}.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    server.prepare()
    guard = Guard(server.lock)
    with log.open("ab") as output:
        process = guard.spawn(server.launch, output)

    def stop() -> None:
        end(process, server.launch.stop, grace=30)
        guard.forget(process)
        guard.close()
        server.lock.release()

    deadline = time.monotonic() + 60
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            stop()
            raise EmbeddedError(f"{server.name} did not start: {last_lines(log, 3, ' | ')}")
        time.sleep(0.05)
    return Running(server.url, process.pid, stop)
