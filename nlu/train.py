"""Trains the intent model where it is missing or stale. Needs nothing but the standard library.

``python -m nlu.train`` prints the model's path as its last line. A model is named by the fingerprint of everything that
makes it: data, configuration, components, requirements. A file that exists is never trained again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOM = Path(__file__).resolve().parent
MODELS = ROOM / "models"
RASA_PYTHON = ROOM / ".venv" / "bin" / "python"
PROFILE = "HOTLINE_NLU_PROFILE"
# fast: one look at every text; accurate: a second one, with sentence embeddings, where unsure (figures: docs/nlu.md)
_CONFIGS = {"fast": "config.yml", "accurate": "config-accurate.yml"}
_SOURCES = (
    "data/*.yml", "domain.yml", "components/**/*.py", "requirements.txt",
    # what the component reads of ours
    "rules/*.yml", "features.py", "normalise.py", "prefilter.py", "rulebook.py", "safety_net.py",
)  # fmt: skip
_KEPT = 3


class TrainingFailed(Exception):
    """Rasa did not make a model; the text ends with what it said."""


def config_name() -> str:
    """The configuration of the chosen profile. Raises :class:`TrainingFailed` for a profile that does not exist."""
    chosen = os.environ.get(PROFILE, "").strip() or "fast"
    if chosen not in _CONFIGS:
        raise TrainingFailed(f"{PROFILE}={chosen} is none of {', '.join(_CONFIGS)}")
    return _CONFIGS[chosen]


def sources(room: Path = ROOM) -> Iterator[Path]:
    """The files a model is made of, in a fixed order."""
    for pattern in (*_SOURCES, config_name()):
        yield from sorted(path for path in room.glob(pattern) if path.is_file())


def fingerprint(room: Path = ROOM) -> str:
    """16 hex digits over names and contents of the sources."""
    digest = hashlib.sha256()
    for path in sources(room):
        name = path.relative_to(room).as_posix().encode()
        content = path.read_bytes()
        digest.update(b"%d:%s%d:" % (len(name), name, len(content)))
        digest.update(content)
    return digest.hexdigest()[:16]


def model_path(room: Path = ROOM) -> Path:
    """Where the model of the present sources is or will be."""
    return room / "models" / f"{fingerprint(room)}.tar.gz"


def command(model: Path, config: Path | None = None) -> list[str]:
    """What makes ``model``: Rasa in its own environment, with the profile's configuration unless another is given."""
    return [
        str(RASA_PYTHON), "-W", "ignore", "-m", "rasa", "train", "nlu",
        "--nlu", str(ROOM / "data"),
        "--config", str(config or ROOM / config_name()),
        "--domain", str(ROOM / "domain.yml"),
        "--out", str(model.parent),
        "--fixed-model-name", model.name.removesuffix(".tar.gz"),
    ]  # fmt: skip


def train(force: bool = False) -> Path:
    """The model of the present sources, trained if need be. Raises :class:`TrainingFailed`."""
    from nlu.serve import environment

    model = model_path()
    if model.is_file() and not force:
        return model
    if not RASA_PYTHON.is_file():
        raise TrainingFailed(f"{RASA_PYTHON} is missing: install nlu/requirements.txt there with Python 3.10")
    model.parent.mkdir(exist_ok=True)
    unfinished = model.with_name("unfinished-" + model.name)
    began = time.monotonic()
    print("Training the intent model (two to three minutes) …", file=sys.stderr, flush=True)
    with subprocess.Popen(  # noqa: S603 - our own command
        command(unfinished),
        cwd=ROOM.parent,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        said = _progress(running)
    if running.returncode != 0 or not unfinished.is_file():
        raise TrainingFailed("rasa train failed:\n" + "".join(said[-30:]))
    unfinished.replace(model)
    print(f"Trained in {time.monotonic() - began:.0f} s: {model.name}", file=sys.stderr)
    _tidy(model)
    return model


def _progress(running: subprocess.Popen[str]) -> list[str]:
    said: list[str] = []
    for line in running.stdout or ():
        said.append(line)
        if "Starting to train component" in line:
            print("  " + line.split("component", 1)[1].strip(" '.\n") + " …", file=sys.stderr, flush=True)
    return said


def _tidy(current: Path) -> None:
    """Keep the newest models; a server that still runs has its own unpacked copy."""
    models = sorted(current.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in models if path != current][_KEPT - 1 :]:
        old.unlink(missing_ok=True)


def main() -> int:
    """Train if need be; print the path."""
    parser = argparse.ArgumentParser(
        prog="python -m nlu.train", description="Train the intent model where it is stale."
    )
    parser.add_argument("--force", action="store_true", help="train even if the model exists")
    parser.add_argument("--check", action="store_true", help="only say whether the model exists (exit status)")
    given = parser.parse_args()
    if given.check:
        return 0 if model_path().is_file() else 1
    try:
        print(train(force=given.force))
    except TrainingFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
