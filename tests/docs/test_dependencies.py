"""docs/dependencies.md has one row for every direct requirement, with the version that is installed."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECTION = re.compile(r"^## .*\(`(?P<file>[a-z/-]+\.in)`.*\)$", re.M)
ROW = re.compile(
    r"^\| `(?P<name>[a-z0-9-]+)` \| (?P<version>\S+) \| (?P<released>[^|]+) \| (?P<licence>[^|]+) \| (?P<why>[^|]+) \|$"
)
NAME = re.compile(r"[A-Za-z0-9._-]+")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)", re.M)
FILES = ("requirements.in", "requirements-dev.in", "nlu/requirements.in")


def normal(name: str) -> str:
    """A package name as the index compares them (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(file: str) -> dict[str, str]:
    """Direct requirements of a file with the versions its lock file pins."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    names = [found.group() for line in lines if not line.startswith(("#", "-")) and (found := NAME.match(line.strip()))]
    lock = (ROOT / file).with_suffix(".txt").read_text(encoding="utf-8")
    pins = {normal(pin["name"]): pin["version"] for pin in PIN.finditer(lock)}
    return {normal(name): pins[normal(name)] for name in names}


def described() -> dict[str, dict[str, str]]:
    """Rows of the page by requirements file: name and version."""
    rows: dict[str, dict[str, str]] = {}
    file = ""
    for line in (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines():
        section, row = SECTION.match(line), ROW.match(line)
        if line.startswith("## "):
            file = section["file"] if section else ""
        if row:
            assert row["name"] not in rows.setdefault(file, {}), f"{row['name']} has two rows"
            rows[file][row["name"]] = row["version"]
    return rows


def test_every_direct_requirement_has_its_row_and_no_row_is_stale() -> None:
    assert described() == {file: required(file) for file in FILES}
