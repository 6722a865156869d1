"""The bot's parts on a real database, with a clock that only moves when told to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import parts as bot_parts
from bot.parts import Parts
from storage.engine import Database
from storage.settings import Settings
from tests.bot.standins import Run, make_project, until, using
from tests.handlers.conftest import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def built(database: Database, database_url: str, redis_url: str, settings: Settings, clock: Clock) -> Iterator[Parts]:
    """Everything a process of the bot has; no model, so plain rules understand."""
    settings.database_url = database_url
    settings.redis_url = redis_url
    parts = bot_parts.assemble(settings, clock=clock)
    yield replace(parts)
    parts.database.dispose()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not under pytest's own folder: each pytest that starts closes that one to PostgreSQL's user."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The supervisor with stand-ins."""
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def start(project: Path, open_folder: Path) -> Iterator[Callable[..., Run]]:
    """Starts the hotline on ``data`` in the open folder; nothing of it is left after the test."""
    started: list[Run] = []

    def run(**env: str) -> Run:
        started.append(Run(project, open_folder / "data", **env))
        return started[-1]

    yield run
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
    assert until(lambda: not using(open_folder / "data"))
