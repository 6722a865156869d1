"""``run.json`` in the data folder: what runs now, for the tests, the doctor and scripts."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class RunState:
    """``urls``: intake, console, sandbox. Embedded servers and the started NLU server are named too;
    addresses that were given in the settings are not, because they may hold passwords.
    """

    pid: int = field(default_factory=os.getpid)
    watchdog: int = 0
    ready: bool = False
    urls: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    embedded: dict[str, str] = field(default_factory=dict)
    nlu_urls: list[str] = field(default_factory=list)
    pids: dict[str, int] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)


def path_of(data_dir: Path) -> Path:
    """Where the state is kept."""
    return data_dir / "run.json"


def write(data_dir: Path, state: RunState) -> None:
    """Replace the file in one step; only its owner may read it."""
    path = path_of(data_dir)
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(asdict(state), out, indent=1)
    partial.replace(path)


def read(data_dir: Path) -> RunState | None:
    """The state of the running (or killed) hotline on this folder; None when it was stopped cleanly."""
    try:
        return RunState(**json.loads(path_of(data_dir).read_text()))
    except FileNotFoundError:
        return None


def remove(data_dir: Path) -> None:
    """Nothing runs any more."""
    path_of(data_dir).unlink(missing_ok=True)
