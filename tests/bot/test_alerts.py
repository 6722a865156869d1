"""Alerts leave the house: the sandbox plays both groups and the operator over HTTP, a real worker does the sending."""

from __future__ import annotations

import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from sqlalchemy import select
from werkzeug.serving import make_server

from bot import parts as bot_parts
from bot.alerts.robots import read_answer, robots, signed
from bot.alerts.sender import AlertSender
from bot.alerts.ticker import Ticker
from bot.channels.sms.adapter import Receipt
from bot.channels.sms.registry import build, sending
from bot.run.checks import free_port
from bot.run.services import environment, ours
from conversations.models import Staff
from sandbox.app import create_app
from stops.duty import desk, plans
from stops.duty.models import LadderStep, Reach
from storage.engine import Database
from storage.settings import Settings
from tests.handlers.conftest import Clock
from tests.stops.duty.conftest import NAMES, make_card

ROSTER = """\
what: roster
name: 全天
effective_from: 2020-01-01
leaders: [wang]
shifts:
  - {name: 全天, days: [workday, weekend, holiday], from: "00:00", to: "24:00", teams: [{people: [li, zhao]}]}
"""


@dataclass
class World:
    """The outside world and who sends to it."""

    url: str
    settings: Settings
    database: Database
    clock: Clock
    sender: AlertSender

    def misbehave(self, **plan: Any) -> None:
        requests.post(f"{self.url}/api/misbehave", json=plan, timeout=10).raise_for_status()

    def group(self, name: str) -> list[dict[str, Any]]:
        posts = requests.get(f"{self.url}/api/robots", timeout=10).json()[name]
        return [post for post in posts if post["arrived"]]

    def phone(self, number: str) -> list[str]:
        answer = requests.get(f"{self.url}/api/sms/{number}", timeout=10)
        return [message["text"] for message in answer.json()["messages"]] if answer.ok else []

    def open_card(self, sender: str = "o1") -> uuid.UUID:
        with self.database.transaction() as session:
            return make_card(session, self.clock(), sender).id

    def send_all(self) -> None:
        for row in self.reaches():
            self.sender.send(row.id)

    def reaches(self, *ways: str) -> list[Reach]:
        query = select(Reach).order_by(Reach.id)
        with self.database.transaction() as session:
            return [row for row in session.scalars(query) if not ways or row.way in ways]

    def outcomes(self, way: str) -> list[tuple[str, str]]:
        return [(row.state, row.code) for row in self.reaches(way)]


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime.now(UTC))  # the sandbox's clock is real


@pytest.fixture
def world(database: Database, settings: Settings, clock: Clock, database_url: str) -> Iterator[World]:
    settings.intake_port = free_port()
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    base = f"http://127.0.0.1:{settings.sandbox_port}"
    for name in ("sms_generic_send_url", "wecom_robot_url", "dingtalk_robot_url"):
        setattr(settings, name, getattr(settings, name).replace(base, url))
    settings.database_url = database_url
    with database.transaction() as session:
        for number, (login, name) in enumerate(NAMES.items(), start=1):
            staff = Staff(login=login, name=name, password_hash="x", roles="officer", created_at=clock())
            session.add(staff)
            session.flush()
            desk.set_phone(session, staff.id, f"1700000000{number}")
        plans.load(session, ROSTER, "r.yml", None, clock())
    sender = AlertSender(database, sending(settings, build(settings)), robots(settings, clock), clock)
    yield World(url, settings, database, clock, sender)
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_way_is_used_and_its_outcome_recorded(world: World) -> None:
    ticker = Ticker(world.database, world.clock)
    world.open_card()
    ticker.look()
    world.send_all()
    assert [row.state for row in world.reaches()] == ["accepted"] * 4
    (said,) = world.phone("+8617000000001")
    assert said.startswith("值班提醒")
    for name in ("wecom", "dingtalk"):
        (post,) = world.group(name)
        assert post["text"] == f"{said}\n请看：李一"
        assert not post["loud"]
    world.clock.pass_(seconds=180)
    ticker.look()
    world.send_all()
    assert [post["loud"] for post in world.group("dingtalk")] == [False, False, True]
    assert len(world.phone("+8617000000004")) == 1  # the leader


@pytest.mark.parametrize(
    ("fault", "outcome", "arrives"),
    [
        ({"errcode": 93000}, ("failed", "93000"), 0),
        ({"errcode": 45009, "times": 1}, ("accepted", ""), 1),
        ({"errcode": -1}, ("failed", "-1"), 0),
        ({"drop": True, "deliver": False, "times": 1}, ("accepted", ""), 1),
        ({"drop": True}, ("unknown", "broken_answer"), 2),  # both came, nobody could know
    ],
)
@pytest.mark.parametrize("robot", ["wecom", "dingtalk"])
def test_robots_that_misbehave(
    world: World, robot: str, fault: dict[str, Any], outcome: tuple[str, str], arrives: int
) -> None:
    world.misbehave(**{robot: fault})
    world.open_card()
    Ticker(world.database, world.clock).look()
    for _ in range(4):
        world.send_all()
        world.clock.pass_(seconds=16)
    assert world.outcomes(robot) == [outcome]
    assert len(world.group(robot)) == arrives
    other = "dingtalk" if robot == "wecom" else "wecom"
    assert world.outcomes(other) == [("accepted", "")]


def test_a_robot_that_does_not_answer_in_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.alerts.robots.TIMEOUT", (1.0, 0.2))
    world.misbehave(wecom={"delay": 1.0})
    world.open_card()
    Ticker(world.database, world.clock).look()
    for _ in range(2):
        world.send_all()
        world.clock.pass_(seconds=16)
    assert world.outcomes("wecom") == [("unknown", "read_timeout")]


def test_ways_that_are_not_set_up_say_so(world: World) -> None:
    bare = AlertSender(world.database, None, robots(Settings(mode="production"), world.clock), world.clock)
    world.open_card()
    Ticker(world.database, world.clock).look()
    for row in world.reaches():
        bare.send(row.id)
    outcomes = {row.way: (row.state, row.code) for row in world.reaches("sms", "wecom", "dingtalk")}
    assert outcomes == dict.fromkeys(("sms", "wecom", "dingtalk"), ("failed", "not_set"))


def test_a_receipt_of_the_operator_finds_its_alert(world: World) -> None:
    world.open_card()
    Ticker(world.database, world.clock).look()
    (row,) = world.reaches("sms")
    built = bot_parts.assemble(world.settings, clock=world.clock)
    try:
        built.reception.receipts([Receipt(str(row.id), "", "delivered", ""), Receipt("nonsense", "", "failed", "")])
    finally:
        built.database.dispose()
    assert world.outcomes("sms") == [("accepted", "delivered")]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"errcode": 0, "errmsg": "ok"}', "sent", ""),
        (b'{"errcode": "0"}', "sent", ""),
        (b'{"errcode": 310000, "errmsg": "sign not match"}', "failed", "310000"),
        (b'{"errcode": 130101}', "retry", "130101"),
        (b"<html>", "unknown", "unreadable"),
        (b"[]", "unknown", "unreadable"),
        (b'{"errcode": null}', "unknown", "unreadable"),
        (b"", "unknown", "unreadable"),
    ],
)
def test_answers_of_robots(body: bytes, status: str, code: str) -> None:
    outcome = read_answer(body)
    assert (outcome.status, outcome.code) == (status, code)


def test_the_signature_is_left_out_without_a_secret() -> None:
    url = "http://robot.invalid/send?access_token=x"
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert signed(url, "", now) == url
    assert signed(url, "SECx", now).startswith(url + "&timestamp=1772409600000&sign=")


FAST = plans.BUILT_IN.read_text(encoding="utf-8")
for slow, quick in (("after: 60,", "after: 1,"), ("after: 180,", "after: 2,"), ("after: 600,", "after: 4,")):
    FAST = FAST.replace(slow, quick)
FAST = FAST.replace("after: 480,", "after: 4,")


def start_worker(world: World) -> subprocess.Popen[bytes]:
    """A worker process as the supervisor starts it."""
    (world.settings.data_dir / "metrics").mkdir(exist_ok=True)
    launch = ours("bot", "worker", env=environment(world.settings))
    log = (world.settings.data_dir / "workers.log").open("ab")
    with log:
        return subprocess.Popen(launch.argv, env=launch.env, cwd=launch.cwd, stdout=log, stderr=log)


def fired(world: World) -> list[tuple[uuid.UUID, int, datetime]]:
    query = select(LadderStep.card_id, LadderStep.ordinal, LadderStep.fired_at).where(LadderStep.state == "fired")
    with world.database.transaction() as session:
        found = session.execute(query.order_by(LadderStep.card_id, LadderStep.ordinal)).all()
    return [(card, ordinal, at) for card, ordinal, at in found if at is not None]


def wait(condition: Callable[[], bool], seconds: float = 70) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)


def test_two_worker_processes_of_which_one_is_killed(world: World) -> None:
    """Real time, a quick ladder, kill -9 in the middle: each step once, in order, nothing left over."""
    with world.database.transaction() as session:
        plans.load(session, FAST, "fast.yml", None, world.clock())
    workers = [start_worker(world), start_worker(world)]
    try:
        world.clock.now = datetime.now(UTC)
        made = [world.open_card(f"o{number}") for number in range(3)]
        wait(lambda: len(fired(world)) >= 4)
        workers[0].kill()
        workers.append(start_worker(world))
        wait(lambda: len(fired(world)) == 4 * len(made))
        wait(lambda: all(row.state not in ("queued", "sending") for row in world.reaches()))
    finally:
        for process in workers:
            process.kill()
            process.wait()

    for card in made:
        moments = [at for owner, _, at in fired(world) if owner == card]
        assert moments == sorted(moments)
    assert len(world.reaches("console")) == len(made) * (1 + 1 + 3 + 4)
    assert len(world.reaches("wecom")) == len(made) * 4
    assert len({row.key for row in world.reaches()}) == len(world.reaches())
    assert {row.state for row in world.reaches("sms", "console")} == {"accepted"}
