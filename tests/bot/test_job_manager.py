"""What becomes of a job is written down, also when the database is away just then or another job waits already."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import procrastinate
import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg import sql
from sqlalchemy import make_url

from bot.job_manager import PatientJobManager
from storage.engine import Database
from storage.jobs import Task, defer

JOBS = "SELECT id, status::text FROM procrastinate_jobs ORDER BY id"


def _queue(database: Database) -> None:
    with database.transaction() as session:
        defer(session, Task.SETTLE, queueing_lock="one", conversation_id="x")


def _jobs(url: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(JOBS).fetchall()


@asynccontextmanager
async def _begun(url: str) -> AsyncIterator[tuple[PatientJobManager, Job]]:
    """A worker that has begun with the only job there is."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=2))
    manager = PatientJobManager(app.connector)
    async with app.open_async():
        worker = await manager.register_worker()
        job = await manager.fetch_job(None, worker)
        assert job is not None
        yield manager, job


def _run(course: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(course, 60))


@contextmanager
def _closed(url: str) -> Iterator[None]:
    """The database lets nobody in, as while it starts."""
    name = make_url(url).database or ""
    elsewhere = make_url(url).set(database="postgres").render_as_string(hide_password=False)
    allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_a_job_done_while_the_database_is_away_is_written_down_later(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a job, when it ends while the database is away, then it is gone from the queue once that is back."""
    _queue(database)

    async def course() -> None:
        async with _begun(database_url) as (manager, job):
            with _closed(database_url):
                ending = asyncio.create_task(manager.finish_job(job, Status.SUCCEEDED, delete_job=True))
                while "not written yet" not in caplog.text:
                    await asyncio.sleep(0.05)
                assert not ending.done()
            await ending

    with caplog.at_level(logging.WARNING):
        _run(course())
    database.dispose()  # its connections were ended as well
    assert _jobs(database_url) == []


def test_a_retry_gives_way_to_its_twin(database: Database, database_url: str) -> None:
    """Given a job under way and another of the same queueing lock that waits, when the first is to be done again, then
    the second stays alone."""
    _queue(database)

    async def course() -> None:
        async with _begun(database_url) as (manager, job):
            _queue(database)
            assert [status for _, status in _jobs(database_url)] == ["doing", "todo"]
            await manager.retry_job(job)

    _run(course())
    assert [status for _, status in _jobs(database_url)] == ["todo"]


def test_a_retry_without_a_twin_waits(database: Database, database_url: str) -> None:
    _queue(database)

    async def course() -> None:
        async with _begun(database_url) as (manager, job):
            await manager.retry_job(job)

    _run(course())
    assert [status for _, status in _jobs(database_url)] == ["todo"]


def test_what_will_never_be_written_is_not_tried_for_ever(database: Database, database_url: str) -> None:
    """Given a job somebody else has removed, when its end is to be written, then that is a fault, not a wait."""
    _queue(database)

    async def course() -> None:
        async with _begun(database_url) as (manager, job):
            await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)
            with pytest.raises(ConnectorException):
                await manager.finish_job(job, Status.SUCCEEDED, delete_job=True)

    _run(course())
