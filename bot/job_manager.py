"""What becomes of a job is written down, however long the database is away.

procrastinate tries once. A status that was not written leaves the job as being done by a worker that lives, and then
nobody takes it up again; so does a retry that collides with another job of the same queueing lock, which waits already.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import psycopg
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

AGAIN = 1.0  # seconds between two tries
log = logging.getLogger(__name__)


class PatientJobManager(JobManager):
    """Waits for the database, and drops a retry whose twin waits already."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Set a job to its final state."""
        await _patiently(lambda: super(PatientJobManager, self).finish_job(job, status, delete_job))

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Have a job done again; where another of its queueing lock waits, that one does its work."""
        try:
            await _patiently(lambda: super(PatientJobManager, self).retry_job(job, retry_at, priority, queue, lock))
        except UniqueViolation:
            await self.finish_job(job, Status.ABORTED, delete_job=True)


async def _patiently(write: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await write()
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.OperationalError):
                raise
            log.warning("a job's state is not written yet", extra={"reason": type(error.__cause__).__name__})
        await asyncio.sleep(AGAIN)
