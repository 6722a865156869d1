"""The peer: Rasa's own REST channel with the same NLU pipeline and data, its trackers in a PostgreSQL of its own."""

from __future__ import annotations

import hashlib
import http.client
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.job import Where
from bench.ours import PATIENCE, StartError, the_end_of
from bench.places import OUT, PEER, ROOT
from bot.run.checks import free_port
from nlu import serve, train
from storage.embedded import start_postgres
from storage.servers.guarded import Guard, Launch
from storage.servers.server import end

_RASA = [str(train.RASA_PYTHON), "-W", "ignore", "-m", "rasa"]


@dataclass(frozen=True, slots=True)
class Peer:
    """The running peer. ``services``: name → process id of the root of each."""

    rest: Where
    services: dict[str, int]


def model() -> Path:
    """The peer's model: the NLU pipeline as it is plus rules; trained once for these sources. Raises StartError."""
    digest = hashlib.sha256(train.fingerprint().encode())
    for source in (PEER / "domain.yml", PEER / "rules.yml"):
        digest.update(source.read_bytes())
    path = OUT / f"peer-{digest.hexdigest()[:16]}.tar.gz"
    if path.exists():
        return path
    OUT.mkdir(exist_ok=True)
    config = yaml.safe_load((ROOT / "nlu/config.yml").read_text(encoding="utf-8"))
    (OUT / "config.yml").write_text(yaml.safe_dump({**config, "policies": [{"name": "RulePolicy"}]}), encoding="utf-8")
    arguments = ["train", "--domain", PEER / "domain.yml", "--data", ROOT / "nlu/data", PEER / "rules.yml"]
    arguments += ["--config", OUT / "config.yml", "--out", OUT, "--fixed-model-name", "unfinished"]
    with (OUT / "train.log").open("wb") as log:
        done = subprocess.run(
            [*_RASA, *map(str, arguments)],
            cwd=OUT,
            env=serve.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise StartError(f"the peer cannot be trained: {the_end_of(OUT / 'train.log')}")
    return (OUT / "unfinished.tar.gz").rename(path)


@contextmanager
def running(folder: Path, trained: Path) -> Iterator[Peer]:
    """The peer from ready to stopped."""
    records = start_postgres(folder / "peer")
    guard = Guard()
    port, log = free_port(), folder / "peer.log"
    arguments = ["run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(trained)]
    arguments += ["--endpoints", str(PEER / "endpoints.yml"), "--credentials", str(PEER / "credentials.yml")]
    env = {**serve.environment(), "BENCH_TRACKER_URL": records.url}
    try:
        with log.open("wb") as output:
            rasa = guard.spawn(Launch([*_RASA, *arguments], env, folder), output)
        try:
            until = time.monotonic() + PATIENCE
            while not _answers(port):
                if rasa.poll() is not None or time.monotonic() > until:
                    raise StartError(f"the peer does not start: {the_end_of(log)}")
                time.sleep(0.2)
            yield Peer(Where("rest", port), {"rasa": rasa.pid, "postgres": records.pid})
        finally:
            end(rasa, signal.SIGTERM, grace=20)
            guard.forget(rasa)
    finally:
        guard.close()
        records.stop()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/webhooks/rest/webhook", json.dumps({"sender": "ready?", "message": "你好"}))
        answer = connection.getresponse()
        return answer.status == http.client.OK and bool(json.loads(answer.read()))
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
