"""What a worker does again and again. Not periodic jobs: those go by the clock on the wall, and when it is moved back
none comes until it has caught up. These sleep by the machine's own count of seconds.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from bot import metrics
from storage.logs import fault

log = logging.getLogger(__name__)


async def again_and_again(what: str, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
    """Look, sleep and look again until cancelled. Every worker does it, so a look must bear being done by several."""
    while True:
        try:
            await look()
        except Exception as error:  # noqa: BLE001 neither a database that is away nor a fault may end the looking
            log.error("a round failed", extra={"what": what, **fault(error)})
        await asyncio.sleep(seconds)


@contextmanager
def alone(whose: str, kind: str, row_id: uuid.UUID) -> Iterator[None]:
    """A row that cannot be dealt with is tried again next round and keeps no other waiting.

    ``whose``: the label its fault is counted under.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 whatever it is, the other rows must have their turn
        metrics.faults.labels(whose).inc()
        log.error("not done this round", extra={"kind": kind, "row": str(row_id), **fault(error)})
