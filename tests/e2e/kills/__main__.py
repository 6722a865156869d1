"""``python -m tests.e2e.kills``: the long run; prints a table and one line of JSON. Exit code 1: something broke."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.kills.course import Plan, Result, play
from tests.e2e.kills.report import json_line, table
from tests.e2e.stack import Stack

ROUNDS = 5


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6, help="the same kills again")
    parser.add_argument("--kills", type=int, default=210, help="how many in all, over five rounds")
    parser.add_argument("--residents", type=int, default=5, help="how many tell of a loss at once")
    parser.add_argument("--minutes", type=float, default=50, help="after which no more is killed")
    given = parser.parse_args()
    plan = Plan(
        given.seed, ROUNDS, -(-given.kills // ROUNDS), given.residents, seconds=given.minutes * 60, supervisor=True
    )
    say(f"seed {plan.seed}")
    result, left = play(plan, say, keep)
    result.broken += [f"process {pid} is left" for pid in left]
    return show(result)


def show(result: Result) -> int:
    """The outcome on the terminal; the exit code."""
    say(table(result))
    say(json_line(result))
    return 1 if result.broken else 0


def keep(stack: Stack) -> None:
    """Keep the logs of a run that broke something."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-kills-"))
    shutil.copytree(stack.data_dir / "logs", folder / "logs")
    shutil.copy(stack.terminal, folder)
    say(f"logs kept in {folder}")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
