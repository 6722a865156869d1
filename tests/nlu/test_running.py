"""Finding Python 3.10, naming models, the server's command line, and the check for copied texts."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from nlu import leak_check, python310, rasa_server, serve, train
from nlu.evaluate import BadFile, rows


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_dead_shim_on_the_path_is_passed_over(tmp_path: Path) -> None:
    script(tmp_path / "shims" / "python3.10", "echo 'command not found' >&2; exit 127\n")
    live = script(tmp_path / "root" / "versions" / "3.10.1" / "bin" / "python3.10", "exit 0\n")
    environ = {"PATH": str(tmp_path / "shims"), "PYENV_ROOT": str(tmp_path / "root"), "HOME": str(tmp_path)}
    assert python310.find(environ) == live


def test_the_setting_wins_and_a_wrong_one_is_an_error(tmp_path: Path) -> None:
    good = script(tmp_path / "mine", "exit 0\n")
    bad = script(tmp_path / "other", "exit 3\n")
    assert python310.find({python310.SETTING: str(good), "PATH": ""}) == good
    with pytest.raises(python310.NoPython310, match=python310.SETTING):
        python310.find({python310.SETTING: str(bad), "PATH": os.environ["PATH"]})


def room(tmp_path: Path) -> Path:
    folder = tmp_path / "nlu"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.yml").write_text("a")
    (folder / "config.yml").write_text("c")
    return folder


def test_the_fingerprint_follows_content_and_names_only(tmp_path: Path) -> None:
    folder = room(tmp_path)
    first = train.fingerprint(folder)
    shutil.copytree(folder, tmp_path / "copy")
    os.utime(folder / "config.yml", (1, 1))
    assert train.fingerprint(folder) == first == train.fingerprint(tmp_path / "copy")
    (folder / "data" / "a.yml").write_text("b")
    second = train.fingerprint(folder)
    (folder / "data" / "a.yml").rename(folder / "data" / "b.yml")
    assert len({first, second, train.fingerprint(folder)}) == 3


def test_the_server_is_bound_to_loopback_and_its_token_is_not_on_its_command_line() -> None:
    line = serve.command(5005, Path("model.tar.gz"))
    assert line[line.index("--interface") + 1] == "127.0.0.1"
    assert "token" not in " ".join(line)
    assert serve.environment("secret")[rasa_server.TOKEN] == "secret"


def test_a_server_without_a_token_is_not_started() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "nlu.rasa_server"],
        cwd=train.ROOM.parent,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "never started without a token" in ran.stderr


def test_the_server_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_DATA_KEY", "secret")
    environment = serve.environment("token")
    assert not any(key.startswith("HOTLINE_") for key in environment)
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"


def test_near_copies_are_found() -> None:
    training = ["我昨天被一个网友骗了三千块钱怎么办", "你好"]
    held_out = [("t", "我昨天,被一个网友骗了三千块钱怎么办啊!"), ("t", "你好"), ("t", "明天会下雨吗我想知道")]
    assert [text for _, text, _ in leak_check.near_copies(training, held_out)] == [held_out[0][1]]


def test_no_test_or_evaluation_text_is_in_the_training_data() -> None:
    """Where shared/data/eval is absent only our own test set is compared."""
    files = leak_check.held_out_files()
    training = [text for _, text in leak_check.training_texts()]
    assert list(leak_check.near_copies(training, leak_check.labelled_texts(files))) == []


@pytest.mark.parametrize("line", ["nonsense", "{}", '{"text": "a"}', '{"text": "a", "intent": "unheard_of"}', "[]"])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps({"text": "好", "intent": "affirm"}) + "\n" + line + "\n")
    with pytest.raises(BadFile, match=r"bad\.jsonl:2"):
        list(rows(path))
