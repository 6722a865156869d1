"""``python -m bench.board``: what the board costs with many open cards, before and after many more were closed.

Prints progress; the last line is one JSON object. A database of its own under a temporary folder, about two minutes and
1.5 GB on the disk for a million closed cards. ``query``: the page's questions to the database and the opening of what
is sealed; ``page``: the whole answer to a signed-in officer. Times are milliseconds;
``cpu_ms`` is the mean processor time, here and in the database, which a busy machine lengthens less.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from bench.cards import Archive
from bench.processes import cpu_seconds
from bench.stats import percentile
from console.app import create_app
from console.pages import board, status
from conversations.models import Staff
from storage import migrate, sealing
from storage.clock import utc_now
from storage.embedded import start_postgres
from storage.engine import Database
from storage.settings import load

WARM_UP = 20
OPEN, CLOSED = 10_000, 1_000_000


class Measure:
    """Times the board of one database."""

    def __init__(self, app: Flask, database: Database, rounds: int) -> None:
        self._database = database
        self._rounds = rounds
        with database.transaction() as session:
            self._officer = session.query(Staff).one()
        self._client = signed_in(app, self._officer)

    def report(self) -> dict[str, Any]:
        """Times of each question."""
        asked: dict[str, Callable[[], object]] = {
            "query": lambda: self._load("running"),
            "later_query": lambda: self._load("later"),
            "all_query": lambda: self._load("all"),
            "head_query": self._head,
            "page": lambda: self._get("/fragments/cards"),
        }
        return {"pages_read": self._pages_read(), **{name: self._times(ask) for name, ask in asked.items()}}

    def _pages_read(self) -> int:
        """Pages of 8 kB the database looks at for the page of cards, whatever else the machine does."""
        query = board.page_query("running", None).compile(
            dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
        )
        with self._database.transaction() as session:
            plan = session.scalar(text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}"))
        top = plan[0]["Plan"]
        return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"])

    def _load(self, tab: str) -> None:
        with self._database.transaction() as session:
            shown = board.load(session, tab, self._officer, utc_now())
        if len(shown.lines) != board.PAGE:
            raise RuntimeError(f"the board shows {len(shown.lines)} cards")

    def _head(self) -> None:
        with self._database.transaction() as session:
            status.load(session, self._officer, utc_now())

    def _get(self, path: str) -> None:
        answer = self._client.get(path)
        if answer.status_code != 200 or answer.text.count('<li id="card-') != board.PAGE:
            raise RuntimeError(f"the board answers {answer.status_code}")

    def _times(self, ask: Callable[[], object]) -> dict[str, float]:
        for _ in range(WARM_UP):
            ask()
        taken, cpu = [], cpu_so_far(self._database)
        for _ in range(self._rounds):
            began = time.perf_counter()
            ask()
            taken.append((time.perf_counter() - began) * 1000)
        spent = (cpu_so_far(self._database) - cpu) * 1000 / self._rounds
        return {
            "p50_ms": round(percentile(taken, 0.5), 1),
            "p95_ms": round(percentile(taken, 0.95), 1),
            "cpu_ms": round(spent, 1),
        }


def cpu_so_far(database: Database) -> float:
    """Processor time so far, in seconds, of this process and of those behind its connections."""
    with database.transaction() as session:
        ours = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        return time.process_time() + sum(cpu_seconds(backend) for backend in session.scalars(text(ours)))


def signed_in(app: Flask, officer: Staff) -> FlaskClient:
    """A client that is already inside."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = str(officer.id)
        cookie["_fresh"] = True
        cookie["epoch"] = officer.session_epoch
        cookie["active_at"] = int(time.time())
    return client


def run(folder: Path, opened: int, closed: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Fill a fresh database and measure twice."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    with ExitStack() as stack:
        server = start_postgres(folder)
        stack.callback(server.stop)
        migrate.upgrade(server.url)
        sealing.install(sealing.Sealer(key))
        database = Database(server.url)
        stack.callback(database.dispose)
        connection = stack.enter_context(psycopg.connect(server.url))
        archive = Archive(connection, utc_now())
        say(f"{opened} open cards …")
        archive.open(opened)
        app = create_app(load(data_dir=folder / "data", data_key=key), database)
        measure = Measure(app, database, rounds)
        before = measure.report()
        say(f"p95 of the query {before['query']['p95_ms']} ms; {closed} closed cards …")
        archive.close(closed)
        after = measure.report()
        say(f"p95 of the query {after['query']['p95_ms']} ms")
    return {
        "open": opened,
        "closed": closed,
        "without_closed": before,
        "with_closed": after,
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    """0 when it was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.board", description="The board with many cards.")
    parser.add_argument("--open", type=int, default=OPEN, dest="opened")
    parser.add_argument("--closed", type=int, default=CLOSED)
    parser.add_argument("--rounds", type=int, default=200)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        found = run(Path(folder), chosen.opened, chosen.closed, chosen.rounds, lambda line: print(line, flush=True))
    print(json.dumps({"board": found}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
