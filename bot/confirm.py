"""Noting that passive replies went out, a batch at a time, off the path of the reply itself.

What is not noted within seconds (the process died, WeChat hung up) the worker sends as a customer-service message.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from conversations.models import Delivery, Message
from storage.engine import Database

EVERY = 0.2  # seconds between two batches
AGAIN = 1.0  # seconds until a batch the database did not take is tried again
log = logging.getLogger(__name__)


class Confirmer:
    """Collects ids and marks their messages as sent. The thread starts with the first id, so forking is safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._waiting: list[uuid.UUID] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def confirm(self, message_id: uuid.UUID) -> None:
        """Note one reply as handed over."""
        with self._lock:
            self._waiting.append(message_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="confirmer", daemon=True)
                self._thread.start()
                atexit.register(self.flush)
        self._wake.set()

    def flush(self) -> bool:
        """Write what waits; False on a database fault, after which it still waits."""
        with self._lock:
            batch, self._waiting = self._waiting, []
        if not batch:
            return True
        try:
            with self._database.transaction() as session:
                session.execute(
                    update(Message)
                    .where(Message.id.in_(batch), Message.delivery == Delivery.PASSIVE)
                    .values(delivery=Delivery.SENT.value, sent_at=self._clock())
                )
        except SQLAlchemyError as error:
            log.warning("passive replies not noted yet", extra={"reason": type(error).__name__})
            with self._lock:
                self._waiting = batch + self._waiting
            return False
        return True

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            time.sleep(EVERY)
            while not self.flush():  # what is not noted in time is said twice, and perhaps nobody else comes
                time.sleep(AGAIN)
