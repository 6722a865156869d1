"""Starts an NLU server for the length of a task: an evaluation, a benchmark, a test."""

from __future__ import annotations

import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

from nlu.serve import command, environment
from nlu.train import ROOM, train

READY_WITHIN = 120.0  # seconds


class ServerFailed(Exception):
    """The server did not come up; the text ends with what it said."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Address, token and process id of a server that answers."""

    url: str
    token: str
    pid: int
    seconds_to_ready: float


@contextmanager
def running(model: Path | None = None, patience: float = READY_WITHIN) -> Iterator[RunningServer]:
    """A server on a free port of loopback, stopped at the end. Trains the model if it is missing.

    ``patience``: seconds until it must answer, else :class:`ServerFailed`.
    """
    model = model or train()
    token = secrets.token_hex(16)
    port = free_port()
    with tempfile.TemporaryFile() as said:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own command
            command(port, model), cwd=ROOM.parent, env=environment(token), stdout=said, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}"
            if not _ready(url, token, process, patience):
                said.seek(0)
                raise ServerFailed("the NLU server did not start:\n" + said.read()[-3000:].decode(errors="replace"))
            yield RunningServer(url, token, process.pid, time.monotonic() - began)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port of loopback that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(url: str, token: str, process: subprocess.Popen[bytes], patience: float) -> bool:
    pool = urllib3.PoolManager(retries=False)
    give_up = time.monotonic() + patience
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if pool.request("GET", f"{url}/status?token={token}", timeout=2.0).status == 200:
                return True
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.1)
    return False
