"""Another model in service while messages are parsed: the real supervisor and client, a stand-in for Rasa."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.run.model import ask
from bot.run.state import follow_nlu_urls
from nlu.client import NluClient, NluUnavailable
from storage.servers.guarded import runs
from tests.bot.standins import Run, until, using


def model_file(folder: Path, name: str, how: str = "") -> Path:
    path = folder / f"{name}.tar.gz"
    path.write_text(how)
    return path


def heard(run: Run, request: str) -> dict[str, str]:
    """What became of a request."""
    assert until(lambda: (run.state["handover"] or {}).get("request") == request, 30), run.said
    assert until(lambda: run.state["handover"]["state"] != "going", 30), run.said
    return dict(run.state["handover"])


@contextmanager
def parsing(run: Run, threads: int = 4) -> Iterator[tuple[Counter[str], list[str]]]:
    """Messages parsed all the time, as the intake does; which models answered, and what failed."""
    token = json.loads((run.data_dir / "secrets.json").read_text())["nlu_token"]
    client = NluClient(follow_nlu_urls(run.data_dir), token)
    models: Counter[str] = Counter()
    failures: list[str] = []
    ended = threading.Event()

    def parse() -> None:
        while not ended.is_set():
            try:
                models[client.parse("你好").model] += 1
            except NluUnavailable as failure:
                failures.append(failure.reason)
            time.sleep(0.002)

    workers = [threading.Thread(target=parse) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield models, failures
    finally:
        ended.set()
        for worker in workers:
            worker.join()


def test_another_model_takes_over_and_no_message_notices(start: Callable[..., Run], open_folder: Path) -> None:
    run = start()
    state = run.until_ready()
    first = state["pids"]["nlu"]
    with parsing(run) as (models, failures):
        for turn in ("one", "two"):
            ask(run.data_dir, turn, model_file(open_folder, turn))
            assert heard(run, turn) == {"request": turn, "state": "done", "says": f"the model {turn} is in service"}
            before = models[turn]
            assert until(lambda turn=turn, before=before: models[turn] > before + 20)  # type: ignore[misc]
    assert failures == []
    assert list(models) == [state["model"], "one", "two"]
    now = run.state
    assert (now["model"], len(now["nlu_urls"])) == ("two", 1)
    assert now["pids"].keys() == state["pids"].keys()
    assert not runs(first)
    assert len(list((open_folder / "data/logs").glob("nlu*"))) == 3  # of each server, none as a server on trial

    os.kill(now["pids"]["nlu"], signal.SIGKILL)  # the new one is kept running as the old one was
    assert until(lambda: run.state["restarts"]["nlu"] == 1)
    with parsing(run) as (models, _):
        assert until(lambda: models["two"] > 0)
    assert run.stop() == 0


def test_a_model_that_is_no_good_leaves_the_old_one_in_service(start: Callable[..., Run], open_folder: Path) -> None:
    run = start()
    state = run.until_ready()
    running = len(using(run.data_dir))
    cases = {
        "dies": "it ended by itself (exit code 1). The end of",
        "empty": "Rasa cannot load it",
        "strange": "its answers cannot be used (nonsense)",
        "missing": "is missing",
        "x" * 65: "at most 64",
    }
    with parsing(run) as (models, failures):
        for how, why in cases.items():
            path = model_file(open_folder, how, how)
            if how == "missing":
                path.unlink()
            ask(run.data_dir, how, path)
            outcome = heard(run, how)
            assert outcome["state"] == "failed"
            assert why in outcome["says"]
            assert f"the model {state['model']} stays in service" in outcome["says"]
            assert outcome["says"] in run.said
    assert failures == []
    assert list(models) == [state["model"]]
    assert run.state["nlu_urls"] == state["nlu_urls"]
    assert run.state["pids"] == state["pids"]
    assert until(lambda: len(using(run.data_dir)) == running)


def test_a_server_on_trial_that_is_killed_leaves_the_old_one(start: Callable[..., Run], open_folder: Path) -> None:
    run = start()
    state = run.until_ready()
    before = set(using(run.data_dir))
    ask(run.data_dir, "hanging", model_file(open_folder, "hanging", "hangs"))
    assert until(lambda: len(set(using(run.data_dir)) - before) == 1)
    os.kill((set(using(run.data_dir)) - before).pop(), signal.SIGKILL)
    assert "it ended by itself (exit code -9)" in heard(run, "hanging")["says"]
    assert run.state["pids"] == state["pids"]

    ask(run.data_dir, "again", model_file(open_folder, "again", "hangs"))
    assert until(lambda: len(set(using(run.data_dir)) - before) == 1)
    assert run.stop() == 0  # a stop ends the server on trial too
    assert using(run.data_dir) == []
