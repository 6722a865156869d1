"""``run.json`` in the data folder: what runs now, for the tests, the doctor and scripts."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Handover:
    """``state``: going, done or failed; ``says``: a sentence for whoever asked."""

    request: str
    state: str
    says: str = ""


@dataclass(slots=True)
class RunState:
    """``urls``: intake, console, sandbox. Embedded servers and the started NLU server are named too;
    addresses that were given in the settings are not, because they may hold passwords.

    ``model``: the model file in service; ``handover``: the request for another one heard last, and what became of it.
    """

    pid: int = field(default_factory=os.getpid)
    watchdog: int = 0
    ready: bool = False
    urls: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    embedded: dict[str, str] = field(default_factory=dict)
    nlu_urls: list[str] = field(default_factory=list)
    model: str = ""
    handover: Handover | None = None
    pids: dict[str, int] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)


def path_of(data_dir: Path) -> Path:
    """Where the state is kept."""
    return data_dir / "run.json"


_one_writer = threading.Lock()


def write(data_dir: Path, state: RunState) -> None:
    """Replace the file in one step; only its owner may read it."""
    with _one_writer:
        write_private(path_of(data_dir), json.dumps(asdict(state), indent=1))


def write_private(path: Path, text: str) -> None:
    """Put a file in place in one step, for its owner only."""
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    partial.replace(path)


def read(data_dir: Path) -> RunState | None:
    """The state of the running (or killed) hotline on this folder; None when it was stopped cleanly."""
    try:
        found = json.loads(path_of(data_dir).read_text())
    except FileNotFoundError:
        return None
    if found.get("handover"):
        found["handover"] = Handover(**found["handover"])
    return RunState(**found)


def follow_nlu_urls(data_dir: Path) -> Callable[[], tuple[str, ...]]:
    """The addresses of the NLU servers in service, read anew when the file has changed: a look costs one ``stat``."""
    seen: tuple[object, tuple[str, ...]] = (None, ())

    def urls() -> tuple[str, ...]:
        nonlocal seen
        try:
            stat = path_of(data_dir).stat()
            mark = (stat.st_mtime_ns, stat.st_ino)
            if mark != seen[0]:
                state = read(data_dir)
                seen = (mark, tuple(state.nlu_urls) if state else seen[1])
        except OSError:
            pass  # stopped, or starting: what was known last is as good as anything
        return seen[1]

    return urls


def remove(data_dir: Path) -> None:
    """Nothing runs any more."""
    path_of(data_dir).unlink(missing_ok=True)
