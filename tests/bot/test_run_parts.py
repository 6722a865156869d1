"""Parts of the supervisor that need no process."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from bot.run.child import Child, Service, rotate
from bot.run.services import environment, ports, url_of
from bot.run.state import RunState, path_of, read, remove, write
from storage.servers.guarded import Guard, Launch
from storage.settings import Mode, Settings, load


def child_with_log(log: Path, echo: re.Pattern[str] | None) -> Child:
    guard = Guard()
    launch = Launch([sys.executable, "-c", ""])
    process = guard.spawn(launch, None)
    process.wait()
    guard.close()
    return Child(Service("one", launch, lambda: True, echo=echo), log, process)


def test_children_load_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = load(
        data_dir=tmp_path,
        nlu_urls="http://127.0.0.1:5005, http://127.0.0.1:5006",
        sms_callback_peers="10.0.0.0/8",
        console_https=True,
        hotline_name="反诈专线",
    )
    for name, value in environment(given, HOTLINE_REDIS_URL="redis://127.0.0.1/5").items():
        if name.startswith("HOTLINE_"):
            monkeypatch.setenv(name, value)
    assert load() == given.model_copy(update={"redis_url": "redis://127.0.0.1/5"})


def test_production_has_no_sandbox() -> None:
    assert ports(Settings.model_construct(mode=Mode.PRODUCTION)) == {"intake": 8080, "console": 8081}
    assert ports(Settings.model_construct(mode=Mode.SANDBOX))["sandbox"] == 8082


@pytest.mark.parametrize(
    ("bind", "url"),
    [("127.0.0.1", "http://127.0.0.1:8080"), ("0.0.0.0", "http://127.0.0.1:8080"), ("::", "http://[::1]:8080")],
)
def test_urls_are_reachable_from_this_machine(bind: str, url: str) -> None:
    assert url_of(Settings.model_construct(bind=bind), 8080) == url


def test_logs_are_moved_aside_and_the_oldest_dropped(tmp_path: Path) -> None:
    log = tmp_path / "intake.log"
    for number in range(8):
        rotate(log)
        log.write_text(str(number))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "intake.log": "7",
        **{f"intake.log.{age}": str(7 - age) for age in range(1, 6)},
    }


def test_only_whole_lines_with_warnings_are_shown_and_only_once(tmp_path: Path) -> None:
    log = tmp_path / "one.log"
    log.write_text('INFO fine\n{"level": "WARNING", "message": "slow"}\nERROR half a li')
    child = child_with_log(log, re.compile(r"\b(WARNING|ERROR)\b"))
    assert child.new_warnings() == ['{"level": "WARNING", "message": "slow"}']
    with log.open("a") as out:
        out.write("ne\nINFO fine\n")
    assert child.new_warnings() == ["ERROR half a line"]
    assert child.new_warnings() == []


def test_the_delays_before_a_restart_grow_to_eight_seconds(tmp_path: Path) -> None:
    child = child_with_log(tmp_path / "one.log", None)
    seen = []
    for child.ends in range(1, 9):
        seen.append(child.delay())
    assert seen == [1, 2, 4, 8, 8, 8, 8, 8]


def test_the_state_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    written = RunState(watchdog=7, urls={"intake": "http://127.0.0.1:1"}, pids={"intake": 8})
    write(tmp_path, written)
    assert read(tmp_path) == written
    assert path_of(tmp_path).stat().st_mode & 0o777 == 0o600
    remove(tmp_path)
    assert read(tmp_path) is None
