"""``python -m bench``: the whole stack against Rasa's own REST channel, on this machine, in one run.

Prints progress and a table; the last line is one JSON object. Takes about five minutes and a minute more when the
peer's model is stale; ``--quick`` about one minute, for a smoke test. Everything listens on loopback or sockets.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench import course, ours, report, theirs
from bench.wechat_api import WeChatApi
from nlu import train
from storage.servers.server import EmbeddedError


def say(line: str) -> None:
    """One line of progress."""
    print(line, flush=True)


def run(plan: course.Plan, folder: Path) -> dict[str, object]:
    """Start both sides, measure, stop them."""
    say("models …")
    train.train()
    model = theirs.model()
    with ExitStack() as stack:
        api = stack.enter_context(WeChatApi().running())
        say("starting both sides …")
        hotline = stack.enter_context(ours.running(folder, api.port))
        peer = stack.enter_context(theirs.running(folder, model))
        measuring = course.Course(plan, hotline, peer, api, say)
        measuring.warm_up()
        measuring.rounds()
        half = measuring.half_load()
        burst = measuring.burst()
        return report.result(measuring, half, burst)


def main() -> int:
    """0 when it was measured; whatever was started has ended."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="The hotline against Rasa's REST channel.")
    parser.add_argument("--quick", action="store_true", help="a smoke test of about a minute; its numbers mean little")
    plan = course.QUICK if parser.parse_args().quick else course.FULL
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    try:
        found = run(plan, folder)
    except (ours.StartError, train.TrainingFailed, EmbeddedError) as error:
        print(f"cannot measure: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(report.table(found))
    say(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
