"""Jobs live and die with the transaction that queued them."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.engine import Database, FailedTransactionError
from storage.jobs import Task, defer

MARK = text(
    "INSERT INTO unreadable_deliveries (id, channel, reason, digest, received_at) "
    "VALUES (gen_random_uuid(), 'sms', 'x', gen_random_uuid()::text, now())"
)


def count(session: Session, table: str) -> int:
    return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def test_a_job_vanishes_with_its_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        defer(session, Task.SEND, contact_id="x")
        raise ZeroDivisionError
    with database.transaction() as session:
        assert count(session, "procrastinate_jobs") == 0


def test_a_second_job_of_one_queueing_lock_harms_nothing(database: Database) -> None:
    for _ in range(2):
        with database.transaction() as session:
            session.execute(MARK)
            defer(session, Task.SETTLE, queueing_lock="one", conversation_id="x")
            session.execute(MARK)
    with database.transaction() as session:
        assert count(session, "procrastinate_jobs") == 1
        assert count(session, "unreadable_deliveries") == 4


def test_a_failed_transaction_is_never_committed_in_silence(database: Database) -> None:
    with pytest.raises(FailedTransactionError), database.transaction() as session:
        session.execute(MARK)
        raw = session.connection().connection.driver_connection
        assert raw is not None
        with pytest.raises(Exception, match="division by zero"):
            raw.cursor().execute("SELECT 1/0")


def test_ordinary_faults_still_come_through(database: Database) -> None:
    with pytest.raises(DBAPIError), database.transaction() as session:
        session.execute(text("SELECT 1/0"))
