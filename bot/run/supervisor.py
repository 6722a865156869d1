"""Keeps the services running: restarts what ends, shows warnings, ends everything in order."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.run.child import DELAYS, STEADY, Child, Service, Stage, ended, rotate, spawn
from bot.run.terminal import Terminal
from storage.servers.guarded import Guard, Launch, signal_group
from storage.servers.server import last_lines

TICK = 0.1
TRIES = 3  # a service that ends this often before it was ever ready fails the start
BETWEEN_SIGNALS = 0.5  # a process group's signal may arrive twice: from the terminal and from make


class StartError(Exception):
    """The start failed; the text says what and where to look."""


class StoppedError(Exception):
    """The start is of no use any more: someone asked to stop, or another part of it failed."""


class Supervisor:
    """Owns the children of one run. Starting happens in other threads, restarting in the thread of :meth:`keep`."""

    def __init__(self, data_dir: Path, guard: Guard, terminal: Terminal) -> None:
        self.data_dir = data_dir
        self.guard = guard
        self.terminal = terminal
        self.children: list[Child] = []
        self.changed: Callable[[], None] = lambda: None
        self.heed: Callable[[], None] = lambda: None  # looks for what somebody asked of a running hotline
        # Plain flags: a signal handler must not take an event's lock that its own thread may hold.
        self.stopping = False
        self.forced = False
        self.abandoned = False  # the start failed: what it is still doing is of no use
        self._asked = 0.0
        self._lock = threading.RLock()
        (data_dir / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)

    def ask_to_stop(self, *_: object) -> None:
        """Signal handler: the first asks, a later one forces."""
        if self.stopping and time.monotonic() - self._asked > BETWEEN_SIGNALS:
            self.forced = True
        elif not self.stopping:
            self._asked = time.monotonic()
            self.stopping = True

    def log_of(self, name: str) -> Path:
        """Where a process writes."""
        return self.data_dir / "logs" / f"{name}.log"

    def start(self, service: Service) -> Child:
        """Start a service and return when it is ready."""
        return self.start_all([service])[0]

    def start_all(self, services: Sequence[Service]) -> list[Child]:
        """Start services side by side and return when all are ready."""
        begun = time.monotonic()
        started = waiting = [self.launch(service) for service in services]
        while waiting := [child for child in waiting if not child.works()]:
            self.pause()
            for child in waiting:
                self._check_start(child, time.monotonic() - begun)
        return started

    def launch(self, service: Service) -> Child:
        """Start a service and keep it running from now on."""
        log = self.log_of(service.name)
        rotate(log)
        service.prepare()
        with self._lock:
            self._refuse_when_stopping()
            child = Child(service, log, spawn(self.guard, service.launch, log))
            self.children.append(child)
        self.changed()
        return child

    def try_out(self, service: Service, fault: Callable[[], str]) -> Child:
        """Start a service that nobody depends on yet and return it when it is ready; it is not kept running so far.

        Raises :class:`StartError` and leaves no process when it ends, takes too long, or ``fault`` finds a reason.
        """
        log = self.log_of(service.name)
        rotate(log)
        with self._lock:
            self._refuse_when_stopping()
            child = Child(service, log, spawn(self.guard, service.launch, log))
        try:
            while not child.works():
                self.pause()
                self._check_trial(child, fault())
        except BaseException:
            self._end(child)
            raise
        return child

    def adopt(self, child: Child) -> None:
        """Keep a service running from now on that was tried out."""
        with self._lock:
            self.children.append(child)
        self.changed()

    def retire(self, old: Child, successor: Child) -> None:
        """End a service for good; its successor takes over its name and the name of its log."""
        with self._lock:
            self.children.remove(old)
        self._end(old)
        log = self.log_of(old.service.name)
        with self._lock:
            rotate(log)
            successor.log.replace(log)
            successor.log, successor.service = log, replace(successor.service, name=old.service.name)
        self.changed()

    def run(self, name: str, launch: Launch) -> None:
        """Run a command to its end; :class:`StartError` with its last words when it fails."""
        log = self.log_of(name)
        rotate(log)
        with self._lock:
            self._refuse_when_stopping()
            process = spawn(self.guard, launch, log)
        self._finish(process)
        if process.returncode:
            raise StartError(f"{name} failed. The end of {log}:\n{self._end_of(log)}")

    def output_of(self, launch: Launch) -> tuple[int, str]:
        """Run a short command; its exit code and what it printed, which no log keeps."""
        with self._lock:
            self._refuse_when_stopping()
            process = self.guard.spawn(launch, subprocess.PIPE)
        try:
            printed, _ = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            printed = b""
            signal_group(process, signal.SIGKILL)
            process.communicate()
        ended(self.guard, process)
        return process.returncode, printed.decode(errors="replace")

    def pause(self) -> None:
        """Let a moment pass while starting; raises :class:`StoppedError` once asked to stop."""
        self._refuse_when_stopping()
        time.sleep(TICK)

    def keep(self, until: Callable[[], bool] = lambda: False) -> None:
        """Watch the children until asked to stop, or until something else is true."""
        while not self.stopping and not until():
            self.tick()
            self.heed()
            time.sleep(TICK)

    def tick(self) -> None:
        """Show new warnings, notice what ended, start again what is due."""
        with self._lock:  # none is replaced meanwhile
            for child in self.children:
                for line in child.new_warnings():
                    self.terminal.say(f"{child.service.name}: {line}")
                if child.due is None and not child.running():
                    self._note_end(child)
                elif child.due is not None and time.monotonic() >= child.due:
                    self._restart(child)

    def stop(self) -> None:
        """End everything, the database last. Returns when nothing is left."""
        self.stopping = True
        with self._lock:
            children = list(reversed(self.children))
        for stage in sorted(Stage, reverse=True):
            living = [child for child in children if child.service.stage is stage and child.due is None]
            for child in living:
                signal_group(child.process, child.service.launch.stop)
            for child in living:
                self._await_end(child)
        self.guard.close()

    def _end(self, child: Child) -> None:
        if child.due is None:
            signal_group(child.process, child.service.launch.stop)
            self._await_end(child)

    def _check_trial(self, child: Child, fault: str) -> None:
        if not child.running():
            fault = f"it ended by itself (exit code {child.process.returncode})"
        elif not fault and time.monotonic() - child.begun > child.service.patience:
            fault = f"it is not ready after {child.service.patience:.0f} s"
        if fault:
            raise StartError(f"{fault}. The end of {child.log}:\n{self._end_of(child.log)}")

    def _check_start(self, child: Child, elapsed: float) -> None:
        patience = child.service.patience
        if child.ends >= TRIES:
            how = "ends again and again"
        elif elapsed > patience:
            how = f"is not ready after {patience:.0f} s"
        else:
            return
        raise StartError(f"{child.service.name} {how}. The end of {child.log}:\n{self._end_of(child.log)}")

    @staticmethod
    def _end_of(log: Path) -> str:
        return "  " + last_lines(log, 15, "\n  ")

    def _refuse_when_stopping(self) -> None:
        if self.stopping or self.abandoned:
            raise StoppedError

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        try:
            while process.poll() is None:
                self.pause()
        finally:
            if process.poll() is None:
                signal_group(process, signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    signal_group(process, signal.SIGKILL)
                    process.wait()
            ended(self.guard, process)

    def _note_end(self, child: Child) -> None:
        ended(self.guard, child.process)
        if time.monotonic() - child.begun > STEADY:
            child.ends = 0
        child.ends += 1
        child.due = time.monotonic() + child.delay()
        code = child.process.returncode
        how = f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
        self.terminal.say(
            f"{child.service.name} ended by itself ({how}); starting it again in {child.delay()} s. Log: {child.log}"
        )

    def _restart(self, child: Child) -> None:
        try:
            child.service.prepare()
            child.process = spawn(self.guard, child.service.launch, child.log)
        except OSError as error:  # its program is gone or the disk is full: both may pass
            child.due = time.monotonic() + DELAYS[-1]
            self.terminal.say(f"{child.service.name} cannot start: {error}; trying again in {DELAYS[-1]} s")
            return
        child.begun, child.due = time.monotonic(), None
        child.restarts += 1
        self.changed()

    def _await_end(self, child: Child) -> None:
        deadline = time.monotonic() + child.service.grace
        while child.running() and time.monotonic() < deadline and not self.forced:
            time.sleep(0.02)
        if child.running():
            self.terminal.say(f"{child.service.name} does not end by itself: killing it")
            signal_group(child.process, signal.SIGKILL)
            child.process.wait()
        ended(self.guard, child.process)
