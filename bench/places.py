"""Where things lie."""

from __future__ import annotations

from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
OUT = BENCH / "out"  # the peer's trained model; not in git
PEER = BENCH / "peer"
