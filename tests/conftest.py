"""A real PostgreSQL and a real Redis for every test that asks for them."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_library
from sqlalchemy import text

import conversations.models  # noqa: F401 every table has to be known before it is emptied
import linkage.models  # noqa: F401
import monthly.models  # noqa: F401
import rewards.models  # noqa: F401
import stops.drills.models
import stops.duty.models
import stops.models
import stops.orders.models  # noqa: F401
import tips.models  # noqa: F401
from storage import migrate
from storage.base import Base
from storage.embedded import start_postgres, start_redis
from storage.engine import Database
from storage.sealing import Sealer, install
from storage.servers.postgres import SETTINGS
from storage.settings import Settings, load

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The evaluation data beside the repository; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("../shared/data is not here: nothing to compare with")
    return SHARED_DATA


@pytest.fixture(scope="session")
def server_dir() -> Iterator[Path]:
    """Where the servers of this run keep their files; not pytest's own folder, which only root may enter."""
    with tempfile.TemporaryDirectory(prefix="hotline-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def database_url(server_dir: Path) -> Iterator[str]:
    """A migrated PostgreSQL, which need not outlive a power cut and so waits for no disk."""
    with pytest.MonkeyPatch.context() as patch:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            patch.setitem(SETTINGS, setting, "off")
        running = start_postgres(server_dir)
    migrate.upgrade(running.url)
    yield running.url
    running.stop()


@pytest.fixture(scope="session")
def redis_url(server_dir: Path) -> Iterator[str]:
    """An empty Redis."""
    running = start_redis(server_dir)
    yield running.url
    running.stop()


@pytest.fixture(scope="session")
def _database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def database(_database: Database) -> Iterator[Database]:
    """The database, empty before each test. DELETE: of small tables, TRUNCATE takes fifteen times as long."""
    _sealed()
    tables = [table.name for table in Base.metadata.sorted_tables]
    tables += ["procrastinate_periodic_defers", "procrastinate_events", "procrastinate_jobs", "procrastinate_workers"]
    with _database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # no foreign key, no trigger
        session.execute(text(f"DO $$ BEGIN {' '.join(f'DELETE FROM {table};' for table in tables)} END $$"))
    yield _database


@pytest.fixture
def redis(redis_url: str) -> Iterator[redis_library.Redis]:
    """A client of an emptied Redis."""
    client = redis_library.Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()


def _sealed() -> None:
    install(Sealer(base64.b64encode(b"k" * 32).decode()))


def plain_settings(patch: pytest.MonkeyPatch, data_dir: Path) -> Settings:
    """Sandbox settings, whatever the environment says."""
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        patch.delenv(name)
    return load(data_dir=data_dir, data_key=base64.b64encode(b"k" * 32).decode())


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a test, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return plain_settings(monkeypatch, tmp_path / "data")
