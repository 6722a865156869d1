"""The bot's parts on a real database, with a clock that only moves when told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot import parts as bot_parts
from bot.parts import Parts
from storage.engine import Database
from storage.settings import Settings
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
