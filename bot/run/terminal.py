"""What the person at the terminal sees."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SIGN_OF_LIFE = 10.0  # seconds between two lines about the same step


class Terminal:
    """Lines of progress; safe to use from several threads."""

    def __init__(self) -> None:
        self._one_line = threading.Lock()

    def say(self, line: str) -> None:
        """Print one line at once."""
        with self._one_line:
            try:
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
            except OSError:
                return  # the terminal is gone; the processes are not

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say that a step begins, that it still goes on, and how long it took."""
        begun = time.monotonic()
        done = threading.Event()

        def sign_of_life() -> None:
            while not done.wait(SIGN_OF_LIFE):
                self.say(f"{what} … {time.monotonic() - begun:.0f} s")

        self.say(f"{what} …")
        reporter = threading.Thread(target=sign_of_life, daemon=True)
        reporter.start()
        try:
            yield
        finally:
            done.set()
        self.say(f"{what}: done in {time.monotonic() - begun:.1f} s")
