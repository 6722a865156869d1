"""The import floors: the contract of pyproject.toml holds, covers every room, and the web stays on the top floor."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("bot", "console", "sandbox")
NO_ROOMS = {"tests", "bench"}  # they use every room, and nothing imports them
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def rooms() -> set[str]:
    """Every package at the top of the repository that belongs to the program."""
    return {path.parent.name for path in ROOT.glob("*/__init__.py")} - NO_ROOMS


def is_web(module: str) -> bool:
    """Whether a package is Flask, an extension of Flask, or what Flask stands on."""
    return module in {"flask", "werkzeug"} or module.startswith("flask_")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Every import of every room, those inside functions included."""
    return grimp.build_graph(*sorted(rooms()), include_external_packages=True, cache_dir=None)


def test_the_contract_holds() -> None:
    linted = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_contract_covers_every_room() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in linter["contracts"] if contract["type"] == "layers")
    floors = [name.strip() for layer in layers for name in layer.split("|")]
    assert sorted(floors) == sorted(linter["root_packages"]) == sorted(rooms())


@pytest.mark.parametrize("app", APPS)
def test_the_three_apps_do_not_know_each_other(graph: grimp.ImportGraph, app: str) -> None:
    others = set(APPS) - {app}
    found = [
        f"{importer} imports {imported}"
        for importer in graph.modules
        if importer.partition(".")[0] == app
        for imported in graph.find_modules_directly_imported_by(importer)
        if imported.partition(".")[0] in others
    ]
    assert not found


def test_only_the_apps_know_the_web(graph: grimp.ImportGraph) -> None:
    web = {module for module in graph.modules if is_web(module)}
    assert "flask" in web
    found = [
        f"{importer} imports {module}"
        for module in web
        for importer in graph.find_modules_that_directly_import(module)
        if importer.partition(".")[0] not in APPS
    ]
    assert not found
