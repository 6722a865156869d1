"""The migrations make exactly the tables the models describe, and go back to nothing."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from storage import migrate
from storage.base import Base
from storage.engine import Database


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        ours = {"include_name": lambda name, _kind, _parents: not (name or "").startswith("procrastinate")}
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), Base.metadata) == []
        assert migrate.revision_of(connection) == migrate.newest()


def test_down_and_up_again(database_url: str, _database: Database) -> None:
    migrate.downgrade(database_url, "base")
    _database.dispose()
    leftover = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'"
    with _database.engine.connect() as connection:
        assert connection.scalar(text(leftover)) == 2  # alembic's own table and its index
    migrate.upgrade(database_url)
