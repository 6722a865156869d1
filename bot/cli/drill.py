"""``drill``: a victim played against the running sandbox, over its pretended WeChat."""

from __future__ import annotations

import json
import time
import uuid

import click
import requests

from bot.cli.common import settings_with_database
from bot.run import state
from stops.drills import desk, results
from stops.drills.models import Drill
from stops.drills.results import Result
from stops.drills.scripts import scripts
from storage import live
from storage.clock import utc_now
from storage.engine import Database
from storage.sealing import Sealer, install
from storage.settings import Settings

LOOK = 0.5  # seconds between two looks at the card
TIMEOUT = 30.0  # seconds for one message, WeChat's three deliveries included
MOMENTS = {
    "to_card": "card on the board",
    "to_accepted": "accepted by an officer",
    "to_complete": "card complete",
    "to_initiated": "stop initiated",
}


@click.command()
@click.option("--script", default=next(iter(scripts())), show_default=True, type=click.Choice(list(scripts())))
@click.option("--wait", default=300, show_default=True, help="Seconds to wait for officers after the last message.")
@click.option("--pause", type=float, default=None, help="Seconds before each message; the script's own by default.")
def drill(script: str, wait: int, pause: float | None) -> None:
    """Play a victim; progress on stderr, the result as one JSON line on stdout.

    Moments nobody reached are null. The card stays on the board, marked 演练; a leader ends the drill in the console.
    """
    settings = settings_with_database()
    sandbox = _sandbox(settings)
    install(Sealer(settings.data_key))
    database = Database(settings.database_url, pool_size=1)
    live.Publisher(live.connect(settings.redis_url) if settings.redis_url else None).attach(database.sessions)
    try:
        with database.transaction() as session:
            started = desk.start(session, script, None, utc_now(), by_worker=False)
            drill_id = started.id
        click.echo(f"drill {drill_id}: {scripts()[script].title}", err=True)
        seen: set[str] = set()
        _play(database, drill_id, sandbox, scripts()[script].pause if pause is None else pause, seen)
        found = _watch(database, drill_id, wait, seen)
    finally:
        database.dispose()
    click.echo(json.dumps(results.as_json(found), ensure_ascii=False))


def _sandbox(settings: Settings) -> str:
    running = state.read(settings.data_dir)
    address = running.urls.get("sandbox", "") if running else ""
    if not settings.sandbox or not address:
        raise click.ClickException(
            "a drill from the command line needs the running sandbox (make run in another terminal); "
            "in production a leader starts one in the console"
        )
    return address


def _play(database: Database, drill_id: uuid.UUID, sandbox: str, pause: float, seen: set[str]) -> None:
    """Everything the victim says, each message a signed delivery of the sandbox's to the intake."""
    http = requests.Session()
    http.trust_env = False  # it is this machine
    while True:
        with database.transaction() as session:
            row = session.get_one(Drill, drill_id)
            said, message = row.said, desk.next_message(session, row, utc_now())
        if message is None:
            return
        click.echo(f"victim: {message.text}", err=True)
        sent = {"kind": "text", "text": message.text}
        answer = http.post(f"{sandbox}/api/wechat/{message.sender}/send", json=sent, timeout=TIMEOUT)
        if not answer.ok or answer.json()["outage"]:
            raise click.ClickException("the hotline did not take the message: see the drill in the console")
        if reply := answer.json()["reply"]:
            click.echo(f"hotline: {' '.join(reply.split())}", err=True)
        with database.transaction() as session:
            desk.has_said(session, drill_id, said, utc_now(), by_worker=False)
        _look(database, drill_id, seen)
        time.sleep(pause)


def _watch(database: Database, drill_id: uuid.UUID, wait: float, seen: set[str]) -> Result:
    """Until everything was reached, the drill was ended or the time is up."""
    click.echo(f"waiting up to {wait:.0f} s for officers", err=True)
    until = time.monotonic() + wait
    while True:
        found = _look(database, drill_id, seen)
        if found.reached or found.ended_at or found.state == "closed" or time.monotonic() >= until:
            return found
        time.sleep(LOOK)


def _look(database: Database, drill_id: uuid.UUID, seen: set[str]) -> Result:
    with database.transaction() as session:
        found = results.result(session, drill_id)
    for key, what in MOMENTS.items():
        seconds = getattr(found, key)
        if seconds is not None and key not in seen:
            seen.add(key)
            click.echo(f"{what} ({found.card}): {seconds:.1f} s", err=True)
    return found
