"""What several knowledge tests read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
WORDINGS: dict[str, list[Any]] = yaml.safe_load((Path(__file__).parent / "wordings.yml").read_text(encoding="utf-8"))


def shared_file(name: str) -> Path:
    """A file of the shared data; the test is skipped where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"shared data is absent: {name}")
    return path


def shared_texts(name: str) -> list[str]:
    """The texts of one evaluation file."""
    lines = shared_file(f"eval/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]
