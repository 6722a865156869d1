"""The figures of a run, for people and for programs."""

from __future__ import annotations

import json
import os
import platform
from collections import Counter
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from tests.e2e.kills.course import Result

HEAD = ("process", "kills", "steps hit", "median s", "max s")


def _rows(result: Result) -> list[tuple[str, int, int, float, float]]:
    rows = []
    for target in dict.fromkeys(kill.target for kill in result.kills):
        own = [kill for kill in result.kills if kill.target == target]
        times = [kill.seconds for kill in own if kill.seconds is not None] or [float("inf")]
        rows.append((target, len(own), len({kill.step for kill in own}), round(median(times), 1), round(max(times), 1)))
    return sorted(rows)


def table(result: Result) -> str:
    """Time to work again, by process, as Markdown."""
    lines = [f"| {' | '.join(HEAD)} |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in _rows(result))])


def json_line(result: Result) -> str:
    """Everything, in one line."""
    waits = sorted(wait for told in result.told for wait in told.waits)
    found: dict[str, Any] = {
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "seed": result.seed,
        "seconds": round(result.seconds),
        "kills": len(result.kills),
        "kills_by_step": dict(sorted(Counter(kill.step for kill in result.kills).items())),
        "losses": {channel: sum(told.channel == channel for told in result.told) for channel in ("wechat", "sms")},
        "messages": sum(len(told.said) for told in result.told),
        "not_taken": sum(not said.taken for told in result.told for said in told.said),
        "asked_again": sum(len(told.asked_again) for told in result.told),
        "cards": result.cards,
        "ladder_steps_fired": result.steps,
        "states_set": result.acted,
        "bubbles_read": sum(len(told.bubbles) for told in result.told),
        "read_twice": result.twice,
        "wait_for_answer_s": {
            "median": round(median(waits), 1) if waits else None,
            "p95": round(quantiles(waits, n=20)[-1], 1) if len(waits) > 1 else None,
            "max": round(max(waits), 1) if waits else None,
        },
        "recovery": [
            dict(zip(("process", "kills", "steps", "median_s", "max_s"), row, strict=True)) for row in _rows(result)
        ],
        "broken": len(result.broken),
    }
    return json.dumps(found, ensure_ascii=False)
