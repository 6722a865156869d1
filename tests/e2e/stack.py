"""A real hotline for the tests: ``python -m bot.run`` on a folder and ports of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from click.testing import CliRunner

from bot.cli.main import cli
from bot.run import state
from bot.run.checks import answers, free_port, model_answers
from storage.servers.guarded import runs

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
TO_START = 400.0  # seconds; a missing model is trained first
GENEROUS = 60.0  # seconds that anything may take; no test says how fast things are


def until(condition: Callable[[], T], what: str, seconds: float = GENEROUS, every: float = 0.1) -> T:
    """Wait until the condition holds and return what it found."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s"
        time.sleep(every)
    return found


class Stack:
    """The supervisor and everything it keeps running. ``settings``: more ``HOTLINE_`` variables by short name."""

    def __init__(self, **settings: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hotline-e2e-", ignore_cleanup_errors=True)
        self.data_dir = Path(self._folder.name) / "data"
        self.data_dir.mkdir()
        # PostgreSQL runs as another user where the tests run as root.
        Path(self._folder.name).chmod(0o755)
        self.terminal = Path(self._folder.name) / "terminal.txt"
        ports = {f"HOTLINE_{name}_PORT": str(free_port()) for name in ("INTAKE", "CONSOLE", "SANDBOX")}
        plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        given = {f"HOTLINE_{name}": value for name, value in settings.items()}
        self.env = {**plain, **ports, "HOTLINE_MODE": "sandbox", "HOTLINE_DATA_DIR": str(self.data_dir), **given}
        self.process = self._launch()

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.terminal.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "bot.run"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start_again(self) -> None:
        """Begin anew on the same folder and ports, as somebody does after the supervisor was killed."""
        self.process.wait()
        self.process = self._launch()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once everything runs; fail with the terminal's words otherwise."""

        def ready() -> bool:
            assert self.process.poll() is None, f"the hotline did not start:\n{self.said()}"
            found = state.read(self.data_dir)
            return found is not None and found.ready and found.pid == self.process.pid

        until(ready, "the hotline's start", TO_START)

    def said(self) -> str:
        """Everything the supervisor wrote to its terminal."""
        return self.terminal.read_text(errors="replace")

    def log(self, name: str) -> str:
        """Everything a process logged since the supervisor began."""
        return (self.data_dir / "logs" / f"{name}.log").read_text(errors="replace")

    @property
    def run(self) -> state.RunState:
        """``run.json`` as it is now."""
        found = state.read(self.data_dir)
        assert found is not None, "the hotline does not run"
        return found

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that sandbox mode made up."""
        found: dict[str, str] = json.loads((self.data_dir / "secrets.json").read_text())
        return found

    def url(self, name: str) -> str:
        """The address of intake, console or sandbox."""
        return self.run.urls[name]

    def command(self, *words: str) -> str:
        """Run ``python -m bot …`` against this hotline; its output. It has to succeed."""
        ran = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert ran.returncode == 0, f"bot {' '.join(words)}: {ran.stdout}{ran.stderr}"
        return ran.stdout

    def kill(self, name: str) -> None:
        """``kill -9`` one process; the supervisor starts it again."""
        os.kill(self.run.pids[name], signal.SIGKILL)

    def restarts(self, name: str) -> int:
        """How often the supervisor has started a process again."""
        return self.run.restarts[name]

    @contextmanager
    def killed(self, name: str) -> Iterator[None]:
        """``kill -9`` a process, do something, and wait until it has been started again and works."""
        before = self.restarts(name)
        self.kill(name)
        try:
            yield
        finally:
            until(lambda: self.restarts(name) > before, f"the restart of {name}")
            self.wait_until_it_works(name)

    def wait_until_it_works(self, name: str) -> None:
        """Return once a process answers (for the worker: once it runs)."""
        if name == "nlu":
            url, token = self.run.nlu_urls[0], self.secrets["nlu_token"]
            until(lambda: model_answers(url, token), "the model", 120)
        elif name in self.run.urls:
            until(lambda: answers(self.url(name) + "/healthz"), name)
        elif name == "postgres":
            until(lambda: answers(self.url("intake") + "/readyz"), "the database")
        else:
            until(lambda: runs(self.run.pids[name]), name)

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Hold a process still for a while."""
        pid = self.run.pids[name]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def stop(self) -> list[int]:
        """End everything as Ctrl-C does; returns the processes that are left, which is none."""
        known: list[int] = []
        with suppress(AssertionError):
            known = [*self.run.pids.values(), self.run.watchdog]
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        left = [pid for pid in known if runs(pid)]
        self._folder.cleanup()
        return left

    def json(self, what: str) -> list[dict[str, Any]]:
        """What a ``list`` command says, with personal data; run in this process, for it is asked hundreds of times."""
        ran = CliRunner().invoke(cli, [what, "list", "--json", "--reveal"], env=self.env, catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        return found
