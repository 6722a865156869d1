"""The supervisor, as a process, with real servers and stand-ins for what it supervises."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from bot.run.checks import answers, free_port
from storage.servers.guarded import runs

ROOT = Path(__file__).parents[2]
WEB = """
def app(environ, start_response):
    if environ["PATH_INFO"] == "/exit":
        import os
        os._exit(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]
"""
COMMANDS = """
import os, pathlib, signal, sys, time
import psycopg
word, folder = sys.argv[1], pathlib.Path(os.environ["HOTLINE_DATA_DIR"])
if word == "migrate":
    with psycopg.connect(os.environ["HOTLINE_DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS start (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO start DEFAULT VALUES")
elif word == "staff" and not (folder / "made").exists():
    (folder / "made").touch()
    print("LOGIN admin PASSWORD made-up-word")
elif word == "worker":
    if os.environ.get("STUBBORN"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("WARNING nothing to do yet", flush=True)
    while True:
        time.sleep(1)
"""
TRAIN = """
import os, subprocess, sys, time
from pathlib import Path
def model_path() -> Path:
    return Path("no-such-model" if "SLOW_TRAINING" in os.environ else __file__)
if __name__ == "__main__":
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (Path(os.environ["HOTLINE_DATA_DIR"]) / "grandchild").write_text(str(grandchild.pid))
    grandchild.wait()
"""
SERVE = """
import os, sys
from pathlib import Path
CODE = '''
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        good = self.path == "/model/parse?token=" + sys.argv[2]
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if good else 401)
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
'''
def command(port: int, token: str, model: Path) -> list[str]:
    return [sys.executable, "-c", CODE, str(port), token]
def environment() -> dict[str, str]:
    return dict(os.environ)
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not under pytest's own folder: each pytest that starts closes that one to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The supervisor and the storage room as they are, everything else small."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "storage", folder / "storage")
    shutil.copytree(ROOT / "bot" / "run", folder / "bot" / "run")
    files = {
        "bot/__init__.py": "",
        "bot/__main__.py": COMMANDS,
        "nlu/train.py": TRAIN,
        "nlu/serve.py": SERVE,
        **{f"{room}/wsgi.py": WEB for room in ("bot", "console", "sandbox")},
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


class Run:
    """One ``python -m bot.run`` on its own data folder and ports."""

    def __init__(self, project: Path, data_dir: Path, **env: str) -> None:
        self.data_dir = data_dir
        self.out = data_dir / f"terminal-{time.monotonic_ns()}.txt"
        data_dir.mkdir(exist_ok=True)
        settings = {f"HOTLINE_{name}_PORT": str(free_port()) for name in ("INTAKE", "CONSOLE", "SANDBOX")}
        plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.run"],
                cwd=project,
                env={**plain, **settings, "HOTLINE_DATA_DIR": str(data_dir), **env},
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    @property
    def state(self) -> dict[str, Any]:
        path = self.data_dir / "run.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def until_ready(self) -> dict[str, Any]:
        assert until(lambda: self._ready() or self.process.poll() is not None), self.said
        assert self.process.poll() is None, self.said
        return self.state

    def _ready(self) -> bool:
        state = self.state
        return bool(state) and state["pid"] == self.process.pid and state["ready"]

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


def until(condition: Callable[[], Any], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def using(folder: Path) -> list[int]:
    """Every living process with the data folder in its environment or command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(folder) in text and runs(int(entry.name)):
                found.append(int(entry.name))
    return found


@pytest.fixture
def start(project: Path, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    started: list[Run] = []

    def run(**env: str) -> Run:
        started.append(Run(project, tmp_path / "data", **env))
        return started[-1]

    yield run
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
    assert until(lambda: not using(tmp_path / "data"))


def test_the_whole_life(start: Callable[..., Run], tmp_path: Path) -> None:
    first = start()
    state = first.until_ready()
    assert set(state["pids"]) == {"postgres", "redis", "nlu", "intake", "console", "worker", "sandbox"}
    assert set(state["urls"]) == {"intake", "console", "sandbox"}
    for url in state["urls"].values():
        assert answers(url + "/healthz")
        assert until(lambda url=url: url in first.said)  # type: ignore[misc]
    assert "admin  password: made-up-word" in first.said
    assert until(lambda: "worker: WARNING nothing to do yet" in first.said)
    with psycopg.connect(state["embedded"]["postgres"]) as connection:
        assert connection.execute("SELECT count(*) FROM start").fetchone() == (1,)

    killed = ("intake", "redis", "postgres", "nlu")
    for name in killed:
        os.kill(state["pids"][name], signal.SIGKILL)
    assert until(lambda: first.state["restarts"] == {name: int(name in killed) for name in state["pids"]})
    assert "intake ended by itself (killed by SIGKILL); starting it again in 1 s" in first.said
    assert until(lambda: answers(state["urls"]["intake"] + "/healthz"))
    with redis.Redis.from_url(state["embedded"]["redis"]) as client:
        assert until(lambda: reachable(client))

    assert first.stop() == 0
    assert first.said.endswith("stopped\n")
    assert using(tmp_path / "data") == []
    assert first.state == {}
    assert "database system is shut down" in (tmp_path / "data/logs/postgres.log").read_text()

    second = start()
    state = second.until_ready()
    assert until(lambda: "Ctrl-C" in second.said)
    assert "password" not in second.said
    with psycopg.connect(state["embedded"]["postgres"]) as connection:
        assert connection.execute("SELECT count(*) FROM start").fetchone() == (2,)
    assert (tmp_path / "data/logs/intake.log.1").exists()
    assert second.stop(signal.SIGTERM) == 0


def reachable(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def test_a_killed_supervisor_leaves_nothing_and_a_new_one_takes_over(start: Callable[..., Run], tmp_path: Path) -> None:
    first = start()
    first.until_ready()
    assert len(using(tmp_path / "data")) >= 9
    first.process.kill()
    first.process.wait()

    second = start()
    second.until_ready()
    assert str(second.process.pid) == (tmp_path / "data/run.lock").read_text().strip()
    third = start()
    assert third.process.wait(20) == 1
    assert f"in use by process {second.process.pid}: stop that one first" in third.said
    second.process.kill()
    second.process.wait()
    assert until(lambda: not using(tmp_path / "data"))


def test_a_port_in_use_is_named_with_its_setting(start: Callable[..., Run]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = start(HOTLINE_CONSOLE_PORT=str(port))
        assert run.process.wait(20) == 1
    assert run.said == (
        f"cannot start: port {port} is in use. Stop the program that uses it, "
        "or choose another port with HOTLINE_CONSOLE_PORT\n"
    )


def test_ctrl_c_while_training_ends_the_training_and_what_it_started(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(SLOW_TRAINING="1")
    assert until((tmp_path / "data/grandchild").exists)
    assert "training the intent model" in run.said
    assert until(lambda: "console" in run.state.get("pids", {}))
    assert run.stop() == 0
    assert using(tmp_path / "data") == []


def test_a_second_ctrl_c_kills_what_does_not_end(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(STUBBORN="1")
    run.until_ready()
    run.process.send_signal(signal.SIGINT)
    assert until(lambda: "stopping" in run.said)
    time.sleep(0.7)  # sooner, the signal counts as an echo of the first
    assert run.stop() == 1
    assert "worker does not end by itself: killing it" in run.said
    assert using(tmp_path / "data") == []


def test_what_cannot_start_is_shown_with_the_end_of_its_log(start: Callable[..., Run], tmp_path: Path) -> None:
    run = start(HOTLINE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", SLOW_TRAINING="1")
    assert run.process.wait(20) == 1
    assert "cannot start: migrate failed. The end of" in run.said
    assert "port 1 failed" in run.said
    assert using(tmp_path / "data") == []
