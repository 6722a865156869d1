"""``python -m bench.tips``: what finding tips costs among a million of them that name three million subjects.

Prints progress; the last line is one JSON object. A database of its own under a temporary folder, about ten minutes and
3 GB on the disk at full size. ``page``: the whole answer of the console to a signed-in officer, by what is asked for;
``bot``: the look-up of one subject before the bot answers. Times are milliseconds; ``cpu_ms`` is the mean processor
time, here and in the database, which a busy machine lengthens less.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import secrets
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from sqlalchemy import select, tablesample
from sqlalchemy.orm import Session, aliased

from bench.board import cpu_so_far, signed_in
from bench.clues import RARE, SPOTS, VILLAGES, Clues
from bench.stats import percentile
from console.app import create_app
from console.pages.tip_list import address
from conversations.models import Staff
from linkage import clusters
from linkage.models import Sighting, Source
from linkage.subjects import Subject
from storage import migrate, sealing
from storage.clock import CHINA, utc_now
from storage.embedded import start_postgres
from storage.engine import Database
from storage.settings import load
from tips.kinds import Kind
from tips.models import Tip, TipState
from tips.search import NOBODY, PAGE

WARM_UP = 20
TIPS, SUBJECTS = 1_000_000, 3_000_000
PAGE_AIM, BOT_AIM = 100.0, 5.0  # p95, ms


class Questions:
    """What officers look for, each time something else. ``named``: subjects as often as they are named."""

    def __init__(self, tips: int, clues: Clues, named: list[Subject]) -> None:
        self._random = random.Random(13)
        self._tips = tips
        self._clues = clues
        self.named = named

    def all(self) -> Mapping[str, Callable[[], dict[str, str]]]:
        """By name: the form as it is filled in."""
        pick = self._random.choice
        return {
            "list": dict,
            "state": lambda: {"state": pick(list(TipState)).value},
            "kind": lambda: {"kind": pick(list(Kind)).value},
            "village": lambda: {"village": pick(VILLAGES)},
            "holder": lambda: {"holder": str(pick(self._clues.officers))},
            "nobody": lambda: {"holder": NOBODY},
            "span": self._span,
            "number": lambda: {"q": f"XS{1_000_000 + self._random.randrange(self._tips)}"},
            "subject": lambda: {"q": pick(self.named).value},
            "famous_subject": lambda: {"q": pick(self._clues.famous[:50]).value},
            "unknown_subject": lambda: {"q": f"171{self._random.randrange(10**8):08d}"},
            "place": lambda: {"place": pick(SPOTS)},
            "place_in_village": lambda: {"place": f"{pick(VILLAGES)}{pick('一二三四五六七八')}组{pick(SPOTS)}"},
            "rare_place": lambda: {"place": RARE},
            "unknown_place": lambda: {"place": "玻璃厂宿舍"},
            "village_kind_state": lambda: {
                "village": pick(VILLAGES),
                "kind": pick(list(Kind)).value,
                "state": pick(list(TipState)).value,
            },
            "holder_kind_span": lambda: {
                **self._span(),
                "holder": str(pick(self._clues.officers)),
                "kind": pick(list(Kind)).value,
            },
            "subject_and_state": lambda: {"q": pick(self.named).value, "state": pick(list(TipState)).value},
            "place_and_state": lambda: {"place": pick(SPOTS), "state": pick(list(TipState)).value},
        }

    def _span(self) -> dict[str, str]:
        end = utc_now().astimezone(CHINA) - timedelta(days=self._random.randrange(5 * 365))
        return {"since": f"{end - timedelta(days=30):%Y-%m-%d}", "until": f"{end:%Y-%m-%d}"}

    def mark(self) -> str:
        """Somewhere in the middle of all tips, as the address of a further page."""
        at = utc_now() - timedelta(days=self._random.randrange(5 * 365))
        return urlencode({"below": f"{at.isoformat()} 00000000-0000-0000-0000-000000000000"})


def times(database: Database, ask: Callable[[], object], rounds: int) -> dict[str, float]:
    """Percentiles of one question, and the mean processor time of it."""
    for _ in range(min(WARM_UP, rounds)):
        ask()
    taken, cpu = [], cpu_so_far(database)
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return {
        "p50_ms": round(percentile(taken, 0.5), 2),
        "p95_ms": round(percentile(taken, 0.95), 2),
        "cpu_ms": round((cpu_so_far(database) - cpu) * 1000 / rounds, 2),
    }


def pages(database: Database, folder: Path, key: str, questions: Questions, rounds: int) -> dict[str, Any]:
    """The console's answers."""
    client = signed_in(create_app(load(data_dir=folder / "data", data_key=key), database), _officer(database))

    def get(query: str) -> int:
        answer = client.get(f"/fragments/tips?{query}")
        if answer.status_code != 200:
            raise RuntimeError(f"the list answers {answer.status_code}")
        return answer.text.count('<li id="tip-')

    if get("") != PAGE:
        raise RuntimeError("the first page is not full")
    found: dict[str, Any] = {"further_page": times(database, lambda: get(questions.mark()), rounds)}
    for name, asked in questions.all().items():
        found[name] = times(database, lambda asked=asked: get(address(asked())), rounds)  # type: ignore[misc]
    return found


def bot(database: Database, clues: Clues, questions: Questions, rounds: int) -> dict[str, Any]:
    """The look-up before an answer, and what else the records of a tip ask."""
    pick = random.Random(17)
    with database.transaction() as session:
        tips = list(session.scalars(select(Tip.id).limit(1000)))

    with database.transaction() as session:  # the bot asks inside the transaction of a message
        return _asked(database, session, pick, tips, clues, questions, rounds)


def _asked(
    database: Database,
    session: Session,
    pick: random.Random,
    tips: list[uuid.UUID],
    clues: Clues,
    questions: Questions,
    rounds: int,
) -> dict[str, Any]:
    def known(subject: Subject) -> None:
        clusters.known(session, subject)

    def related() -> None:
        clusters.related(session, Source.TIP, pick.choice(tips))

    return {
        "known": times(database, lambda: known(pick.choice(questions.named)), rounds * 5),
        "known_unknown": times(
            database, lambda: known(Subject("phone", f"171{pick.randrange(10**8):08d}")), rounds * 5
        ),
        "known_famous": times(database, lambda: known(pick.choice(clues.famous[:50])), rounds),
        "related": times(database, related, rounds),
    }


def _officer(database: Database) -> Staff:
    with database.transaction() as session:
        return session.scalars(select(Staff).limit(1)).one()


def _named(database: Database, count: int) -> list[Subject]:
    """Subjects as often as they are named: one of a thousand mentions, or of all where there are few."""
    sample = aliased(Sighting, tablesample(Sighting, 100 if count < 50_000 else 0.1))
    with database.transaction() as session:
        rows = session.scalars(select(sample)).all()
        return [Subject(row.kind, row.value) for row in rows]


def run(folder: Path, tips: int, subjects: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Fill a fresh database and measure."""
    server = start_postgres(folder)
    try:
        migrate.upgrade(server.url)
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        return measure(server.url, folder, key, tips, subjects, rounds, say)
    finally:
        server.stop()


def measure(
    url: str, folder: Path, key: str, tips: int, subjects: int, rounds: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Fill an empty database and measure. ``key``: what its values are sealed with."""
    sealing.install(sealing.Sealer(key))
    with ExitStack() as stack:
        database = Database(url)
        stack.callback(database.dispose)
        connection = stack.enter_context(psycopg.connect(url))
        clues = Clues(connection, utc_now())
        say(f"{tips} tips that name {subjects} subjects …")
        clues.fill(tips, subjects)
        questions = Questions(tips, clues, _named(database, subjects))
        say("measuring …")
        found = pages(database, folder, key, questions, rounds)
        looked_up = bot(database, clues, questions, rounds)
    slow = [name for name, one in found.items() if one["p95_ms"] > PAGE_AIM]
    slow += [name for name, one in looked_up.items() if name != "related" and one["p95_ms"] > BOT_AIM]
    return {
        "tips": tips,
        "subjects": subjects,
        "page": found,
        "bot": looked_up,
        "slower_than_aimed": slow,
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    """0 when it was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.tips", description="Finding tips among very many.")
    parser.add_argument("--tips", type=int, default=TIPS)
    parser.add_argument("--subjects", type=int, default=SUBJECTS)
    parser.add_argument("--rounds", type=int, default=100)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        found = run(Path(folder), chosen.tips, chosen.subjects, chosen.rounds, lambda line: print(line, flush=True))
    print(json.dumps({"tips": found}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
