"""Bringing the database to the newest revision, and asking which one it has."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from storage.engine import sqlalchemy_url

LOCK = 7_305_118_001  # any constant: one migration at a time, whoever starts it


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def newest() -> str:
    """The newest revision in the source."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _run(url: str, action: str, revision: str) -> None:
    engine = create_engine(sqlalchemy_url(url))
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        getattr(command, action)(config, revision)
        connection.commit()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        connection.commit()
    engine.dispose()


def upgrade(url: str) -> None:
    """Run every revision the database does not have yet."""
    _run(url, "upgrade", "head")


def downgrade(url: str, revision: str) -> None:
    """Go back to a revision (``base``: an empty database)."""
    _run(url, "downgrade", revision)


def revision_of(connection: Connection) -> str:
    """The revision a database has; empty when it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision() or ""
