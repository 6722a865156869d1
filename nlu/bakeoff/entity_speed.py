"""``python -m nlu.bakeoff.entity_speed``: processor time that finding entities takes, ms per 1,000 characters."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from nlu.entities import extract
from nlu.evaluate import files, rows
from nlu.safety_net import SafetyNet
from nlu.train import ROOM

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SIZE = 10_000
MONOTONOUS = (
    "1",
    "一",
    "万",
    "1 ",
    "1,",
    "a.",
    "昨天",
    "转了",
    "¥",
    "6200",
    "第一次",
    "w",
    "@",
    "点com",
    "\u200b",
    "😀",
)


def milliseconds(text: str) -> float:
    """Best of three, per 1,000 characters."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        extract(text, NOW)
        best = min(best, time.process_time() - began)
    return best * 1000 * 1000 / len(text)


def main() -> int:
    """Print a line per input."""
    inputs = {repr(unit): (unit * SIZE)[:SIZE] for unit in MONOTONOUS}
    texts = [row.text for path in files([], everything=True) if path.parent == ROOM / "test" for row in rows(path)]
    inputs["the test texts in one"] = "\n".join(texts)[:SIZE]
    net, began = SafetyNet(), time.process_time()
    for text in texts:
        net.check(text)
    print(f"rules: {(time.process_time() - began) * 1000 / len(texts):.2f} ms a text")
    for name, text in sorted(inputs.items(), key=lambda item: -milliseconds(item[1])):
        print(f"{milliseconds(text):6.2f}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
