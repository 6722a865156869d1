"""How the supervisor runs the NLU server: Rasa's HTTP API on loopback, with a token, quiet and without telemetry."""

from __future__ import annotations

import os
from pathlib import Path

from nlu.rasa_server import TOKEN
from nlu.train import RASA_PYTHON, ROOM

_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "SANIC_WORKERS": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONPATH": str(ROOM.parent),
}
# What Rasa's process may see of ours: no secret, no database address.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT")


def environment(token: str = "") -> dict[str, str]:
    """The whole environment of a Rasa process; a server is given the token it demands here and nowhere else."""
    passed = {key: value for key in _PASSED_ON if (value := os.environ.get(key)) is not None}
    return {**passed, **_QUIET, **({TOKEN: token} if token else {})}


def command(port: int, model: Path) -> list[str]:
    """Argument list of the server; ready once ``GET /status`` answers 200. Run it in the repository's folder."""
    return [
        str(RASA_PYTHON), "-W", "ignore", "-m", "nlu.rasa_server", "--enable-api",
        "--interface", "127.0.0.1",
        "--port", str(port),
        "--model", str(model),
        "--endpoints", str(ROOM / "endpoints.yml"),
        "--credentials", str(ROOM / "credentials.yml"),
    ]  # fmt: skip
