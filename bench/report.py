"""The result: a table for people, one JSON line for everything else."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from bench.course import LEVELS, PARSING, Course
from bench.job import Outcome
from bench.sides import Side
from bench.stats import percentile, ratio


def machine() -> dict[str, Any]:
    """What it ran on: usable processors, memory in MB (10^6 bytes), Python."""
    total = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "memory": int(total.split()[1]) * 1024 // 10**6,
        "python": platform.python_version(),
    }


def result(course: Course, half: Outcome, burst: dict[str, Any]) -> dict[str, Any]:
    """Everything, ready for JSON."""
    parsed = course.parsing.per_second
    return {
        "machine": machine(),
        "ours": _side(course.ours),
        "peer": _side(course.peer),
        "ratio": {
            str(level): round(ratio(course.ours.points[level].per_second, course.peer.points[level].per_second), 2)
            for level in LEVELS
        },
        "half_load_p99_ms": round(percentile(half.latencies, 0.99), 1),
        "half_load_failed": half.failed,
        "burst": burst,
        "parse_per_second": round(parsed, 1),
        "parse_share": round(ratio(course.ours.points[PARSING].per_second, parsed), 3),
        "understood": course.how_understood(),
        "memory_mb": {side.name: side.memory_mb() for side in (course.ours, course.peer)},
    }


def _side(side: Side) -> dict[str, Any]:
    return {str(level): point.as_json() for level, point in side.points.items()}


def table(found: dict[str, Any]) -> str:
    """The same for people."""
    lines = ["", f"{'residents at once':<26}{'ours/s':>9}{'peer/s':>9}{'ratio':>8}{'ours p99':>11}{'peer p99':>11}"]
    for level in LEVELS:
        ours, peer = found["ours"][str(level)], found["peer"][str(level)]
        lines.append(
            f"{level:<26}{ours['per_second']:>9}{peer['per_second']:>9}{found['ratio'][str(level)]:>8}"
            f"{ours['p99_ms']:>8} ms{peer['p99_ms']:>8} ms"
        )
    burst = found["burst"]
    lines += [
        f"half load: p99 {found['half_load_p99_ms']} ms",
        f"model alone: {found['parse_per_second']}/s, of which the whole stack reaches {found['parse_share']:.0%}",
        f"burst: {burst['stored']} of {burst['messages']} stored, {burst['replied']} replied to, "
        f"{burst['answered_twice']} twice, the last after {burst['last_reply_s']} s",
    ]
    for side in ("ours", "peer"):
        spent = found[side]["8"]["cpu_ms_per_message"].items()
        lines.append(f"processor, {side}, 8 at once: " + ", ".join(f"{name} {ms} ms" for name, ms in spent))
        use = found["memory_mb"][side].items()
        lines.append(f"memory, {side}: " + ", ".join(f"{name} {size['pss'] or size['rss']} MB" for name, size in use))
    return "\n".join([*lines, ""])
