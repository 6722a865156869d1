"""Jobs and timers: rows in PostgreSQL, written in the caller's own transaction.

Lower floors name a task; the worker (floor 4) registers the function of that name.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.orm import Session

from storage.engine import raw_connection


class Task(StrEnum):
    """Names of the tasks the worker knows."""

    ANSWER = "answer"
    SEND = "send"
    SETTLE = "settle"
    FETCH_MEDIA = "fetch_media"
    JOIN_PARTS = "join_parts"
    LADDER = "ladder"
    REACH = "reach"
    STOP_NOTICE = "stop_notice"
    TIP_NOTICE = "tip_notice"
    CLAIM_NOTICE = "claim_notice"
    CORRECT = "correct"
    DRILL = "drill"


class Priority(IntEnum):
    """Higher runs first."""

    URGENT = 100
    NORMAL = 0
    BACKGROUND = -10


# The connector is never opened: every job is inserted through the caller's connection.
_deferrer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def defer(
    session: Session,
    task: Task,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    queueing_lock: str | None = None,
    priority: Priority = Priority.NORMAL,
    **arguments: Any,
) -> None:
    """Queue a task in the session's transaction; it exists exactly if that commits.

    ``at``: not before that moment. ``lock``: jobs of one lock run one after another, in order. With
    ``queueing_lock`` at most one such job waits; a second is silently not queued.
    """
    session.flush()

    def insert() -> None:
        _deferrer.configure_task(
            task.value,
            schedule_at=at,
            lock=lock,
            queueing_lock=queueing_lock,
            priority=int(priority),
            # Asked for here: a savepoint exists only once the session hands out its connection inside it.
            connection=raw_connection(session),
        ).defer(**arguments)

    if queueing_lock is None:
        insert()
        return
    try:
        with session.begin_nested():
            insert()
    except AlreadyEnqueued:
        return
