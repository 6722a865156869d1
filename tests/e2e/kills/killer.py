"""Kills: which process at which step, at a random moment, and how long until it works again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from storage.servers.guarded import runs
from tests.e2e.kills.steps import BETWEEN as BETWEEN_STEPS
from tests.e2e.kills.steps import STEPS, Steps
from tests.e2e.kills.targets import TARGETS, Target
from tests.e2e.stack import Stack

NOBODY_COMES = 12.0  # seconds after which somebody is killed without anybody being in a wanted step
WITHIN_STEP = (0.0, 1.5)  # seconds after a step was entered
BETWEEN = (0.3, 3.0)  # seconds between two kills
PATIENCE = 240.0  # seconds a process may take to work again
LOOK = 0.1


@dataclass(slots=True)
class Kill:
    """One kill. ``seconds``: until the process worked again; None: it never did."""

    target: str
    step: str
    at: float  # time.time()
    seconds: float | None = None


class Killer:
    """Kills each process at each step, in random order, as often as it is told."""

    def __init__(self, stack: Stack, random: Random, steps: Steps) -> None:
        self._stack = stack
        self._random = random
        self._steps = steps
        self._wanted: list[tuple[str, Target]] = []
        self._down: set[str] = set()
        self._lock = threading.Lock()
        self._watching: list[threading.Thread] = []
        self.kills: list[Kill] = []

    def strike(self, count: int, until: float) -> None:
        """Kill so many processes, unless the time (``time.monotonic``) is over before."""
        end = len(self.kills) + count
        while len(self.kills) < end and time.monotonic() < until:
            self._one()
            time.sleep(self._random.uniform(*BETWEEN))

    def kill_now(self, target: Target, mend: Callable[[], None]) -> None:
        """Kill one that nobody brings back, and mend that."""
        (pid,) = target.pids(self._stack)
        kill = Kill(target.name, BETWEEN_STEPS, time.time())
        os.kill(pid, signal.SIGKILL)
        self.kills.append(kill)
        mend()
        self._watch(target, kill, pid, 1)

    def wait(self) -> None:
        """Return when everything killed works again."""
        for watching in self._watching:
            watching.join()
        self._watching.clear()

    def _one(self) -> None:
        step = self._steps.wait_for({step for step, target in self._pairs() if self._is_up(target)}, NOBODY_COMES)
        time.sleep(self._random.uniform(*WITHIN_STEP))
        fitting = [pair for pair in self._pairs() if pair[0] == step and self._is_up(pair[1])]
        pair = next(iter(fitting), None)
        target = pair[1] if pair else self._random.choice(TARGETS)
        if self._kill(target, step) and pair:
            self._wanted.remove(pair)

    def _pairs(self) -> list[tuple[str, Target]]:
        """What is still wanted; when everything has been done once, all of it again."""
        if not self._wanted:
            self._wanted = [(step, target) for step in STEPS for target in TARGETS]
            self._random.shuffle(self._wanted)
        return self._wanted

    def _is_up(self, target: Target) -> bool:
        with self._lock:
            return target.name not in self._down

    def _kill(self, target: Target, step: str) -> bool:
        pids = target.pids(self._stack)
        if not self._is_up(target) or not pids:
            return False
        with self._lock:
            self._down.add(target.name)
        pid, kill = self._random.choice(pids), Kill(target.name, step, time.time())
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            with self._lock:
                self._down.discard(target.name)
            return False
        self.kills.append(kill)
        watching = threading.Thread(target=self._watch, args=(target, kill, pid, len(pids)), daemon=True)
        watching.start()
        self._watching.append(watching)
        return True

    def _watch(self, target: Target, kill: Kill, pid: int, before: int) -> None:
        while time.time() - kill.at < PATIENCE:
            now = target.pids(self._stack)
            replaced = not runs(pid) and len(now) >= (before if before <= TWO else 1)
            if replaced and target.works(self._stack, kill.at):
                kill.seconds = time.time() - kill.at
                break
            time.sleep(LOOK)
        with self._lock:
            self._down.discard(target.name)


TWO = 2  # so many workers a web process has at most; connections come and go as they are needed
