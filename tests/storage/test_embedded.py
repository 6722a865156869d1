"""The embedded servers: real processes, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from storage.embedded import EmbeddedError, Running, start_postgres, start_redis
from storage.engine import sqlalchemy_url
from storage.servers.guarded import runs

ROOT = Path(__file__).parents[2]
STARTER = """
import sys, time
from pathlib import Path
from storage.embedded import start_postgres, start_redis
folder = Path(sys.argv[1])
servers = [start_postgres(folder), start_redis(folder)]
print(*[server.pid for server in servers], flush=True)
time.sleep(20)
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not under pytest's own folder: each pytest that starts closes that one to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as folder:
        yield Path(folder)


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def write(running: Running, word: str) -> None:
    with psycopg.connect(running.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (word text)")
        connection.execute("INSERT INTO note VALUES (%s)", (word,))


def words(running: Running) -> list[str]:
    with psycopg.connect(running.url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM note ORDER BY word")]


def test_data_survive_a_killed_server_and_a_clean_stop(tmp_path: Path) -> None:
    first = start_postgres(tmp_path)
    write(first, "before the kill")
    os.kill(first.pid, signal.SIGKILL)
    first.stop()

    second = start_postgres(tmp_path)
    assert words(second) == ["before the kill"]
    write(second, "before the stop")
    second.stop()
    assert not runs(second.pid)

    third = start_postgres(tmp_path)
    assert words(third) == ["before the kill", "before the stop"]
    third.stop()


def test_a_killed_starter_leaves_no_server_and_the_next_start_finds_the_data(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        assert all(runs(pid) for pid in pids)
        starter.kill()
    assert len(pids) == 2
    assert until(lambda: not any(runs(pid) for pid in pids))

    again = start_postgres(tmp_path)
    write(again, "alive")
    assert words(again) == ["alive"]
    again.stop()


def test_a_server_whose_watchdog_died_too_is_replaced(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        for pid in children(starter.pid):
            if pid not in pids:
                os.kill(pid, signal.SIGKILL)
        starter.kill()
    assert all(runs(pid) for pid in pids)
    try:
        database, cache = start_postgres(tmp_path), start_redis(tmp_path)
        assert not any(runs(pid) for pid in pids)
        write(database, "mine")
        cache.stop()
        database.stop()
    finally:
        for pid in pids:
            if runs(pid):
                os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("begin", [start_postgres, start_redis])
def test_a_second_start_on_the_same_folder_is_refused(tmp_path: Path, begin: Callable[[Path], Running]) -> None:
    first = begin(tmp_path)
    with pytest.raises(EmbeddedError, match=f"in use by process {os.getpid()}: stop that one first"):
        begin(tmp_path)
    assert runs(first.pid)
    first.stop()
    begin(tmp_path).stop()


def test_commits_are_durable_and_nothing_listens_on_the_network(tmp_path: Path) -> None:
    running = start_postgres(tmp_path)
    engine = create_engine(sqlalchemy_url(running.url))
    with engine.connect() as connection:
        shown = {
            key: connection.execute(text(f"SHOW {key}")).scalar()
            for key in ("fsync", "synchronous_commit", "listen_addresses", "server_encoding", "TimeZone")
        }
    engine.dispose()
    running.stop()
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
    }


def test_the_log_quotes_no_row(tmp_path: Path) -> None:
    running = start_postgres(tmp_path)
    with psycopg.connect(running.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (words text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('my private words')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('my private words')")
    running.stop()
    log = (tmp_path / "logs" / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "my private words" not in log


def test_a_folder_with_a_long_path_works(tmp_path: Path) -> None:
    folder = tmp_path / ("a-rather-long-name-" * 6)
    database, cache = start_postgres(folder), start_redis(folder)
    write(database, "here")
    assert words(database) == ["here"]
    sockets = Path(str(make_url(database.url).query["host"]))
    assert not sockets.is_relative_to(folder)
    cache.stop()
    database.stop()
    for path in (sockets, Path(urlsplit(cache.url).path).parent):
        shutil.rmtree(path)


def test_an_interrupted_creation_is_done_again(tmp_path: Path) -> None:
    half = tmp_path / "postgres.partial"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    start_postgres(tmp_path).stop()
    assert not half.exists()


def test_data_of_another_version_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 12"):
        start_postgres(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["PG_VERSION"]


def test_redis_starts_again_empty_after_a_kill(tmp_path: Path) -> None:
    first = start_redis(tmp_path)
    with redis.Redis.from_url(first.url) as client:
        client.set("token", "kept in memory only")
    os.kill(first.pid, signal.SIGKILL)
    first.stop()

    second = start_redis(tmp_path)
    with redis.Redis.from_url(second.url) as client:
        assert client.get("token") is None
        client.set("token", "new")
        assert client.get("token") == b"new"
    second.stop()
