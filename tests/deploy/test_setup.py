"""The set-up scripts and the Makefile, run as a person runs them, on a project of a few lines."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE_NLU = """
import sys
print("any line before the last is only talk")
print(sys._base_executable)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts, and requirements that need no download."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "nlu").mkdir()
    (folder / "nlu" / "python310.py").write_text(FAKE_NLU)
    for name in ("requirements.txt", "nlu/requirements.txt"):
        (folder / name).write_text("# nothing\n")
    return folder


def make(project: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run make with nothing in the environment but where programs and the home folder are."""
    env = {"PATH": path or os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    command = [shutil.which("make") or "make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)


def test_environments_are_made_once_and_again_when_the_requirements_change(project: Path) -> None:
    first = make(project, "setup")
    assert first.returncode == 0, first.stderr
    assert "creating .venv with Python 3." in first.stdout
    assert "installing the program's packages: done" in first.stdout
    assert "installing the intent model's packages (Rasa, TensorFlow): done" in first.stdout
    for environment in (".venv", "nlu/.venv"):
        python = project / environment / "bin" / "python"
        subprocess.run([str(python), "-c", "import sys; assert sys.prefix != sys.base_prefix"], check=True)

    second = make(project, "setup")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")

    (project / "requirements.txt").write_text("# nothing either\n")
    third = make(project, "setup")
    assert "the program's packages: done" in third.stdout
    assert "intent model" not in third.stdout


def test_a_failed_installation_shows_the_end_of_its_log_and_is_tried_again(project: Path) -> None:
    (project / "requirements.txt").write_text("./no-such-package.whl --hash=sha256:" + "0" * 64 + "\n")
    for _ in range(2):
        failed = make(project, "setup")
        assert failed.returncode != 0
        assert "installing the program's packages: failed. The end of .venv/install-requirements.log:" in failed.stderr
        assert "no-such-package.whl" in failed.stderr
        assert "Traceback" not in failed.stderr
    (project / "requirements.txt").write_text("# nothing\n")


def programs(folder: Path, **scripts: str) -> str:
    """A PATH of its own with little on it."""
    for name in ("sh", "dirname", "env"):
        (folder / name).symlink_to(shutil.which(name) or name)
    for name, text in scripts.items():
        (folder / name.replace("_", ".")).write_text(text)
        (folder / name.replace("_", ".")).chmod(0o755)
    return str(folder)


def test_a_machine_without_a_new_python_is_told_what_to_install(project: Path, tmp_path: Path) -> None:
    shutil.rmtree(project / ".venv", ignore_errors=True)
    answer = make(project, "setup", path=programs(tmp_path, python3="#!/bin/sh\nexit 1\n"))
    assert answer.returncode != 0
    assert "Python 3.11 or newer is needed" in answer.stderr
    assert "apt-get install python3 python3-venv" in answer.stderr


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Debian's python3 without python3-venv has no ensurepip; here it is a python that cannot import it.
    monkeypatch.setenv("PATH", programs(tmp_path, python3="#!/bin/sh\nexit 1\n"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    setup = runpy.run_path(str(ROOT / "deploy" / "setup.py"))
    setup["create_app_environment"].__globals__["APP"] = tmp_path / ".venv"
    with pytest.raises(setup["SetupError"], match=r"On Debian and Ubuntu: sudo apt-get install python3\.\d+-venv$"):
        setup["create_app_environment"]()


def test_every_target_a_person_uses_is_in_the_help(project: Path) -> None:
    listed = re.findall(r"^  make (\S+)", make(project).stdout, re.MULTILINE)
    assert listed == [
        "help",
        "run",
        "test",
        "sure",
        "train",
        "eval",
        "bakeoff",
        "bench",
        "drill",
        "kills",
        "lock",
        "clean",
    ]


def test_clean_keeps_the_data(project: Path) -> None:
    for folder in ("data", ".venv", "nlu/.venv", "bot/__pycache__"):
        (project / folder).mkdir(parents=True, exist_ok=True)
    assert make(project, "clean").returncode == 0
    assert (project / "data").exists()
    assert not any((project / folder).exists() for folder in (".venv", "nlu/.venv", "bot/__pycache__"))
