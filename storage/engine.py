"""Connections and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session, sessionmaker


def sqlalchemy_url(url: str) -> str:
    """The same address with our driver named."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


class Database:
    """One pool of connections to PostgreSQL, shared by the threads of a process.

    ``ask_first``: try a connection before it is used, so that nobody meets the ones a restarted server has dropped.
    """

    def __init__(self, url: str, pool_size: int = 10, *, ask_first: bool = False) -> None:
        self.url = url
        self.engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=10,
            pool_recycle=1800,
            pool_pre_ping=ask_first,
            connect_args={"connect_timeout": 3, "options": "-c statement_timeout=15000 -c lock_timeout=8000"},
        )
        event.listen(self.engine, "commit", _refuse_failed)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def sessions(self) -> sessionmaker[Session]:
        """The factory of this pool's sessions, to hook events on."""
        return self._sessions

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: commits at the end, rolls back on any exception."""
        with self._sessions() as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


class FailedTransactionError(Exception):
    """A statement failed, was caught, and somebody went on to commit: PostgreSQL would silently roll back."""


def _refuse_failed(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    if isinstance(raw, psycopg.Connection) and raw.info.transaction_status is TransactionStatus.INERROR:
        raise FailedTransactionError("the transaction has failed and cannot be committed")


def raw_connection(session: Session) -> psycopg.Connection[tuple[object, ...]]:
    """The psycopg connection under a session, inside its transaction."""
    raw = session.connection().connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("the session does not run on psycopg")
    return raw
