"""Alembic's entry: runs the revisions on the connection it is handed."""

from alembic import context

from storage.base import Base


def _ours(name: str | None, kind: str, parents: object) -> bool:
    """The job queue's tables are the library's, not ours to compare."""
    return not (name or "").startswith("procrastinate")


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, transaction_per_migration=True, include_name=_ours
)
with context.begin_transaction():
    context.run_migrations()
