"""One process under the supervisor: its log, its restarts, its end."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from storage.servers.guarded import Guard, Launch, signal_group

DELAYS = (1, 2, 4, 8)  # seconds before a restart; the last one repeats: a loss must not wait for a process longer
STEADY = 60.0  # seconds after which a process counts as healthy and the delays begin anew
LOGS_KEPT = 5
CHUNK = 64 * 1024  # bytes of a log read at a time
WARNINGS = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b")
ERRORS = re.compile(r"\b(ERROR|CRITICAL)\b")


class Stage(IntEnum):
    """Higher ends first: what writes records ends before the database it writes to."""

    DATABASE = 0
    CACHE = 1
    APP = 2


@dataclass(frozen=True, slots=True)
class Service:
    """A process to keep running.

    ``ready`` says whether it does its work; it must also have run for ``settle`` seconds. ``prepare`` runs
    before every start. ``echo`` picks the lines of its log that also go to the terminal; None: no line.
    ``patience`` and ``grace`` are the seconds it gets to become ready and to end.
    """

    name: str
    launch: Launch
    ready: Callable[[], bool]
    stage: Stage = Stage.APP
    prepare: Callable[[], None] = lambda: None
    echo: re.Pattern[str] | None = WARNINGS
    settle: float = 0.0
    patience: float = 90.0
    grace: float = 10.0


@dataclass(slots=True)
class Child:
    """A started service. ``ends`` counts how often it ended by itself since it was last steady."""

    service: Service
    log: Path
    process: subprocess.Popen[bytes]
    begun: float = field(default_factory=time.monotonic)
    ends: int = 0
    restarts: int = 0
    due: float | None = None
    read_to: int = 0

    def delay(self) -> int:
        """Seconds to wait before the next start."""
        return DELAYS[min(self.ends, len(DELAYS)) - 1]

    def running(self) -> bool:
        """Whether the process has not ended."""
        return self.process.poll() is None

    def works(self) -> bool:
        """Whether it runs, has run long enough to tell, and does its work."""
        long_enough = time.monotonic() - self.begun >= self.service.settle
        return self.due is None and self.running() and long_enough and self.service.ready()

    def new_warnings(self) -> list[str]:
        """Lines worth showing that were logged since the last call; a half-written line waits."""
        if self.service.echo is None:
            return []
        with self.log.open("rb") as log:
            log.seek(self.read_to)
            fresh = log.read(CHUNK)
        whole = fresh[: fresh.rfind(b"\n") + 1] if len(fresh) < CHUNK else fresh
        self.read_to += len(whole)
        lines = whole.decode(errors="replace").splitlines()
        return [line[:300] for line in lines if self.service.echo.search(line)]


def rotate(log: Path) -> None:
    """Move a log aside: name.log → name.log.1 → … , the oldest is dropped."""
    if not log.exists():
        return
    for number in range(LOGS_KEPT - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))


def spawn(guard: Guard, launch: Launch, log: Path) -> subprocess.Popen[bytes]:
    """Start a process that appends to its log."""
    with log.open("ab") as output:
        return guard.spawn(launch, output)


def ended(guard: Guard, process: subprocess.Popen[bytes]) -> None:
    """After a process has ended: nothing it started stays behind."""
    signal_group(process, signal.SIGKILL)
    guard.forget(process)
