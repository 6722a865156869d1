"""An SMS operator with the hotline's `generic` interface: signed JSON in both directions.

Signature: ``X-Hotline-Signature: sha256=`` + hex HMAC-SHA256(secret, ``X-Hotline-Timestamp`` + "." + raw body).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox import outgoing
from sandbox.faults import SmsFault
from sandbox.phones import Phones, Sms

MO_PATH = "/sms/generic"
REPORT_PATH = "/sms/generic/report"
FRESH = 300
TRIES = 3  # a real operator also posts again what was not acknowledged
PAUSE = 0.5


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of ``X-Hotline-Signature``."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a long text this is; ``index`` counts from 1."""

    reference: int
    total: int
    index: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the hotline took one text of a resident."""

    id: str
    status: int
    accepted: bool
    seconds: float
    tries: int


class Operator:
    """Carries texts between phones and the intake on a loopback port."""

    def __init__(self, port: int, secret: str, line: str, phones: Phones, clock: Callable[[], datetime]) -> None:
        self._port = port
        self._secret = secret
        self._line = line
        self._phones = phones
        self._clock = clock

    def verify(self, timestamp: str, signature: str, body: bytes) -> bool:
        """Whether a request of the hotline is signed with our secret, within 5 minutes of now."""
        fresh = timestamp.isdecimal() and abs(self._clock().timestamp() - int(timestamp)) <= FRESH
        return fresh and hmac.compare_digest(sign(self._secret, timestamp, body).encode(), signature.encode())

    def send(self, number: str, text: str, sms_id: str = "", part: Part | None = None) -> Outcome:
        """Carry one text (or one part of a long one) to the hotline; returns when it was taken or given up."""
        sms = self._phones.record_mo(
            number, sms_id or secrets.token_hex(8), text, f"{part.index}/{part.total}" if part else ""
        )
        payload: dict[str, object] = {
            "id": sms.id,
            "from": number,
            "to": self._line,
            "text": text,
            "sent_at": sms.at.isoformat(timespec="milliseconds"),
        }
        if part:
            payload["parts"] = {"reference": part.reference, "total": part.total, "index": part.index}
        status, seconds = self._post_until_taken(MO_PATH, payload, sms)
        accepted = 200 <= status < 300
        sms.status = "accepted" if accepted else "refused"
        self._phones.changed(number)
        return Outcome(sms.id, status, accepted, seconds, sms.tries)

    def take(self, number: str, sms_id: str, text: str, conversation: str, fault: SmsFault) -> bool:
        """Deliver a text of the hotline and report on it later; False when this id has arrived before."""
        sms = self._phones.record_mt(number, sms_id, text, conversation)
        if sms is None:
            return False
        if fault.receipt != "none":
            sms.receipt = "waiting"
            threading.Thread(target=self._report, args=(number, sms, fault), daemon=True).start()
        return True

    def _report(self, number: str, sms: Sms, fault: SmsFault) -> None:
        time.sleep(fault.receipt_delay)
        sms.status, sms.reason = fault.receipt, fault.reason
        self._phones.changed(number)
        payload: dict[str, object] = {"id": sms.id, "status": sms.status, "reason": sms.reason}
        status, _ = self._post_until_taken(REPORT_PATH, payload, sms)
        sms.receipt = "accepted" if 200 <= status < 300 else "refused"
        self._phones.changed(number)

    def _post_until_taken(self, path: str, payload: dict[str, object], sms: Sms) -> tuple[int, float]:
        """Status (0: nobody there) and seconds of the last try; 4xx is final."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        started = time.monotonic()
        status = 0
        for number in range(1, TRIES + 1):
            sms.tries = number
            status = self._post(path, body)
            if 200 <= status < 500:
                break
            if number < TRIES:
                time.sleep(PAUSE)
        return status, round(time.monotonic() - started, 3)

    def _post(self, path: str, body: bytes) -> int:
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Hotline-Timestamp": timestamp,
            "X-Hotline-Signature": sign(self._secret, timestamp, body),
        }
        try:
            return outgoing.call(self._port, path, body=body, headers=headers).status
        except (outgoing.UnreachableError, outgoing.CutOffError):
            return 0
