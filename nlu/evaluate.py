"""Measures understanding on labelled texts, through the path the bot uses: safety net, model, entities.

``python -m nlu.evaluate FILE.jsonl --json [--url URL] [--errors]`` prints one JSON object; ``--all`` takes the written
test set and every file of ``../shared/data/eval``. Lines: ``{"text", "intent"}`` and/or ``{"acceptable": [...],
"never": [...]}``, optionally ``"entities": [{"type", "text", "value"}]`` and ``"fraud_type"``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nlu.client import NluClient
from nlu.safety_net import SafetyNet
from nlu.scores import Row, Verdict, summary
from nlu.temporary_server import ServerFailed, running
from nlu.train import ROOM, TrainingFailed
from nlu.types import Intent
from nlu.understand import Understander

SHARED = ROOM.parent.parent / "shared" / "data" / "eval"
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))  # "yesterday" means the same in every run


class BadFile(Exception):
    """A line that is no labelled text; the message names file and line."""


def rows(path: Path) -> Iterator[Row]:
    """The labelled texts of one file."""
    known = {intent.value for intent in Intent}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = Row.read(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise BadFile(f"{path.name}:{number}: {wrong}") from wrong
        unknown = {row.intent, *row.acceptable, *row.never} - known - {""}
        if unknown:
            raise BadFile(f"{path.name}:{number}: unknown intent {', '.join(sorted(unknown))}")
        yield row


def judge(understander: Understander, net: SafetyNet, labelled: Iterable[Row]) -> list[Verdict]:
    """What the hotline makes of each text."""
    return [Verdict(row, understander.understand(row.text, NOW), net.check(row.text).urgent) for row in labelled]


@dataclass(frozen=True, slots=True)
class Report:
    """Figures and verdicts of one file."""

    name: str
    figures: dict[str, object]
    verdicts: Sequence[Verdict]


def report(path: Path, understander: Understander, net: SafetyNet) -> Report:
    """Evaluate one file."""
    began = time.perf_counter()
    verdicts = judge(understander, net, rows(path))
    figures = summary(verdicts)
    figures["seconds"] = round(time.perf_counter() - began, 2)
    return Report(path.name, figures, verdicts)


_COLUMNS = (
    "n", "accuracy", "macro_f1", "urgent_recall", "urgent_recall_rules_only", "urgent_false_alarm_rate",
    "acceptable_rate", "never_violations", "fallback_rate", "fraud_type_macro_f1",
)  # fmt: skip


def table(reports: Sequence[Report]) -> str:
    """One line a file, one column a figure."""
    head = ["file", *_COLUMNS]
    lines = [[one.name, *(_shown(one.figures.get(column)) for column in _COLUMNS)] for one in reports]
    widths = [max(len(line[place]) for line in [head, *lines]) for place in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in [head, *lines]
    )


def _shown(figure: object) -> str:
    return "–" if figure is None else f"{figure:.4f}" if isinstance(figure, float) else str(figure)


def errors(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The wrong ones, a line each."""
    for verdict in verdicts:
        wrong = verdict.wrong()
        if wrong:
            yield f"{wrong}\t{verdict.row.text}".replace("\n", " ")


def files(given: Sequence[str], everything: bool) -> list[Path]:
    """What is to be evaluated."""
    chosen = [Path(name) for name in given]
    if everything:
        chosen += sorted((ROOM / "test").glob("*.jsonl"))
        chosen += sorted(SHARED.glob("*.jsonl")) if SHARED.is_dir() else []
    return chosen


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m nlu.evaluate", description="Measure the intent model and its net.")
    parser.add_argument("files", nargs="*", metavar="FILE.jsonl")
    parser.add_argument("--all", action="store_true", help="the written test set and every file of ../shared/data/eval")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--url", action="append", help="NLU server; else HOTLINE_NLU_URLS, else one is started")
    parser.add_argument("--errors", action="store_true", help="list the wrong ones on stderr")
    return parser.parse_args()


def main() -> int:
    """Evaluate; exit 2 if there is nothing to evaluate or no server."""
    given = _arguments()
    chosen = files(given.files, given.all)
    if not chosen:
        print("nothing to evaluate: name a file or use --all", file=sys.stderr)
        return 2
    urls = given.url or [url.strip() for url in os.environ.get("HOTLINE_NLU_URLS", "").split(",") if url.strip()]
    token = os.environ.get("HOTLINE_NLU_TOKEN", "")
    net = SafetyNet()
    try:
        with ExitStack() as stack:
            if not urls:
                server = stack.enter_context(running())
                urls, token = [server.url], server.token
            understander = Understander(NluClient(urls, token, timeout=5.0), net)
            reports = [report(path, understander, net) for path in chosen]
    except (BadFile, OSError, ServerFailed, TrainingFailed) as failure:
        print(failure, file=sys.stderr)
        return 2
    _print(reports, given)
    return 0


def _print(reports: Sequence[Report], given: argparse.Namespace) -> None:
    if given.errors:
        for one in reports:
            for line in errors(one.verdicts):
                print(f"{one.name}\t{line}", file=sys.stderr)
    if not given.json:
        print(table(reports))
    single = len(reports) == 1 and not given.all
    figures: object = reports[0].figures if single else {one.name: one.figures for one in reports}
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
