"""Processes of a hotline that its supervisor does not own."""

from __future__ import annotations

import os
from pathlib import Path

from tests.e2e.stack import Stack


def belonging(stack: Stack) -> set[int]:
    """Everything that runs on the hotline's folder: it is named in the command, the environment or is the place."""
    mark = str(stack.data_dir.parent).encode()
    found = set()
    for place in Path("/proc").iterdir():
        if place.name.isdigit() and _mentions(place, mark):
            found.add(int(place.name))
    return found


def orphans(stack: Stack, outside: int) -> list[str]:
    """Those that neither the supervisor nor the world outside has started; the supervisor's watchdog is its own."""
    owners = {stack.process.pid, outside}
    return [_named(pid) for pid in sorted(belonging(stack)) if not _descends(pid, owners)]


def _mentions(place: Path, mark: bytes) -> bool:
    for name in ("cmdline", "environ", "cwd"):
        try:
            path = place / name
            if mark in (os.fsencode(path.readlink()) if name == "cwd" else path.read_bytes()):
                return True
        except OSError:
            continue
    return False


def _descends(pid: int, ancestors: set[int]) -> bool:
    while pid > 1:
        if pid in ancestors:
            return True
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return True  # it has ended meanwhile
    return False


def _named(pid: int) -> str:
    try:
        return f"{pid} {Path(f'/proc/{pid}/cmdline').read_bytes().replace(bytes(1), b' ').decode()[:80]}"
    except OSError:
        return str(pid)
