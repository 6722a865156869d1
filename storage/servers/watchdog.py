"""Ends processes whose starter died: a script, run by :mod:`storage.servers.guarded` with a pipe on its standard input.

One line per change: ``+ PID SIGNAL`` (watch this process group, end it with that signal) or ``- PID``. The
pipe closes when the starter closes it or dies, kill -9 included; whatever is still watched then is ended.
Standard library only: it must start fast and depend on nothing. A process of its own rather than
PR_SET_PDEATHSIG: that signal reaches no grandchildren and fires when a mere thread of the starter ends.
"""

from __future__ import annotations

import os
import signal
import sys
import time

GRACE = 15.0  # seconds between asking and killing


def _alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _signal(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def end_all(watched: dict[int, int]) -> None:
    """Ask every group to end, last started first; kill what is left after the grace period."""
    for pid, number in reversed(watched.items()):
        _signal(pid, number)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(_alive(pid) for pid in watched):
        time.sleep(0.05)
    for pid in watched:
        _signal(pid, signal.SIGKILL)


def main() -> None:
    """Follow the lines until the pipe closes, then clear up."""
    watched: dict[int, int] = {}
    for line in sys.stdin:
        sign, pid, *rest = line.split()
        if sign == "+":
            watched[int(pid)] = int(rest[0])
        else:
            watched.pop(int(pid), None)
    end_all(watched)


if __name__ == "__main__":
    main()
