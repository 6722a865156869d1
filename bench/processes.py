"""What processes cost, read from /proc: memory and processor time of a process and everything it started."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """MB (10^6 bytes) of a process tree. ``pss`` shares out common pages; None where they may not be read."""

    processes: int
    rss: float
    pss: float | None


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, …; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree(root: int, apart: Collection[int] = ()) -> list[int]:
    """A process and all below it, but for those ``apart`` and what is below them."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(child for child in parents.get(pid, ()) if child not in apart)
    return found


def cpu_seconds(root: int, apart: Collection[int] = ()) -> float:
    """Processor time of a tree so far, that of children which have ended included."""
    ticks = sum(sum(map(int, fields[11:15])) for pid in tree(root, apart) if (fields := _fields(pid)))
    return ticks / _TICK


def memory(root: int, apart: Collection[int] = ()) -> Memory:
    """Memory of a tree now."""
    rss, pss = 0, 0
    readable = True
    pids = tree(root, apart)
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except PermissionError:
            readable = False
            continue
        except OSError:
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
        rss += sizes.get("Rss", 0)
        pss += sizes.get("Pss", 0)
    return Memory(len(pids), rss * 1024 / 1e6, pss * 1024 / 1e6 if readable else None)
