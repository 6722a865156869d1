"""The SMS side's memory: what each phone sent and received, and how it was delivered."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sandbox.splitting import split, units

MAX_PHONES = 5000
MAX_TEXTS = 400
MAX_KNOWN_IDS = 50_000


@dataclass(slots=True)
class Sms:
    """One text. ``direction``: ``mo`` from the resident, ``mt`` to the resident.

    ``status`` of an ``mo``: sending, accepted or refused; of an ``mt``: sent, delivered or failed. ``tries``: posts
    to the hotline of this text or of its receipt. ``receipt``: waiting, accepted, refused or none.
    """

    id: str
    at: datetime
    direction: str
    text: str
    status: str
    conversation: str = ""
    part: str = ""
    tries: int = 0
    receipt: str = ""
    reason: str = ""
    requests: int = 1  # how often the hotline asked for it with this id

    def view(self) -> dict[str, Any]:
        """As JSON, with its length in UCS-2 units and parts."""
        return {
            **asdict(self),
            "at": self.at.isoformat(timespec="milliseconds"),
            "units": units(self.text),
            "parts": len(split(self.text)),
        }


@dataclass(slots=True)
class Phone:
    """One resident's phone. ``revision`` grows with every change."""

    number: str
    name: str
    revision: int = 0
    texts: deque[Sms] = field(default_factory=lambda: deque(maxlen=MAX_TEXTS))


class Phones:
    """All phones; safe for threads; the longest silent phone makes room for a new one."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._phones: OrderedDict[str, Phone] = OrderedDict()
        self._sent: OrderedDict[str, Sms] = OrderedDict()
        self._revisions = 0

    def ensure(self, number: str, name: str = "") -> None:
        """Make the phone if it is not there."""
        with self._lock:
            self._phone(number, name)

    def record_mo(self, number: str, sms_id: str, text: str, part: str) -> Sms:
        """A text that the resident is sending."""
        with self._lock:
            return self._append(number, Sms(sms_id, self._clock(), "mo", text, "sending", part=part))

    def record_mt(self, number: str, sms_id: str, text: str, conversation: str) -> Sms | None:
        """A text for the resident; None when this id has arrived before (it appears once)."""
        with self._lock:
            if known := self._sent.get(sms_id):
                known.requests += 1
                self.changed(number)
                return None
            sms = Sms(sms_id, self._clock(), "mt", text, "sent", conversation=conversation)
            self._sent[sms_id] = sms
            if len(self._sent) > MAX_KNOWN_IDS:
                self._sent.popitem(last=False)
            return self._append(number, sms)

    def changed(self, number: str) -> None:
        """Say that a text of this phone has changed."""
        with self._lock:
            if phone := self._phones.get(number):
                self._touch(phone)

    def view(self, number: str) -> dict[str, Any] | None:
        """The phone as JSON, oldest text first; None when there is none."""
        with self._lock:
            phone = self._phones.get(number)
            if phone is None:
                return None
            return {
                "number": phone.number,
                "name": phone.name,
                "revision": phone.revision,
                "messages": [sms.view() for sms in phone.texts],
            }

    def revision(self, number: str) -> int:
        """The phone's revision; 0 when there is no phone."""
        with self._lock:
            phone = self._phones.get(number)
            return 0 if phone is None else phone.revision

    def listing(self) -> list[dict[str, Any]]:
        """Every phone in short, in the order they began."""
        with self._lock:
            return [
                {"number": phone.number, "name": phone.name, "messages": len(phone.texts)}
                for phone in self._phones.values()
            ]

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._phones.clear()
            self._sent.clear()

    def _append(self, number: str, sms: Sms) -> Sms:
        phone = self._phone(number)
        phone.texts.append(sms)
        self._touch(phone)
        return sms

    def _phone(self, number: str, name: str = "") -> Phone:
        phone = self._phones.get(number)
        if phone is None:
            while len(self._phones) >= MAX_PHONES:
                del self._phones[min(self._phones.values(), key=lambda old: old.revision).number]
            phone = self._phones[number] = Phone(number, name or number)
            self._touch(phone)
        return phone

    def _touch(self, phone: Phone) -> None:
        self._revisions += 1
        phone.revision = self._revisions
