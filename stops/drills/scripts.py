"""The scripts of drills, from ``scripts.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("scripts.yml")


@dataclass(frozen=True, slots=True)
class Script:
    """What one played victim says. ``answers``: by the key of the question. ``pause``: seconds before each message."""

    name: str
    title: str
    pause: int
    opening: list[str]
    otherwise: str
    answers: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def scripts() -> dict[str, Script]:
    """By name, the usual one first."""
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {entry["name"]: Script(**entry) for entry in entries}
