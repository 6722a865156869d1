"""Deliveries that came while the database was away: on disk, encrypted, until it is back.

WeChat delivers a message three times within 15 seconds and never again, so a database that restarts for half a
minute would lose it. What lies here is stored and answered, in the order it came, as soon as the database answers.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.intake import Intake
from bot.reception import SmsReception
from conversations.inbound import Channel, Inbound, Kind
from storage.logs import fault
from storage.sealing import installed

EVERY = 1.0  # seconds between two tries
log = logging.getLogger(__name__)


class Spool:
    """A folder of sealed deliveries, one file each, named by the moment and the delivery."""

    def __init__(self, folder: Path, intake: Intake, reception: SmsReception) -> None:
        self._folder = folder
        self._intake = intake
        self._reception = reception
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, provider: str, inbound: Inbound) -> None:
        """Write one delivery durably and see to it that it is tried again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        key = sha256(f"{inbound.channel}:{inbound.external_id}".encode()).hexdigest()[:32]
        if not list(self._folder.glob(f"*-{key}.sealed")):
            name = f"{time.time_ns():020d}-{key}.sealed"
            content = json.dumps({"provider": provider, "inbound": asdict(inbound)}, default=_plain)
            _write(self._folder / name, installed().seal(content.encode(), name))
        self.watch()

    def watch(self) -> None:
        """Start trying, if anything lies here and nobody tries yet."""
        with self._lock:
            if self._thread is None and any(self._folder.glob("*.sealed")):
                self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
                self._thread.start()

    def drain(self) -> bool:
        """Store and answer what lies here; False while the database is still away."""
        for path in sorted(self._folder.glob("*.sealed")):
            try:
                self._hand_on(path)
            except (DBAPIError, PoolTimeout):
                return False
            except FileNotFoundError:
                continue  # another process of this machine was quicker
            except Exception as error:  # noqa: BLE001 one bad file must not hold up the others
                log.error("kept delivery not readable", extra={"file": path.name, **fault(error)})
                path.rename(path.with_suffix(".bad"))
        return True

    def _hand_on(self, path: Path) -> None:
        kept: dict[str, Any] = json.loads(installed().open(path.read_bytes(), path.name))
        inbound = _inbound(kept["inbound"])
        if inbound.channel is Channel.SMS:
            self._reception.store(kept["provider"], inbound)
        else:
            self._intake.take(inbound)
        path.unlink(missing_ok=True)
        log.warning("kept delivery stored", extra={"channel": inbound.channel.value})

    def _run(self) -> None:
        while True:
            time.sleep(EVERY)
            if not self.drain():
                continue
            with self._lock:
                if not any(self._folder.glob("*.sealed")):
                    self._thread = None
                    return


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _inbound(raw: dict[str, Any]) -> Inbound:
    times = {key: datetime.fromisoformat(raw[key]) for key in ("received_at", "sent_at")}
    return Inbound(**{**raw, **times, "channel": Channel(raw["channel"]), "kind": Kind(raw["kind"])})


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
