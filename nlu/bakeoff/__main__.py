"""``python -m nlu.bakeoff [NAME…]``: train and measure the candidates, all or some; results in docs/nlu-bakeoff.json.

A run of some keeps the others' results of earlier runs. Hours on two cores: DIET is slow to train.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import yaml

from nlu.bakeoff.measure import candidate, control
from nlu.evaluate import SHARED, rows
from nlu.scores import Row
from nlu.temporary_server import ServerFailed
from nlu.train import ROOM

RESULTS = ROOM.parent / "docs" / "nlu-bakeoff.json"
COLUMNS = (
    "accuracy", "macro_f1", "urgent_recall", "urgent_false_alarms", "blind_accuracy", "blind_macro_f1",
    "blind_urgent_recall", "blind_urgent_false_alarms", "not_urgent_raised", "out_of_scope",
    "sure_and_wrong_outside", "ece", "training_seconds", "ready_seconds", "megabytes", "p50_ms", "p99_ms",
    "requests_a_second",
)  # fmt: skip


def labelled() -> dict[str, list[Row]]:
    """The written test sets, and of the texts by strangers those that are not urgent."""
    paths = sorted((ROOM / "test").glob("*.jsonl"))
    paths += sorted(SHARED.glob("*not_urgent.jsonl")) + sorted(SHARED.glob("assistant*.jsonl"))
    return {path.stem: list(rows(path)) for path in paths}


def table(results: dict[str, dict[str, object]]) -> str:
    """The results in Markdown, a row a candidate."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, figures in results.items():
        cells = ("–" if figures.get(column) is None else str(figures[column]) for column in COLUMNS)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Measure, keep, print."""
    known = yaml.safe_load(Path(__file__).with_name("candidates.yml").read_text(encoding="utf-8"))
    wanted = sys.argv[1:] or ["control", *known]
    unknown = set(wanted) - {"control", *known}
    if unknown:
        print(f"no such candidate: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    files = labelled()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name in wanted:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            results[name] = control(files) if name == "control" else candidate(known[name], files)
        except (subprocess.CalledProcessError, ServerFailed) as failed:
            said = getattr(failed, "stderr", None) or b""
            print(f"{name}: {failed}\n{said[-1500:]!r}", file=sys.stderr)
            continue
        RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
