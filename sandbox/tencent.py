"""Tencent towards the hotline: signs, encrypts, delivers, cuts off after 5 s, delivers again, judges the answer.

A broken or slow answer brings another delivery, three in all. A cut-off delivery is closed on this side only: the
hotline goes on working on it while the next one arrives, as with the real platform.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox import outgoing, passive
from sandbox.chats import Attempt, ChatMessage, Chats, Exchange
from sandbox.crypto import Envelope
from sandbox.faults import DeliveryFault, Faults
from sandbox.messages import ACCOUNT, ResidentMessage, cdata, to_xml
from sandbox.texts import OUTAGE

DELIVERIES = 3
RETRIED = frozenset({"cut", "unreachable", "refused"})
PATH = "/wechat"
FIRST_MSG_ID = 24_000_000_000_000_000
DETAILS = ("event", "event_key", "label", "title", "description", "url", "latitude", "longitude")


@dataclass(frozen=True, slots=True)
class Request:
    """One delivery as it goes over the wire."""

    query: dict[str, str]
    body: bytes


class Tencent:
    """Delivers residents' messages to the intake on a loopback port."""

    def __init__(
        self, port: int, envelope: Envelope, chats: Chats, faults: Faults, clock: Callable[[], datetime]
    ) -> None:
        self._port = port
        self._envelope = envelope
        self._chats = chats
        self._faults = faults
        self._clock = clock
        self._id_lock = threading.Lock()
        self._next_id = FIRST_MSG_ID + time.time_ns() // 1000  # other ids after a restart

    def send(self, openid: str, message: ResidentMessage, *, wait: bool) -> tuple[int, Exchange]:
        """Deliver one message; with ``wait`` until the exchange has ended. Returns the bubble's id and the exchange."""
        exchange = Exchange()
        bubble = self._chats.record(openid, _bubble(message, exchange, self._clock()))
        self._chats.resident_acts(openid, message.event if message.kind == "event" else None)
        created = int(self._clock().timestamp()) if message.create_time is None else message.create_time
        plaintext = to_xml(message, openid, message.id or self._new_id(), created).encode()
        worker = threading.Thread(target=self._run, args=(openid, plaintext, exchange), daemon=True)
        worker.start()
        if wait:
            worker.join()
        return bubble, exchange

    def raw(self, query: dict[str, str], body: bytes, content_type: str) -> outgoing.Answer:
        """Post exactly this; nothing is signed, judged or recorded."""
        return outgoing.call(self._port, PATH, query=query, body=body, headers={"Content-Type": content_type})

    def handshake(self) -> bool:
        """The check of a saved server configuration: does the hotline echo what we signed?"""
        timestamp, nonce, echo = self._timestamp(), secrets.token_hex(5), secrets.token_hex(8)
        query = {
            "signature": self._envelope.signature(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "echostr": echo,
        }
        try:
            answer = outgoing.call(self._port, PATH, method="GET", query=query)
        except (outgoing.UnreachableError, outgoing.CutOffError):
            return False
        return answer.status == 200 and answer.body == echo.encode()

    def request(self, openid: str, plaintext: bytes) -> Request:
        """A freshly signed and encrypted delivery."""
        timestamp, nonce = self._timestamp(), secrets.token_hex(5)
        encrypted = self._envelope.encrypt(plaintext)
        query = {
            "signature": self._envelope.signature(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": openid,
            "encrypt_type": "aes",
            "msg_signature": self._envelope.signature(timestamp, nonce, encrypted),
        }
        body = f"<xml><ToUserName>{cdata(ACCOUNT)}</ToUserName><Encrypt>{cdata(encrypted)}</Encrypt></xml>"
        return Request(query, body.encode())

    def _run(self, openid: str, plaintext: bytes, exchange: Exchange) -> None:
        fault = self._faults.wechat_delivery.take()
        if fault.duplicate > 1:
            self._duplicates(openid, plaintext, exchange, fault)
        else:
            request = self.request(openid, plaintext)
            for number in range(1, DELIVERIES + 1):
                if fault.resign:
                    request = self.request(openid, plaintext)
                exchange.deliveries.append(attempt := Attempt(number))
                self._deliver(openid, request, attempt, fault.delay_cutoff)
                if attempt.outcome not in RETRIED:
                    break
        self._conclude(openid, exchange)

    def _duplicates(self, openid: str, plaintext: bytes, exchange: Exchange, fault: DeliveryFault) -> None:
        request = self.request(openid, plaintext)
        exchange.deliveries.extend(Attempt(number) for number in range(1, fault.duplicate + 1))
        threads = []
        for attempt in exchange.deliveries:
            if fault.resign:
                request = self.request(openid, plaintext)
            arguments = (openid, request, attempt, fault.delay_cutoff)
            thread = threading.Thread(target=self._deliver, args=arguments, daemon=True)
            thread.start()
            threads.append(thread)
            if not fault.overlap:
                thread.join()
        for thread in threads:
            thread.join()

    def _deliver(self, openid: str, request: Request, attempt: Attempt, cutoff: float) -> None:
        self._chats.changed(openid)
        started = time.monotonic()
        try:
            answer = outgoing.call(
                self._port,
                PATH,
                query=request.query,
                body=request.body,
                headers={"Content-Type": "text/xml"},
                limit=cutoff,
            )
        except outgoing.CutOffError as error:
            attempt.outcome, attempt.reason = "cut", str(error)
        except outgoing.UnreachableError as error:
            attempt.outcome, attempt.reason = "unreachable", str(error)
        else:
            self._judge(attempt, answer, openid)
        attempt.seconds = round(time.monotonic() - started, 3)

    def _judge(self, attempt: Attempt, answer: outgoing.Answer, openid: str) -> None:
        attempt.status = answer.status
        if answer.status != 200:
            attempt.outcome, attempt.reason = "refused", f"HTTP {answer.status}"
            return
        try:
            reply = passive.read(answer.body, self._envelope, openid)
        except passive.InvalidReplyError as error:
            attempt.outcome, attempt.reason = "invalid", str(error)
            return
        attempt.outcome = "replied" if reply.kind else "silent"
        attempt.reply = reply.text if reply.kind == "text" else None
        attempt.reason = reply.kind if reply.kind not in ("", "text") else ""

    def _conclude(self, openid: str, exchange: Exchange) -> None:
        answered = [attempt for attempt in exchange.deliveries if attempt.outcome in ("replied", "silent")]
        exchange.reply = next((attempt.reply for attempt in answered if attempt.reply is not None), None)
        exchange.outage = not answered
        if self._chats.gone(openid):
            pass  # who has just unfollowed sees neither a reply nor a banner
        elif exchange.reply is not None:
            self._chats.record(openid, ChatMessage(0, self._clock(), "passive", "text", exchange.reply))
        elif exchange.outage:
            self._chats.record(openid, ChatMessage(0, self._clock(), "outage", "text", OUTAGE))
        exchange.finished = True
        self._chats.changed(openid)

    def _timestamp(self) -> str:
        return str(int(self._clock().timestamp()))

    def _new_id(self) -> int:
        with self._id_lock:
            self._next_id += 1
            return self._next_id


def _bubble(message: ResidentMessage, exchange: Exchange, now: datetime) -> ChatMessage:
    details = {name: str(getattr(message, name)) for name in DETAILS if name in message.model_fields_set}
    text = message.xml if message.kind == "xml" else message.text
    return ChatMessage(0, now, "resident", message.kind, text, message.media_id, details, exchange)
