"""The supervisor, as a process, with real servers and stand-ins for what it supervises."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import redis

from bot.run.checks import answers
from tests.bot.standins import Run, until, using


def test_the_whole_life(start: Callable[..., Run], open_folder: Path) -> None:
    first = start()
    state = first.until_ready()
    assert set(state["pids"]) == {"postgres", "redis", "nlu", "intake", "console", "worker", "sandbox"}
    assert set(state["urls"]) == {"intake", "console", "sandbox"}
    for url in state["urls"].values():
        assert answers(url + "/healthz")
        assert until(lambda url=url: url in first.said)  # type: ignore[misc]
    assert "admin  password: made-up-word" in first.said
    assert until(lambda: "worker: WARNING nothing to do yet" in first.said)
    with psycopg.connect(state["embedded"]["postgres"]) as connection:
        assert connection.execute("SELECT count(*) FROM start").fetchone() == (1,)

    killed = ("intake", "redis", "postgres", "nlu")
    for name in killed:
        os.kill(state["pids"][name], signal.SIGKILL)
    assert until(lambda: first.state["restarts"] == {name: int(name in killed) for name in state["pids"]})
    assert "intake ended by itself (killed by SIGKILL); starting it again in 1 s" in first.said
    assert until(lambda: answers(state["urls"]["intake"] + "/healthz"))
    with redis.Redis.from_url(state["embedded"]["redis"]) as client:
        assert until(lambda: reachable(client))

    assert first.stop() == 0
    assert first.said.endswith("stopped\n")
    assert using(open_folder / "data") == []
    assert first.state == {}
    assert "database system is shut down" in (open_folder / "data/logs/postgres.log").read_text()

    second = start()
    state = second.until_ready()
    assert until(lambda: "Ctrl-C" in second.said)
    assert "password" not in second.said
    with psycopg.connect(state["embedded"]["postgres"]) as connection:
        assert connection.execute("SELECT count(*) FROM start").fetchone() == (2,)
    assert (open_folder / "data/logs/intake.log.1").exists()
    assert second.stop(signal.SIGTERM) == 0


def reachable(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def test_a_killed_supervisor_leaves_nothing_and_a_new_one_takes_over(
    start: Callable[..., Run], open_folder: Path
) -> None:
    first = start()
    first.until_ready()
    assert len(using(open_folder / "data")) >= 9
    first.process.kill()
    first.process.wait()

    second = start()
    second.until_ready()
    assert str(second.process.pid) == (open_folder / "data/run.lock").read_text().strip()
    third = start()
    assert third.process.wait(20) == 1
    assert f"in use by process {second.process.pid}: stop that one first" in third.said
    second.process.kill()
    second.process.wait()
    assert until(lambda: not using(open_folder / "data"))


def test_a_port_in_use_is_named_with_its_setting(start: Callable[..., Run]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = start(HOTLINE_CONSOLE_PORT=str(port))
        assert run.process.wait(20) == 1
    assert run.said == (
        f"cannot start: port {port} is in use. Stop the program that uses it, "
        "or choose another port with HOTLINE_CONSOLE_PORT\n"
    )


def test_ctrl_c_while_training_ends_the_training_and_what_it_started(
    start: Callable[..., Run], open_folder: Path
) -> None:
    run = start(SLOW_TRAINING="1")
    assert until((open_folder / "data/grandchild").exists)
    assert "training the intent model" in run.said
    assert until(lambda: "console" in run.state.get("pids", {}))
    assert run.stop() == 0
    assert using(open_folder / "data") == []


def test_a_second_ctrl_c_kills_what_does_not_end(start: Callable[..., Run], open_folder: Path) -> None:
    run = start(STUBBORN="1")
    run.until_ready()
    run.process.send_signal(signal.SIGINT)
    assert until(lambda: "stopping" in run.said)
    time.sleep(0.7)  # sooner, the signal counts as an echo of the first
    assert run.stop() == 1
    assert "worker does not end by itself: killing it" in run.said
    assert using(open_folder / "data") == []


def test_what_cannot_start_is_shown_with_the_end_of_its_log(start: Callable[..., Run], open_folder: Path) -> None:
    run = start(HOTLINE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none", SLOW_TRAINING="1")
    assert run.process.wait(20) == 1
    assert "cannot start: migrate failed. The end of" in run.said
    assert "port 1 failed" in run.said
    assert using(open_folder / "data") == []
