"""Trains a candidate, serves it, asks it every labelled text: accuracy, times, memory."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import urllib3
import yaml

from nlu.bakeoff.figures import accuracy_figures
from nlu.leak_check import training_texts
from nlu.scores import Row
from nlu.serve import environment
from nlu.temporary_server import RunningServer, running
from nlu.train import RASA_PYTHON, ROOM, command

CLIENTS = 8
REQUESTS = 1200
ONE_AT_A_TIME = 400
READY_WITHIN = 600.0  # seconds; a busy machine starts slowly, and that is a figure, no failure


def candidate(pipeline: Sequence[Any], files: Mapping[str, Sequence[Row]]) -> dict[str, object]:
    """Every figure of one pipeline."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yml"
        # Rasa's WhitespaceTokenizer refuses "zh", its JiebaTokenizer takes nothing else; neither reads the language.
        language = "en" if any(step["name"] == "WhitespaceTokenizer" for step in pipeline) else "zh"
        head = {"recipe": "default.v1", "language": language, "assistant_id": "bakeoff", "pipeline": pipeline}
        config.write_text(yaml.safe_dump(head), encoding="utf-8")
        model = Path(folder) / "model.tar.gz"
        began = time.monotonic()
        subprocess.run(  # noqa: S603 - our own command
            command(model, config), cwd=ROOM.parent, env=environment(), check=True, capture_output=True
        )
        seconds = time.monotonic() - began
        with running(model, READY_WITHIN) as server:
            texts = [row.text for rows in files.values() for row in rows]
            rankings = dict(zip(texts, (_ranking(server, text) for text in texts), strict=True))
            return {
                **accuracy_figures(files, rankings),
                "training_seconds": round(seconds, 1),
                "ready_seconds": round(server.seconds_to_ready, 1),
                "megabytes": _megabytes(server.pid),
                **_speed(server, texts),
            }


def control(files: Mapping[str, Sequence[Row]]) -> dict[str, object]:
    """Accuracy of the control; it is no server."""
    texts = [row.text for rows in files.values() for row in rows]
    asked = json.dumps({"training": list(training_texts()), "texts": texts})
    done = subprocess.run(  # noqa: S603 - our own command
        [str(RASA_PYTHON), "-W", "ignore", "-m", "nlu.bakeoff.control"],
        input=asked, cwd=ROOM.parent, env=environment(), check=True, capture_output=True, text=True,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    rankings = {
        text: [(name, share) for name, share in ranking]
        for text, ranking in zip(texts, answer["rankings"], strict=True)
    }
    return {**accuracy_figures(files, rankings), "training_seconds": answer["training_seconds"]}


_POOL = urllib3.PoolManager(maxsize=CLIENTS, retries=False)


def _ask(server: RunningServer, text: str) -> dict[str, Any]:
    body = json.dumps({"text": text}).encode()
    answer = _POOL.request("POST", f"{server.url}/model/parse?token={server.token}", body=body, timeout=60.0)
    found: dict[str, Any] = json.loads(answer.data)
    return found


def _ranking(server: RunningServer, text: str) -> list[tuple[str, float]]:
    answer = _ask(server, text)
    entries = answer.get("intent_ranking") or [answer["intent"]]
    return [(entry["name"] or "", float(entry["confidence"])) for entry in entries]


def _speed(server: RunningServer, texts: Sequence[str]) -> dict[str, float]:
    step = max(1, len(texts) // ONE_AT_A_TIME)
    took: list[float] = []
    for text in texts[::step]:
        began = time.perf_counter()
        _ask(server, text)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    many = [texts[at % len(texts)] for at in range(0, REQUESTS * 7, 7)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda text: _ask(server, text), many))
    rate = len(many) / (time.perf_counter() - began)
    return {
        "p50_ms": round(took[len(took) // 2], 1),
        "p99_ms": round(took[int(len(took) * 0.99)], 1),
        "requests_a_second": round(rate),
    }


def _megabytes(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    return next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS")), None)
