"""``python -m bench.live``: from the receipt of the first urgent words to the card on an open board.

The whole stack under its supervisor, other residents writing meanwhile, once with the model and once with nobody
answering in its place. A second or so apart, one resident after another has just been robbed; an officer's page listens
and fetches as its script does. The clock starts before the webhook's request is sent and stops when the answer with the
card has come. Prints progress; the last line is one JSON object. About three minutes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import requests

from bench import ours
from bench.crowd import Post
from bench.generator import measure
from bench.job import Job
from bench.ours import Stack
from bench.stats import percentile
from bench.targets import WeChat
from bench.texts import Texts
from bench.viewer import Viewer
from bench.wechat_api import WeChatApi
from nlu import train
from nlu.safety_net import SafetyNet

PER_SECOND = 20  # messages of others
MOST = 40  # losses; with them the board still fits its first page
PATIENCE = 15.0  # seconds for the last card to come
LOSSES = (
    "我刚被骗了{yuan}元，刚转过去，怎么办",
    "刚刚给骗子转了{yuan}，快帮我止付",
    "我被骗{yuan}了，钱刚转走，还能追回来吗",
)
# Which card came of which resident's words; the hotline's own numbers, no content.
_CARDS = """
SELECT messages.external_id, stop_cards.id
FROM stop_cards JOIN messages ON messages.conversation_id = stop_cards.conversation_id AND messages.direction = 'in'
"""


class Losses:
    """Residents who have just been robbed, one after another. ``sent``: message id → moment before it was sent."""

    def __init__(self, stack: Stack, count: int, seconds: float) -> None:
        assert stack.intake.account is not None
        self._tencent = WeChat(stack.intake.account)
        self._port = stack.intake.port
        self._gap = seconds / count
        self._count = count
        self._random = Random(4)
        self.sent: dict[str, float] = {}

    def run(self) -> None:
        """Send them all, each at its moment."""
        began = time.perf_counter()
        senders = []
        for number in range(self._count):
            time.sleep(max(0.0, began + number * self._gap - time.perf_counter()))
            text = self._random.choice(LOSSES).format(yuan=self._random.randrange(1000, 90_000))
            sender = threading.Thread(target=self._send, args=(Post(f"oLoss{secrets.token_hex(11)}", text),))
            sender.start()
            senders.append(sender)
        for sender in senders:
            sender.join()

    def _send(self, post: Post) -> None:
        path, body, one_of_a_kind = self._tencent.delivery(post)
        number = hashlib.sha256(one_of_a_kind.encode()).hexdigest()  # as the hotline keeps it
        url = f"http://127.0.0.1:{self._port}{path}"
        self.sent[number] = time.perf_counter()
        for _ in range(self._tencent.deliveries):
            with suppress(requests.RequestException):
                requests.post(
                    url, data=body, headers={"Content-Type": "text/xml"}, timeout=self._tencent.limit
                ).raise_for_status()
                return


def _others(stack: Stack, seconds: float) -> Job:
    """Everybody else, evenly spread; nothing of theirs opens a card, so that the board shows only what is measured."""
    texts = Texts(Random(11), without=("urgent_loss", "seek_help", "check_progress", "consult", "check_suspicious"))
    net = SafetyNet()  # without the model it is wary: a quarter of the other texts would open a card
    heard = (text for text in iter(texts.fresh, None) if not net.check(text).urgent)
    count = int(seconds * PER_SECOND)
    posts = [Post(f"oOther{number:022d}", text) for number, text in enumerate(islice(heard, count))]
    return Job(stack.intake, posts, offsets=[number / PER_SECOND for number in range(count)])


def run(folder: Path, seconds: float, model: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """One measurement on a stack of its own."""
    with WeChatApi().running() as api, ours.running(folder, api.port, model=model) as stack:
        viewer = Viewer(stack.console, stack.admin_password)
        viewer.start()
        measure(_others(stack, 5))  # nothing is cold any more
        losses = Losses(stack, min(MOST, int(seconds / 1.5) or 1), seconds)
        traffic: list[Any] = []
        others = threading.Thread(target=lambda: traffic.append(measure(_others(stack, seconds))))
        others.start()
        losses.run()
        others.join()
        taken, lost = _latencies(stack.database, losses.sent, viewer)
        viewer.stop()
    say(f"{'with' if model else 'without'} the model: {len(taken)} cards, p95 {percentile(taken, 0.95):.0f} ms")
    return {
        "cards": len(taken),
        "never_seen": lost,
        "p50_ms": round(percentile(taken, 0.5)),
        "p95_ms": round(percentile(taken, 0.95)),
        "max_ms": round(max(taken, default=0)),
        "others_per_second": round(traffic[0].per_second, 1),
        "others_p95_ms": round(percentile(traffic[0].latencies, 0.95)),
        "others_failed": traffic[0].failed,
        "fetches": viewer.fetches,
        "load_average": round(os.getloadavg()[0], 1),
    }


def _latencies(database: str, sent: dict[str, float], viewer: Viewer) -> tuple[list[float], int]:
    """Milliseconds of each card, and how many were never seen."""
    until = time.monotonic() + PATIENCE
    while True:
        with psycopg.connect(database) as connection:
            found = dict(connection.execute(_CARDS).fetchall())
        cards = {number: str(found[number]) for number in sent if number in found}
        waiting = len(sent) - sum(card in viewer.seen for card in cards.values())
        if not waiting or time.monotonic() > until:
            break
        time.sleep(0.2)
    seen = {number: viewer.seen[card] for number, card in cards.items() if card in viewer.seen}
    return [(moment - sent[number]) * 1000 for number, moment in seen.items()], waiting


def main() -> int:
    """0 when it was measured; whatever was started has ended."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description="From first words to an open board.")
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    train.train()
    found = {}
    for model in (True, False):
        folder = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
        folder.chmod(0o755)  # PostgreSQL may run as another user
        try:
            name = "with_model" if model else "without_model"
            found[name] = run(folder, seconds, model, lambda line: print(line, flush=True))
        except ours.StartError as error:
            print(f"cannot measure: {error}", file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"live": found}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
