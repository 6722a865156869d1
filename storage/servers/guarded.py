"""Processes that end when their starter does, and the lock that keeps one starter per data folder."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


class LockedError(Exception):
    """Another program holds the lock; the text says which process."""


class FolderLock:
    """An exclusive lock on a file; the kernel releases it when every process that holds it is gone."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = path.open("a+")
        self.path = path

    def take(self, wait: float = 20.0) -> None:
        """Take the lock, or raise :class:`LockedError`.

        A living holder is refused at once. A dead one may have left its watchdog clearing up, which keeps
        the lock for a moment: that is waited for, at most ``wait`` seconds.
        """
        deadline = time.monotonic() + wait
        while not self._try():
            holder = self._holder()
            if runs(holder) or time.monotonic() > deadline:
                self._file.close()
                raise LockedError(f"{self.path.parent} is in use by process {holder}: stop that one first")
            time.sleep(0.1)
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def fileno(self) -> int:
        """Descriptor to hand to the watchdog, so that the lock outlives a killed starter."""
        return self._file.fileno()

    def release(self) -> None:
        """Let others in."""
        self._file.close()

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        self._file.seek(0)
        text = self._file.read().strip()
        return int(text) if text.isdigit() else 0


def runs(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run: ``user`` is the system user to become (only as root), ``stop`` the signal that ends it."""

    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM


class Guard:
    """Starts processes, each in a group of its own, and a watchdog that ends them should we die."""

    def __init__(self, *locks: FolderLock) -> None:
        script = Path(__file__).with_name("watchdog.py")
        self._one_line = threading.Lock()
        self._watchdog = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-S", "-E", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            cwd="/",
            start_new_session=True,
            pass_fds=[lock.fileno() for lock in locks],
        )

    @property
    def pid(self) -> int:
        """Process id of the watchdog."""
        return self._watchdog.pid

    def spawn(self, launch: Launch, output: int | IO[bytes] | None) -> subprocess.Popen[bytes]:
        """Start a process; both its output streams go to ``output``."""
        process = subprocess.Popen(  # noqa: S603 - the caller's fixed command
            launch.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=launch.env,
            cwd=launch.cwd,
            user=launch.user,
            group=launch.user,
            extra_groups=[] if launch.user else None,
            start_new_session=True,
        )
        self._tell(f"+ {process.pid} {int(launch.stop)}")
        return process

    def forget(self, process: subprocess.Popen[bytes]) -> None:
        """The process has ended: watch it no longer."""
        self._tell(f"- {process.pid}")

    def close(self) -> None:
        """End the watchdog, and with it whatever is still watched."""
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        self._watchdog.wait()

    def _tell(self, line: str) -> None:
        if self._watchdog.stdin is None or self._watchdog.poll() is not None:
            return
        with self._one_line:
            self._watchdog.stdin.write(line + "\n")
            self._watchdog.stdin.flush()


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to a process and everything it started."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
